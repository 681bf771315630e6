import type { Random } from '@parley/netsim';
import {
  CLIENT_MESSAGE_ID_BYTES,
  type ClientMessage,
  type ClientMessageId,
  clientMessages,
  USER_SECRET_BYTES,
  type UserSecret,
} from '@parley/protocol';
import type { Connection } from './connection.ts';
import type { Dialler, Network } from './network.ts';
import type { HostileManner } from './plan/plan.ts';
import type { World } from './world.ts';

/** A client that does not play by the rules. */
export class Hostile implements Dialler {
  readonly #world: World;
  readonly #random: Random;
  readonly #manner: HostileManner;
  readonly #name: string;
  #connection: Connection | undefined;
  #isOver = false;
  #count = 0;

  constructor(
    world: World,
    random: Random,
    network: Network,
    options: { readonly manner: HostileManner; readonly name: string; readonly address: string },
  ) {
    this.#world = world;
    this.#random = random;
    this.#manner = options.manner;
    this.#name = options.name;
    network.dial(this, options.address);
  }

  /** Disturbs nobody any more. */
  stop(): void {
    this.#isOver = true;
    this.#connection?.cut('server');
  }

  onConnected(connection: Connection): void {
    this.#connection = connection;
    if (this.#isOver) {
      connection.cut('server');
      return;
    }
    if (this.#manner === 'deaf') connection.toClient.freeze(Number.MAX_SAFE_INTEGER);
    this.#attack(connection);
  }

  onRefused(): void {}

  onBytes(): void {}

  onGone(): void {
    this.#isOver = true;
  }

  #attack(connection: Connection): void {
    const write = (bytes: Uint8Array) => connection.toServer.write(bytes);
    switch (this.#manner) {
      case 'garbage':
        write(this.#random.bytes(this.#random.integer(1, 40_000)));
        break;
      case 'half-frame':
        this.#enter(write);
        write(clientMessages.encode(this.#message()).subarray(0, 3));
        break;
      case 'flood':
      case 'deaf':
        this.#enter(write);
        this.#repeat(300, () => write(clientMessages.encode(this.#message())));
        break;
      case 'mutant':
        this.#enter(write);
        this.#repeat(20, () => write(this.#mutate(clientMessages.encode(this.#message()))));
        break;
      case 'wrong-order':
        this.#repeat(20, () => {
          if (this.#random.chance(0.3)) this.#enter(write);
          else write(clientMessages.encode(this.#message()));
        });
        break;
      case 'silent':
        break;
    }
  }

  #repeat(countMax: number, action: () => void): void {
    const count = this.#random.integer(1, countMax);
    let atMs = 0;
    for (let index = 0; index < count; index += 1) {
      if (this.#random.chance(0.1)) atMs += this.#random.exponential(500);
      this.#world.after(atMs, () => {
        if (!this.#isOver) action();
      });
    }
  }

  #enter(write: (bytes: Uint8Array) => void): void {
    const secret = this.#random.fork('secret').bytes(USER_SECRET_BYTES) as Uint8Array as UserSecret;
    write(clientMessages.encode({ type: 'hello', versionMin: 1, versionMax: 1, agent: 'hostile' }));
    write(clientMessages.encode({ type: 'register', requestId: 1, nickname: this.#name, secret }));
  }

  #message(): ClientMessage {
    this.#count += 1;
    const requestId = this.#random.integer(0, 50);
    const clientMessageId = this.#random.bytes(CLIENT_MESSAGE_ID_BYTES) as Uint8Array as ClientMessageId;
    const text = `${this.#name} ${this.#count} ${this.#random.chance(0.1) ? 'y'.repeat(4_000) : ''}`;
    const room = this.#random.pick(['lobby', 'one', 'two', 'nowhere', '@0123456789abcdef0123456789abcdef']);
    const sequence = this.#random.integer(0, 100);
    const page = { cursor: this.#random.pick([undefined, '1', 'x']), limit: this.#random.integer(0, 65_535) };
    return this.#random.pick<ClientMessage>([
      { type: 'ping', nonce: requestId },
      { type: 'pong', nonce: requestId },
      { type: 'say', requestId, clientMessageId, room, text },
      { type: 'edit', requestId, clientMessageId, room, sequence, text },
      { type: 'delete', requestId, clientMessageId, room, sequence },
      { type: 'set-topic', requestId, clientMessageId, room, topic: text.slice(0, 100) },
      { type: 'open-direct', requestId, nickname: 'user0' },
      { type: 'join-room', requestId, room },
      { type: 'leave-room', requestId, room, reason: '' },
      { type: 'list-users', requestId, room, ...page },
      { type: 'list-rooms', requestId, ...page },
      { type: 'list-files', requestId, ...page, pattern: '[', order: 'size' },
      { type: 'watch-files', requestId, isWatching: requestId % 2 },
      {
        type: 'request-transfer',
        requestId,
        name: 'a',
        chunkRoot: undefined,
        ranges: undefined,
        version: undefined,
      },
      { type: 'request-folder', requestId, name: 'a', known: undefined, ranges: undefined, begun: undefined },
      { type: 'search', requestId, query: text.slice(0, 100), ...page },
      { type: 'mark-read', requestId, room, sequence: Number.MAX_SAFE_INTEGER },
      {
        type: 'read-history',
        requestId,
        room,
        direction: this.#random.pick(['after', 'before']),
        epoch: this.#random.integer(0, 3),
        sequence: this.#random.pick([0, 1, 20, Number.MAX_SAFE_INTEGER]),
        limit: page.limit,
      },
    ]);
  }

  #mutate(bytes: Uint8Array): Uint8Array {
    const changed = bytes.slice();
    const at = this.#random.integer(0, changed.length - 1);
    changed[at] = this.#random.integer(0, 255);
    return changed;
  }
}
