// The server on real sockets of 127.0.0.1. Everything waits for events, nothing for time.
import { randomBytes } from 'node:crypto';
import { clientMessages } from '@parley/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createMemoryHistoryStore,
  createParleyServer,
  type ParleyServer,
  type ParleyServerOptions,
  type ServerNote,
} from '../../src/index.ts';
import { SocketClient } from '../support/socket-client.ts';
import { messageId } from '../support/virtual-server.ts';

let server: ParleyServer;
let faults: unknown[] = [];
let port = 0;

async function start(options: Partial<ParleyServerOptions> = {}): Promise<void> {
  server = createParleyServer({ host: '127.0.0.1', port: 0, limits: { presenceIntervalMs: 0 }, ...options });
  faults = [];
  server.on('fault', (error) => faults.push(error));
  ({ port } = await server.start());
}

afterEach(async () => {
  await server.stop();
  expect(faults).toEqual([]);
  expect(server.statistics()).toMatchObject({
    connections: 0,
    sessions: 0,
    registered: 0,
    members: 0,
    queuedBytes: 0,
  });
});

/** The next note of that name. */
function noted<Name extends ServerNote['name']>(name: Name): Promise<Extract<ServerNote, { name: Name }>> {
  return new Promise((resolve) => {
    const listener = (note: ServerNote) => {
      if (note.name !== name) return;
      server.off('note', listener);
      resolve(note as Extract<ServerNote, { name: Name }>);
    };
    server.on('note', listener);
  });
}

// CHAT-FRAME-6
test.each([
  [
    'random bytes',
    Buffer.from('deadbeefdeadbeef', 'hex'),
    'expected a frame of at most 16384 bytes, got one of 3735928559',
  ],
  [
    'an HTTP request',
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    'expected a frame of at most 16384 bytes, got one of 1195725856',
  ],
  ['an empty frame', Buffer.alloc(4), 'expected a frame with a type, got an empty one'],
  ['an unknown type', Buffer.from('000000017f', 'hex'), 'no message has the type byte 127'],
  [
    'a body cut short',
    Buffer.from('0000000218ff', 'hex'),
    'leave.reason: expected 2 more bytes, the body has 1',
  ],
])('%s ends that client alone, with the reason', async (_name, bytes, problem) => {
  await start();
  const ann = await SocketClient.user(port, 'ann');
  const hostile = new SocketClient(port);
  hostile.socket.write(bytes);
  expect(await hostile.next('goodbye')).toEqual({
    type: 'goodbye',
    code: 'protocol-violation',
    message: problem,
    reconnectAfterMs: undefined,
  });
  await hostile.closed;
  ann.send({ type: 'say', requestId: 2, clientMessageId: messageId('x'), room: 'lobby', text: 'unharmed' });
  expect(await ann.next('message')).toMatchObject({ text: 'unharmed' });
  expect(server.statistics()).toMatchObject({ sessions: 1, counters: { protocolViolations: 1 } });
});

// CHAT-LOG-3
test('what is said in one turn is one batch', async () => {
  const store = createMemoryHistoryStore();
  const batches: number[] = [];
  const write = store.write.bind(store);
  store.write = (operations) => {
    batches.push(operations.length);
    return write(operations);
  };
  await start({ historyStore: store });
  const ann = await SocketClient.user(port, 'ann');
  batches.length = 0;
  const says = ['one', 'two', 'three'].map((text, index) => {
    const clientMessageId = messageId(text);
    return { type: 'say', requestId: index + 2, clientMessageId, room: 'lobby', text } as const;
  });
  ann.send(...says);
  await ann.count('accepted', 3);
  expect(batches).toEqual([3]);
});

// CHAT-LEFT-1, CHAT-LEFT-2
test('a client that breaks off in the middle of a frame is freed and announced', async () => {
  await start();
  const ann = await SocketClient.user(port, 'ann');
  const bob = await SocketClient.user(port, 'bob');
  const frame = clientMessages.encode({
    type: 'say',
    requestId: 2,
    clientMessageId: messageId('x'),
    room: 'lobby',
    text: 'never finished',
  });
  const ended = noted('session-ended');
  bob.socket.write(frame.subarray(0, 20), () => bob.socket.resetAndDestroy());
  expect(await ann.nextDeparture()).toMatchObject({
    nickname: 'bob',
    cause: 'connection-lost',
    reason: 'connection lost',
  });
  expect((await ended).detail).toContain('in the middle of a message');
  expect(server.statistics()).toMatchObject({ sessions: 1, registered: 1, members: 1 });
  expect(await SocketClient.user(port, 'bob')).toBeDefined();
});

// CHAT-LEAVE-1, CHAT-GOODBYE-1
test('a client that leaves gets its goodbye and the end of the stream', async () => {
  await start();
  const ann = await SocketClient.user(port, 'ann');
  const bob = await SocketClient.user(port, 'bob');
  bob.send({ type: 'leave', reason: 'lunch' });
  expect(await bob.next('goodbye')).toMatchObject({ code: 'left' });
  await bob.closed;
  expect(await ann.nextDeparture()).toMatchObject({ nickname: 'bob', cause: 'left', reason: 'lunch' });
});

// CHAT-GOODBYE-1
test('last words reach a client that is still sending', async () => {
  await start();
  const hostile = new SocketClient(port);
  await hostile.connected();
  hostile.socket.write(Buffer.from('000000017f', 'hex'));
  const keepSending = () => {
    if (!hostile.socket.destroyed) hostile.socket.write(randomBytes(65_536), keepSending);
  };
  keepSending();
  expect(await hostile.next('goodbye')).toMatchObject({ code: 'protocol-violation' });
  hostile.socket.destroy();
});

// CHAT-FRAME-2
test('frames that come one byte at a time are read like all others', async () => {
  await start();
  const client = new SocketClient(port);
  await client.connected();
  const bytes = Buffer.concat([
    clientMessages.encode({ type: 'hello', versionMin: 1, versionMax: 1, agent: 'slow' }),
    clientMessages.encode({ type: 'list-users', requestId: 3, room: 'lobby', cursor: undefined, limit: 0 }),
  ]);
  for (const byte of bytes) await new Promise((resolve) => client.socket.write(Uint8Array.of(byte), resolve));
  expect(await client.next('users')).toMatchObject({ requestId: 3, users: [] });
  client.socket.destroy();
});

// CHAT-BEHIND-2, CHAT-BEHIND-3
test('a client that does not read misses nothing: it finds in the log what was not sent', async () => {
  await start({ limits: { presenceIntervalMs: 0, messages: { burst: 100_000, perSecond: 1_000 } } });
  const ann = await SocketClient.user(port, 'ann');
  const deaf = await SocketClient.user(port, 'deaf');
  await deaf.next('entered');
  deaf.socket.pause();
  const text = 'x'.repeat(4_000);
  let count = 0;
  const sayMore = async () => {
    for (let index = 0; index < 50; index += 1) {
      count += 1;
      const clientMessageId = messageId(`${count}`);
      ann.send({ type: 'say', requestId: count, clientMessageId, room: 'lobby', text });
    }
    await ann.count('accepted', count);
  };
  let isBehind = false;
  void noted('session-behind').then(() => {
    isBehind = true;
  });
  while (!isBehind) await sayMore();
  await sayMore();
  expect(await ann.count('message', count)).toHaveLength(count);
  deaf.socket.resume();
  const { epoch, sequence } = await deaf.next('entered');
  expect(sequence).toBe(count);
  const seen = deaf.received.filter((message) => message.type === 'message').map((one) => one.sequence);
  expect(seen).toEqual(Array.from(seen, (_, index) => index + 1));
  expect(seen.length).toBeLessThan(count);
  for (let last = seen.length; last < count; ) {
    const place = { direction: 'after', epoch, sequence: last, limit: 0 } as const;
    deaf.send({ type: 'read-history', requestId: last, room: 'lobby', ...place });
    const { entries } = await deaf.next('history');
    expect(entries[0]?.sequence).toBe(last + 1);
    last = entries.at(-1)?.sequence ?? Number.NaN;
  }
});

// CHAT-SLOW-1
test('a client that asks and does not read is sent away, and the others go on', async () => {
  const plenty = { burst: 1e6, perSecond: 1 };
  await start({ limits: { presenceIntervalMs: 0, history: plenty, requests: plenty } });
  const ann = await SocketClient.user(port, 'ann');
  for (let line = 1; line <= 60; line += 1) {
    const clientMessageId = messageId(`${line}`);
    ann.send({ type: 'say', requestId: line, clientMessageId, room: 'lobby', text: 'x'.repeat(4_000) });
  }
  await ann.count('accepted', 60);
  const deaf = await SocketClient.user(port, 'deaf');
  const ended = noted('session-ended');
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  deaf.socket.pause();
  const place = { direction: 'after', epoch: 0, sequence: 0, limit: 0 } as const;
  for (let nonce = 0; !isOver; nonce += 1) {
    for (let page = 0; page < 10; page += 1) {
      deaf.send({ type: 'read-history', requestId: page, room: 'lobby', ...place });
    }
    // Whoever else is there is served meanwhile.
    ann.send({ type: 'ping', nonce });
    expect((await ann.next('pong')).nonce).toBe(nonce);
  }
  expect(await ended).toMatchObject({ code: 'slow-reader' });
  expect(await ann.nextDeparture()).toMatchObject({ nickname: 'deaf', reason: 'reads too slowly' });
  deaf.socket.destroy();
});

// CHAT-SAY-1, CHAT-SAY-2, CHAT-SAY-3
test('of 20 clients with 100 messages each, everybody gets every message once, in order', async () => {
  await start();
  const clients = await Promise.all(
    Array.from({ length: 20 }, (_, index) => SocketClient.user(port, `client${index}`)),
  );
  for (const [index, client] of clients.entries()) {
    for (let number = 0; number < 100; number += 1) {
      const text = `${index}:${number}`;
      client.send({ type: 'say', requestId: number, clientMessageId: messageId(text), room: 'lobby', text });
    }
  }
  for (const client of clients) {
    const messages = await client.count('message', 2_000);
    expect(messages.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 2_000 }, (_, at) => at + 1),
    );
    for (let index = 0; index < 20; index += 1) {
      const fromOne = messages.filter(({ from }) => from === `client${index}`).map(({ text }) => text);
      expect(fromOne).toEqual(Array.from({ length: 100 }, (_, number) => `${index}:${number}`));
    }
    expect(await client.count('accepted', 100)).toHaveLength(100);
    client.socket.destroy();
  }
});

// CHAT-GOODBYE-3, CHAT-GOODBYE-2
test('stopping says goodbye to everybody and frees the port', async () => {
  await start();
  const ann = await SocketClient.user(port, 'ann');
  const silent = new SocketClient(port);
  await silent.connected();
  await server.stop({ message: 'back soon', reconnectAfterMs: 3_000 });
  for (const client of [ann, silent]) {
    expect(await client.next('goodbye')).toEqual({
      type: 'goodbye',
      code: 'server-stopping',
      message: 'back soon',
      reconnectAfterMs: 3_000,
    });
    await client.closed;
  }
  const other = createParleyServer({ host: '127.0.0.1', port });
  expect(await other.start()).toEqual({ host: '127.0.0.1', port });
  await other.stop();
});

test('a port that is taken is a rejected start', async () => {
  await start();
  const other = createParleyServer({ host: '127.0.0.1', port });
  await expect(other.start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

describe('options that make no sense', () => {
  test.each([
    [{ motd: 'a\u001b[2J' }, 'motd: text has no control characters except line feed and tab'],
    [{ motd: 'x'.repeat(2_049) }, 'motd has at most 2048 bytes, this one has 2049'],
    [{ serverName: 'é'.repeat(65) }, 'serverName has at most 128 bytes, this one has 130'],
  ])('%j', async (options, problem) => {
    await start();
    expect(() => createParleyServer({ host: '127.0.0.1', port: 0, ...options })).toThrow(problem);
  });
});
