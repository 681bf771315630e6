import type { Random } from '@parley/netsim';
import type { StreamOptions } from './byte-stream.ts';
import { Connection, type ConnectionSide } from './connection.ts';
import type { ServerMachine } from './server-machine.ts';
import type { World } from './world.ts';

/** What a dialler wants to know. */
export interface Dialler extends ConnectionSide {
  onConnected(connection: Connection): void;
  onRefused(): void;
}

const GOOD_LINE: StreamOptions = {
  delayMsMin: 1,
  delayMsMax: 20,
  chunkBytesMax: 65_536,
  windowBytes: 262_144,
};

/** Makes connections to the server, over lines that are drawn. */
export class Network {
  readonly #world: World;
  readonly #random: Random;
  /** Shared by all lines, so that they become better all at once. */
  readonly #options: { -readonly [Name in keyof StreamOptions]: StreamOptions[Name] };
  readonly #server: Pick<ServerMachine, 'accept'>;
  #dialled = 0;
  #deadUntilMs = 0;

  constructor(world: World, random: Random, options: StreamOptions, server: Pick<ServerMachine, 'accept'>) {
    this.#world = world;
    this.#random = random;
    this.#options = { ...options };
    this.#server = server;
  }

  /** Nobody can connect before this time; attempts are not even refused. */
  blackOut(untilMs: number): void {
    this.#deadUntilMs = Math.max(this.#deadUntilMs, untilMs);
  }

  /** From now on all lines are good. */
  calm(): void {
    Object.assign(this.#options, GOOD_LINE);
  }

  dial(dialler: Dialler, address: string): void {
    this.#dialled += 1;
    const random = this.#random.fork(`connection ${this.#dialled}`);
    const delayMs = this.#options.delayMsMin + random.ratio() * this.#options.delayMsMax;
    this.#world.after(delayMs, () => {
      if (this.#world.now < this.#deadUntilMs) return;
      const side = this.#server.accept(address);
      if (side === undefined) {
        this.#world.after(delayMs, () => dialler.onRefused());
        return;
      }
      const connection = new Connection(this.#world, random, this.#options, {
        client: dialler,
        server: side,
      });
      side.open(connection);
      this.#world.after(delayMs, () => dialler.onConnected(connection));
    });
  }
}
