// Random clients against the domain in virtual time. Every run is a function of its seed, which stands in the test's name:
// run one again with `vitest run --project server-core simulation -t "seed 3"`.
import { seededRandom } from '@parley/netsim';
import type { Sha256, Ticket, TransferId, TransferOutcome } from '@parley/protocol';
import { describe, expect, test } from 'vitest';
import { messageId, secretOf, type VirtualClient, VirtualServer } from '../support/virtual-server.ts';

const SEEDS = Array.from({ length: 8 }, (_, index) => index + 1);

/** What one client saw: each sender's messages in the order in which they came. */
function seenBySender(client: VirtualClient): Map<string, string[]> {
  const seen = new Map<string, string[]>();
  for (const message of client.takeOnly('message')) {
    const texts = seen.get(message.from) ?? [];
    texts.push(message.text ?? '');
    seen.set(message.from, texts);
  }
  return seen;
}

// CHAT-SAY-1, CHAT-SAY-2, CHAT-SAY-3
test.each(SEEDS)(
  'seed %i: of 20 clients with 100 messages each, everybody sees every message once, in order',
  (seed) => {
    const random = seededRandom(seed);
    const server = new VirtualServer();
    const names = Array.from({ length: 20 }, (_, index) => `client${index}`);
    const clients = names.map((name) => server.user(name));
    const left = names.map(() => 100);
    const order: number[] = [];
    while (left.some((count) => count > 0)) {
      const index = Math.floor(random() * 20);
      if ((left[index] as number) === 0) continue;
      left[index] = (left[index] as number) - 1;
      clients[index]?.say(`${index}:${99 - (left[index] as number)}`, messageId(`${index}:${left[index]}`));
      order.push(index);
      server.advance(random() * 20);
    }
    const expected = new Map(
      names.map((name, index) => [name, Array.from({ length: 100 }, (_, count) => `${index}:${count}`)]),
    );
    for (const client of clients) {
      const sequences = client.inbox.flatMap((message) =>
        message.type === 'message' ? [message.sequence] : [],
      );
      expect(sequences).toEqual(Array.from({ length: 2_000 }, (_, index) => index + 1));
      expect(client.inbox.filter(({ type }) => type === 'accepted')).toHaveLength(100);
      expect(seenBySender(client)).toEqual(expected);
    }
  },
);

/** A client's picture of the room, kept up to date by what it is told. */
class RoomView {
  readonly client: VirtualClient;
  readonly nickname: string;
  readonly present = new Set<string>();
  lastSequence = 0;
  /** A deaf client answers no pings. */
  isDeaf = false;

  constructor(client: VirtualClient, nickname: string) {
    this.client = client;
    this.nickname = nickname;
  }

  update(): void {
    for (const message of this.client.take()) {
      if (message.type === 'entered') this.lastSequence = message.sequence;
      if (message.type === 'users') for (const { nickname } of message.users) this.present.add(nickname);
      if (message.type === 'presence') {
        for (const { nickname } of message.left) expect(this.present.delete(nickname)).toBe(true);
        for (const { nickname } of message.joined) this.present.add(nickname);
      }
      if (message.type === 'message') {
        expect(message.sequence).toBe(this.lastSequence + 1);
        this.lastSequence = message.sequence;
      }
      if (message.type === 'ping' && !this.isDeaf) this.client.send({ type: 'pong', nonce: message.nonce });
    }
  }
}

describe('clients that come, talk, transfer, leave, fall silent and break', () => {
  // CHAT-LEFT-1, CHAT-REGISTER-2, CHAT-TRANSFER-7
  test.each(SEEDS)('seed %i: every view equals the room, and nothing is left over', (seed) => {
    const random = seededRandom(1_000 + seed);
    const server = new VirtualServer();
    const host = new RandomHost(server, random);
    const views = new Set<RoomView>();
    let count = 0;
    for (let step = 0; step < 1_500; step += 1) {
      const view = [...views][Math.floor(random() * views.size)];
      const choice = random();
      if (choice < 0.15 || view === undefined) {
        count += 1;
        const client = server.observer();
        const added = new RoomView(client, `user${count}`);
        client.send({
          type: 'register',
          requestId: 1,
          nickname: added.nickname,
          secret: secretOf(added.nickname),
        });
        client.send({ type: 'list-users', requestId: 2, room: 'lobby', cursor: undefined, limit: 0 });
        views.add(added);
      } else if (choice < 0.55) {
        view.client.say(`text ${step}`);
      } else if (choice < 0.65) {
        view.client.send({
          type: 'request-transfer',
          requestId: step,
          name: 'a.bin',
          chunkRoot: undefined,
          ranges: undefined,
          version: undefined,
        });
      } else if (choice < 0.7) {
        view.client.send({ type: 'leave', reason: 'enough' });
      } else if (choice < 0.75) {
        view.client.vanish();
      } else if (choice < 0.77) {
        const { connectionId } = view.client;
        server.handle({ type: 'decode-failed', connectionId, problem: 'garbage' });
      } else if (choice < 0.79) {
        view.isDeaf = true;
      } else if (choice < 0.87) {
        host.act();
      } else {
        server.advance(random() * 20_000);
      }
      for (const one of views) one.update();
      for (const one of views) if (one.client.isClosed) views.delete(one);
      const present = new Set(Array.from(views, ({ nickname }) => nickname));
      for (const one of views) expect(one.present).toEqual(present);
    }
    for (const { client } of views) client.vanish();
    while (!host.isIdle) host.act();
    expect(count).toBeGreaterThan(100);
    const goodbyes = server.notes.flatMap((note) => (note.name === 'session-ended' ? [note.code] : []));
    expect(new Set(goodbyes)).toEqual(new Set([undefined, 'left', 'protocol-violation', 'peer-silent']));
    expect(server.server.statistics()).toMatchObject({
      sessions: 0,
      registered: 0,
      deadlines: 0,
      members: 0,
      transfers: 0,
      pendingRequests: 0,
    });
  });
});

/** The disk and the transfer host: they take, refuse, complete and cancel, in their own time. */
class RandomHost {
  readonly #server: VirtualServer;
  readonly #random: () => number;
  readonly #open = new Set<TransferId>();

  constructor(server: VirtualServer, random: () => number) {
    this.#server = server;
    this.#random = random;
  }

  get isIdle(): boolean {
    return this.#server.openings.length === 0 && this.#open.size === 0;
  }

  act(): void {
    const opening = this.#server.openings.shift();
    if (opening !== undefined) this.#take(opening.transferId);
    for (const { transferId } of this.#server.cancellations.splice(0)) this.#end(transferId, 'cancelled');
    const [running] = this.#open;
    if (running !== undefined && this.#random() < 0.7) this.#end(running, 'completed');
  }

  #take(transferId: TransferId): void {
    if (this.#random() < 0.3) {
      this.#server.handle({ type: 'transfer-refused', transferId, code: 'file-not-found', message: 'gone' });
      return;
    }
    this.#open.add(transferId);
    this.#server.handle({
      type: 'transfer-opened',
      transferId,
      ticket: new Uint8Array(32) as Ticket,
      ticketLifetimeMs: 30_000,
      udpPort: 1,
      size: 10,
      modifiedAt: 0,
      digests: { chunkRoot: new Uint8Array(32) as Sha256, sha256: new Uint8Array(32) as Sha256 },
      bytesToSend: 1,
    });
  }

  #end(transferId: TransferId, outcome: TransferOutcome): void {
    if (!this.#open.delete(transferId)) return;
    this.#server.handle({ type: 'transfer-ended', transferId, outcome, bytesSent: 0, message: '' });
  }
}
