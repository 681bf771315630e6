import type { Random } from '@parley/netsim';
import { ByteStream, type StreamOptions } from './byte-stream.ts';
import type { World } from './world.ts';

/** One side of a connection. */
export interface ConnectionSide {
  onBytes(bytes: Uint8Array): void;
  /** The other side ended the connection in order, or it broke. Told once. */
  onGone(detail: 'ended' | 'reset'): void;
}

/** Who hears of a cut. Who does not hear of it sits before a dead line. */
export type CutHearing = 'both' | 'client' | 'server' | 'nobody';

/** A TCP connection between a client and the server. */
export class Connection {
  readonly #world: World;
  readonly #random: Random;
  readonly #client: ConnectionSide;
  readonly #server: ConnectionSide;
  readonly toServer: ByteStream;
  readonly toClient: ByteStream;
  readonly #gone = { client: false, server: false };
  #isCut = false;

  constructor(
    world: World,
    random: Random,
    options: StreamOptions,
    sides: { readonly client: ConnectionSide; readonly server: ConnectionSide },
  ) {
    this.#world = world;
    this.#random = random;
    this.#client = sides.client;
    this.#server = sides.server;
    this.toServer = new ByteStream(world, random.fork('to server'), options, {
      onBytes: (bytes) => this.#server.onBytes(bytes),
      onEnd: () => this.#tell('server', 'ended'),
    });
    this.toClient = new ByteStream(world, random.fork('to client'), options, {
      onBytes: (bytes) => this.#client.onBytes(bytes),
      onEnd: () => this.#tell('client', 'ended'),
    });
  }

  /** The connection breaks, wherever its bytes are. */
  cut(hearing: CutHearing): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.toServer.kill();
    this.toClient.kill();
    const isHeardBy = (side: 'client' | 'server') => hearing === 'both' || hearing === side;
    for (const side of ['client', 'server'] as const) {
      if (isHeardBy(side)) this.#world.after(this.#random.ratio() * 300, () => this.#tell(side, 'reset'));
    }
  }

  /** Nothing gets through before this time. */
  freeze(untilMs: number): void {
    this.toServer.freeze(untilMs);
    this.toClient.freeze(untilMs);
  }

  #tell(side: 'client' | 'server', detail: 'ended' | 'reset'): void {
    if (this.#gone[side]) return;
    this.#gone[side] = true;
    (side === 'client' ? this.#client : this.#server).onGone(detail);
  }
}
