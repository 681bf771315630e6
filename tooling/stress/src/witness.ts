import { setTimeout as after } from 'node:timers/promises';
import { USER_SECRET_BYTES, type UserSecret } from '@parley/protocol';
import { RawClient } from './raw-client.ts';

const NICKNAME = 'witness';
const RETRY_MS = 200;

/**
 * Somebody who is here without a relay and without a client that mends what was missed: of everything that is said in the
 * lobby the server has to send each entry, each once, in its order (CHAT-SAY-2).
 */
export class Witness {
  readonly problems: string[] = [];
  /** Entries that came. */
  count = 0;
  readonly #port: number;
  readonly #secret: UserSecret;
  #client: RawClient | undefined;
  #isOver = false;

  constructor(port: number, secret: Uint8Array) {
    this.#port = port;
    this.#secret = secret.slice(0, USER_SECRET_BYTES) as UserSecret;
  }

  /** Watches, and comes back when the server does, until it is stopped. */
  async watch(): Promise<void> {
    while (!this.#isOver) {
      const client = new RawClient(this.#port, 'tls');
      this.#client = client;
      client.send({ type: 'hello', versionMin: 1, versionMax: 1, agent: NICKNAME });
      client.send({ type: 'register', requestId: 1, nickname: NICKNAME, secret: this.#secret });
      await client.ended;
      this.#check(client);
      if (!this.#isOver) await after(RETRY_MS);
    }
  }

  /** Ends it, once everything that was sent has come. */
  stop(): void {
    this.#isOver = true;
    this.#client?.send({ type: 'leave', reason: '' });
  }

  #check({ received }: RawClient): void {
    let place: number | undefined;
    for (const message of received) {
      if (message.type === 'entered' && message.room === 'lobby') place = message.sequence;
      if (message.type !== 'message' || message.room !== 'lobby') continue;
      this.count += 1;
      if (place === undefined || message.sequence !== place + 1)
        this.problems.push(`lobby: ${NICKNAME} was sent ${message.sequence} after ${place}`);
      place = message.sequence;
    }
  }
}
