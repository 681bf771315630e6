import {
  ChatClient,
  type ClientCommand,
  type ClientEffect,
  type ClientEvent,
  type ClientNotification,
  TransferEngine,
} from '@parley/client-core';
import { TransferDesk } from '@parley/client-core/parts';
import type { Random } from '@parley/netsim';
import type { UserSecret } from '@parley/protocol';
import { ClientLine } from '../chat/client-line.ts';
import type { Network } from '../chat/network.ts';
import type { Settlement } from '../chat/program.ts';
import type { World } from '../chat/world.ts';
import type { SimulatedFileSystem } from './disk/disk-file-system.ts';
import type { SimulatedProcess } from './host/simulated-process.ts';
import type { SimulatedUdp } from './network/simulated-udp.ts';

/** What a user's program is made of. */
export interface ClientProgramOptions {
  readonly world: World;
  readonly process: SimulatedProcess;
  readonly fileSystem: SimulatedFileSystem;
  readonly network: Network;
  readonly udp: SimulatedUdp;
  readonly random: Random;
  readonly name: string;
  /** Bytes that move at most, in each direction. */
  readonly bytesPerSecondMax: number | undefined;
  readonly secret: UserSecret;
  readonly onNotification: (notification: ClientNotification) => void;
  readonly onException: (error: unknown) => void;
}

/** One life of a user's program: the real client core, its desk and its engine of downloads, with a driver in virtual time. */
export class ClientProgram {
  readonly core: ChatClient;
  readonly #options: ClientProgramOptions;
  readonly #desk: TransferDesk;
  readonly #waiting = new Map<number, (settlement: Settlement) => void>();
  #line: ClientLine | undefined;
  #events: ClientEvent[] = [];
  #isHandling = false;
  #lastCommandId = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ClientProgramOptions) {
    const { random, secret, process, fileSystem, udp } = options;
    this.#options = options;
    this.core = new ChatClient({
      agent: 'simulated/1',
      randomBytes: (count) => random.bytes(count),
      secret,
      reconnects: true,
    });
    this.#desk = new TransferDesk({
      createHost: () =>
        new TransferEngine({
          connect: udp.connectFor(process),
          fileSystem,
          folderFileSystem: fileSystem,
          sourceFileSystem: fileSystem,
          bytesPerSecondMax: this.#options.bytesPerSecondMax,
        }),
      server: () => ({ host: 'server', tcpPort: 1 }),
      onEvent: (event) => this.#handle(event),
    });
    process.atEnd(() => this.#line?.abandon(random.chance(0.7)));
  }

  /** The control connection at the moment, if there is one. */
  get connection() {
    return this.#line?.connection;
  }

  start(): void {
    this.#handle({ type: 'started' });
  }

  command(command: ClientCommand, onSettled: (settlement: Settlement) => void = () => {}): void {
    this.#lastCommandId += 1;
    const commandId = this.#lastCommandId;
    this.#options.world.log(() => `${this.#options.name}: ${JSON.stringify(command)}`);
    this.#waiting.set(commandId, onSettled);
    this.#handle({ type: 'command', commandId, command });
  }

  /** The session is over: ends what runs. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#desk.close();
  }

  #handle(event: ClientEvent): void {
    this.#events.push(event);
    if (this.#isHandling) return;
    this.#isHandling = true;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) {
        for (const effect of this.core.handle(next, performance.now())) this.#carryOut(effect);
      }
    } catch (error) {
      this.#options.onException(error);
    } finally {
      this.#isHandling = false;
    }
    this.#armTimer();
  }

  #carryOut(effect: ClientEffect): void {
    switch (effect.type) {
      case 'send':
        this.#line?.send(effect.message);
        break;
      case 'connect':
        this.#connect();
        break;
      case 'end-connection':
        this.#line?.end();
        break;
      case 'command-succeeded':
        this.#settle(effect.commandId, { isOk: true, result: effect.result });
        break;
      case 'command-failed':
        this.#options.world.log(() => `${this.#options.name}: ${effect.error.code}: ${effect.error.message}`);
        this.#settle(effect.commandId, { isOk: false, error: effect.error });
        break;
      case 'notify':
        this.#notify(effect.notification);
        break;
      default:
        this.#desk.carryOut(effect);
    }
  }

  #notify(notification: ClientNotification): void {
    const { world, name, onNotification } = this.#options;
    if (notification.type === 'transfer-changed') {
      const { number, name: file, state, receivedBytes, failure } = notification.transfer;
      world.log(
        () =>
          `${name}: transfer ${number} of ${file} ${state}, ${receivedBytes} bytes ${failure?.code ?? ''}`,
      );
      this.#desk.handleChange(notification.transfer);
    } else world.log(() => `${name}: is told ${notification.type}`);
    onNotification(notification);
  }

  #connect(): void {
    const { world, network, name, process } = this.#options;
    const forCurrent = (run: () => void) =>
      process.enter(() => {
        // What an earlier line has to say interests nobody any more.
        if (this.#line === line) run();
      });
    const line: ClientLine = new ClientLine(world, network, name, {
      onConnected: () => forCurrent(() => this.#handle({ type: 'connected' })),
      onMessage: (message) => forCurrent(() => this.#handle({ type: 'received', message })),
      onTrouble: (trouble) => forCurrent(() => this.#handle({ type: 'connection-ended', trouble })),
    });
    this.#line = line;
  }

  #settle(commandId: number, settlement: Settlement): void {
    const onSettled = this.#waiting.get(commandId);
    this.#waiting.delete(commandId);
    onSettled?.(settlement);
  }

  #armTimer(): void {
    clearTimeout(this.#timer);
    const { deadline } = this.core;
    if (deadline === undefined) return;
    const delayMs = Math.max(0, Math.ceil(deadline - performance.now()));
    this.#timer = setTimeout(() => this.#handle({ type: 'deadline' }), delayMs);
  }
}
