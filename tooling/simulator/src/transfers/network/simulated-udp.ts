import type { Random } from '@parley/netsim';
import { type connect, type listen, RejectCode, ResetCode, RudpError } from '@parley/rudp';
import { type Connection, type ConnectionLink, RudpConnection, RudpListener } from '@parley/rudp/streams';
import type { World } from '../../chat/world.ts';
import type { SimulatedProcess } from '../host/simulated-process.ts';
import { type StreamEnd, StreamPath, type StreamPathPlan } from './stream-path.ts';
import { StreamSide } from './stream-side.ts';

type ConnectOptions = Parameters<typeof connect>[0];
type ListenOptions = Parameters<typeof listen>[0];

/** As the real transport, unless told otherwise. */
const IDLE_TIMEOUT_MS = 30_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Where a line breaks because of what went over it, both ends hear of it soon. */
const BREAK_NOTICED_MS = 100;

/** In the order of the sides of a pair. */
const ENDS: readonly StreamEnd[] = ['client', 'server'];

interface Listening {
  readonly process: SimulatedProcess;
  readonly options: NonNullable<ListenOptions>;
  readonly listener: RudpListener;
}

interface Pair {
  readonly path: StreamPath;
  readonly sides: readonly [client: StreamSide, server: StreamSide | undefined];
}

/** What the network is made of. */
export interface SimulatedUdpOptions {
  readonly world: World;
  readonly random: Random;
  readonly plan: StreamPathPlan;
  /** Hears of bytes that arrived, at a client or from it. */
  readonly onArrived: (
    client: SimulatedProcess,
    direction: 'download' | 'upload',
    byteLength: number,
  ) => void;
}

/**
 * The network that files go over. Both ends get the real streams of the transport's driver; what would be its endpoints, with
 * their packets, is simulated here: the transport has a simulator of its own.
 */
export class SimulatedUdp {
  readonly #world: World;
  readonly #random: Random;
  readonly #plan: StreamPathPlan;
  readonly #onArrived: SimulatedUdpOptions['onArrived'];
  readonly #listening = new Map<number, Listening>();
  readonly #pairs = new Set<Pair>();
  /** Bytes that have arrived on each path. */
  readonly #worn = new WeakMap<StreamPath, number>();
  /** Those whose connections end with them. */
  readonly #watched = new WeakSet<SimulatedProcess>();
  #opened = 0;
  #isDark = false;
  #isWhole = false;

  constructor(options: SimulatedUdpOptions) {
    this.#world = options.world;
    this.#random = options.random;
    this.#plan = options.plan;
    this.#onArrived = options.onArrived;
  }

  /** Sides of live processes that have not heard of an end. */
  get openSides(): readonly StreamSide[] {
    const sides = [...this.#pairs].flatMap((pair) => pair.sides);
    return sides.filter((side) => side !== undefined && !side.isOver && side.process.isAlive) as StreamSide[];
  }

  /** From now on no connection breaks because of what arrived on it. */
  calm(): void {
    this.#isWhole = true;
  }

  /** No handshake gets through while it is dark. */
  setDark(isDark: boolean): void {
    this.#isDark = isDark;
  }

  /** Breaks one of the connections, if there is any: for good, or for a while; both directions, or what goes to one of the ends. */
  disturb(lastsMs: number, deaf: 'both' | StreamEnd): void {
    const open = [...this.#pairs].filter(({ sides }) => sides.some((side) => side && !side.isOver));
    if (open.length === 0) return;
    const pair = this.#random.pick(open);
    if (lastsMs >= IDLE_TIMEOUT_MS) {
      this.#cut(pair, deaf);
      return;
    }
    for (const end of ENDS)
      if (deaf === 'both' || deaf === end) pair.path.goDown(end, this.#world.now + lastsMs);
  }

  /** The server's sides of the open connections of a user. */
  servedSidesOf(name: string): StreamSide[] {
    const pairs = [...this.#pairs].filter(({ sides: [client] }) => client.process.name === name);
    return pairs.flatMap(({ sides: [, served] }) => (served === undefined || served.isOver ? [] : [served]));
  }

  /** What stands in for `connect` in a process. */
  connectFor(process: SimulatedProcess): typeof connect {
    return (options) => new RudpConnection(() => this.#open(process, options), {});
  }

  /** What stands in for `listen` in a process. */
  listenFor(process: SimulatedProcess): typeof listen {
    return async (options = {}) => {
      process.step();
      const { host = 'server', port = 0 } = options;
      const sides = new Set<StreamSide>();
      const driver = {
        register: (side: StreamSide, handler: Parameters<StreamSide['register']>[0]) => {
          sides.add(side);
          side.register(handler);
        },
        wake: () => {
          for (const side of sides) side.pump();
        },
        now: () => this.#world.now,
        close: () => {
          for (const side of sides) side.reset(0, ResetCode.endpointClosed, 'closed');
        },
      };
      const socket = {
        local: { host, port },
        statistics: () => ({}),
        close: async () => void this.#listening.delete(port),
      };
      const listener = new RudpListener({ socket, driver, allowHalfOpen: true } as never);
      this.#listening.set(port, { process, options, listener });
      process.atEnd(() => {
        this.#listening.delete(port);
        this.#silence(process);
      });
      return listener;
    };
  }

  #open(process: SimulatedProcess, options: ConnectOptions): Promise<ConnectionLink> {
    process.step();
    this.#opened += 1;
    const random = this.#random.fork(`connection ${this.#opened}`);
    const path = new StreamPath(this.#world, random.fork('path'), this.#plan);
    const side = new StreamSide({
      world: this.#world,
      random,
      process,
      path,
      end: 'client',
      remote: { host: options.host, port: options.port },
      onArrived: (byteLength) => {
        this.#onArrived(process, 'download', byteLength);
        this.#wear(path, byteLength);
      },
    });
    if (!this.#watched.has(process)) process.atEnd(() => this.#silence(process));
    this.#watched.add(process);
    const driver = {
      register: (_side: StreamSide, handler: Parameters<StreamSide['register']>[0]) => {
        side.register(handler);
        this.#shakeHands(side, path, random, { options, handler });
      },
      wake: () => side.pump(),
      now: () => this.#world.now,
    };
    return Promise.resolve({ connection: side, driver } as unknown as ConnectionLink);
  }

  #shakeHands(
    side: StreamSide,
    path: StreamPath,
    random: Random,
    client: { readonly options: ConnectOptions; readonly handler: { onEstablished(): void } },
  ): void {
    const { port, preSharedKey } = client.options;
    const pair: Pair = { path, sides: [side, undefined] };
    this.#pairs.add(pair);
    if (this.#isDark) {
      this.#world.after(HANDSHAKE_TIMEOUT_MS, () => side.close({ kind: 'handshake-timed-out' }));
      return;
    }
    path.carry('server', () => {
      const listening = this.#listening.get(port);
      if (listening === undefined || side.isOver) {
        const cause = random.chance(0.5) ? new RudpError('unreachable', 'nothing answers there') : undefined;
        if (cause) side.close({ kind: 'endpoint-closed' }, cause);
        else this.#world.after(HANDSHAKE_TIMEOUT_MS, () => side.close({ kind: 'handshake-timed-out' }));
        return;
      }
      listening.process.enter(() => {
        const accepted = listening.options.acceptPreSharedKey?.(preSharedKey?.identity ?? new Uint8Array());
        const isRight = accepted && Buffer.compare(accepted.key, preSharedKey?.key ?? accepted.key) === 0;
        if (!isRight) {
          path.carry('client', () => side.close({ kind: 'refused', code: RejectCode.keyRefused }));
          return;
        }
        accepted.consume?.();
        const served = this.#accept(listening, side, { path, random, context: accepted.context });
        this.#pairs.delete(pair);
        this.#pairs.add({ path, sides: [side, served] });
        path.carry('client', () => {
          if (!side.isOver) side.process.enter(() => client.handler.onEstablished());
          side.pump();
        });
        listening.listener.handleAccepted(served as unknown as Connection);
      });
    });
  }

  #accept(
    { process }: Listening,
    client: StreamSide,
    { path, random, context }: { path: StreamPath; random: Random; context: unknown },
  ): StreamSide {
    const side = new StreamSide({
      world: this.#world,
      random: random.fork('server'),
      process,
      path,
      end: 'server',
      remote: { host: 'client', port: 1 },
      context,
      onArrived: (byteLength) => {
        this.#onArrived(client.process, 'upload', byteLength);
        this.#wear(path, byteLength);
      },
    });
    side.join(client);
    return side;
  }

  /** Bytes have arrived: a path that bears no more of them breaks. */
  #wear(path: StreamPath, byteLength: number): void {
    const worn = (this.#worn.get(path) ?? 0) + byteLength;
    this.#worn.set(path, worn);
    if (this.#isWhole || worn < (this.#plan.breaksAfterBytes ?? Number.POSITIVE_INFINITY)) return;
    this.#worn.delete(path);
    for (const pair of this.#pairs) if (pair.path === path) this.#cut(pair, 'both', BREAK_NOTICED_MS);
  }

  /** A process is gone: those that it talked to hear nothing any more. */
  #silence(process: SimulatedProcess): void {
    for (const pair of this.#pairs) {
      if (pair.sides.some((side) => side?.process === process)) this.#cut(pair, 'both');
      if (pair.sides.every((side) => side === undefined || side.isOver)) this.#pairs.delete(pair);
    }
  }

  /** A side that hears nothing any more gives up in silence, and then the other one hears nothing either. */
  #cut({ path, sides }: Pair, deaf: 'both' | StreamEnd, noticedMs = IDLE_TIMEOUT_MS): void {
    for (const [index, end] of ENDS.entries()) {
      const isDeaf = deaf === 'both' || deaf === end;
      if (isDeaf) path.cut(end);
      const lateMs = noticedMs * ((isDeaf ? 1 : 2) + 0.2 * this.#random.ratio());
      this.#world.after(lateMs, () => sides[index]?.close({ kind: 'idle-timed-out' }));
    }
  }
}
