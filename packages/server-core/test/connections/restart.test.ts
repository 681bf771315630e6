// The whole server, stopped and started again on the same history. On a busy machine threads take their time to start.
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  createParleyServer,
  createSqliteHistoryStore,
  type HistoryStore,
  type ParleyServer,
} from '../../src/index.ts';
import { startSqliteWorker, type ThreadHandle } from '../../src/node/history/sqlite/sqlite-thread.ts';
import { makeFolder } from '../history/temporary-folder.ts';
import { SocketClient } from '../support/socket-client.ts';
import { messageId, secretOf } from '../support/virtual-server.ts';

interface Running {
  readonly server: ParleyServer;
  readonly port: number;
  readonly faults: unknown[];
}

async function start(historyStore: HistoryStore): Promise<Running> {
  const server = createParleyServer({
    host: '127.0.0.1',
    port: 0,
    limits: { presenceIntervalMs: 0 },
    historyStore,
  });
  const faults: unknown[] = [];
  server.on('fault', (error) => faults.push(error));
  onTestFinished(() => server.stop());
  const { port } = await server.start();
  return { server, port, faults };
}

let requestId = 10;

function say(room: string, text: string) {
  requestId += 1;
  return { type: 'say', requestId, clientMessageId: messageId(text), room, text } as const;
}

function readAfter(room: string, epoch: number, sequence: number) {
  requestId += 1;
  return { type: 'read-history', requestId, room, direction: 'after', epoch, sequence, limit: 0 } as const;
}

// CHAT-LOG-3, CHAT-LOG-5, CHAT-REGISTER-4, CHAT-SAY-4, CHAT-READ-1
test('keeps rooms, topics, messages, conversations and read markers; who comes back gets what it missed', async () => {
  const file = join(await makeFolder(), 'history.sqlite3');
  const first = await start(createSqliteHistoryStore({ file }));
  const ann = await SocketClient.user(first.port, 'ann');
  const lobby = await ann.next('entered');
  ann.send({ type: 'create-room', requestId: 2, room: 'Kitchen', topic: 'cake' });
  const kitchen = await ann.next('entered');
  const bob = await SocketClient.user(first.port, 'bob');
  ann.send({ type: 'open-direct', requestId: 3, nickname: 'bob' });
  const direct = await ann.next('entered');
  ann.send(say('lobby', 'one'), say('Kitchen', 'a secret recipe'), say(direct.room, 'psst'));
  ann.send({
    type: 'set-topic',
    requestId: 4,
    clientMessageId: messageId('topic'),
    room: 'Kitchen',
    topic: 'tea',
  });
  await ann.count('accepted', 4);
  ann.send({ type: 'mark-read', requestId: 5, room: 'lobby', sequence: 1 });
  while ((await ann.next('done')).requestId !== 5);
  ann.socket.destroy();
  await ann.closed;
  // What ann misses.
  bob.send(say('lobby', 'two'), say(direct.room, 'are you there?'), say('lobby', 'three'));
  await bob.count('accepted', 3);
  await first.server.stop();

  const second = await start(createSqliteHistoryStore({ file }));
  const back = await SocketClient.user(second.port, 'ann');
  const entered = await back.count('entered', 2);
  expect(entered).toMatchObject([
    { room: lobby.room, epoch: lobby.epoch, first: 1, sequence: 3 },
    { room: direct.room, kind: 'direct', peer: 'bob', epoch: direct.epoch, sequence: 2 },
  ]);
  expect(await back.next('read-marker')).toEqual({ type: 'read-marker', room: lobby.room, sequence: 1 });
  back.send(readAfter('lobby', lobby.epoch, 1), readAfter(direct.room, direct.epoch, 1));
  expect(await back.count('history', 2)).toMatchObject([
    {
      room: lobby.room,
      epoch: lobby.epoch,
      entries: [
        { sequence: 2, text: 'two' },
        { sequence: 3, text: 'three' },
      ],
    },
    { room: direct.room, entries: [{ sequence: 2, from: 'bob', text: 'are you there?' }] },
  ]);
  back.send({ type: 'list-rooms', requestId: 6, cursor: undefined, limit: 0 });
  const { rooms } = await back.next('rooms');
  expect(rooms.map(({ room, topic, sequence }) => [room, topic, sequence])).toEqual([
    ['lobby', '', 3],
    [kitchen.room, 'tea', 2],
  ]);
  // The answer to this one may have been lost with the connection.
  back.send(say('lobby', 'one'));
  expect(await back.next('accepted')).toMatchObject({ epoch: lobby.epoch, sequence: 1 });
  back.send({ type: 'search', requestId: 7, query: 'recipe in:kitchen', cursor: undefined, limit: 0 });
  expect((await back.next('search-results')).hits).toMatchObject([
    { room: kitchen.room, text: 'a secret recipe' },
  ]);
  expect([...first.faults, ...second.faults]).toEqual([]);
});

// CHAT-DIRECT-2
test('a conversation is found by the name that the other one had last', async () => {
  const file = join(await makeFolder(), 'history.sqlite3');
  const first = await start(createSqliteHistoryStore({ file }));
  const ann = await SocketClient.user(first.port, 'ann');
  const bob = await SocketClient.user(first.port, 'bob');
  ann.send({ type: 'open-direct', requestId: 3, nickname: 'bob' });
  await ann.next('done');
  bob.socket.destroy();
  await bob.closed;
  const robert = new SocketClient(first.port);
  robert.send({ type: 'hello', versionMin: 1, versionMax: 1, agent: 'test/1' });
  robert.send({ type: 'register', requestId: 1, nickname: 'Robert', secret: secretOf('bob') });
  await robert.next('registered');
  // Writes keep their order: when this one is durable, the new name is too.
  robert.send(say('lobby', 'my new name'));
  await robert.next('accepted');
  await first.server.stop();

  const second = await start(createSqliteHistoryStore({ file }));
  const back = await SocketClient.user(second.port, 'ann');
  expect((await back.count('entered', 2))[1]).toMatchObject({ kind: 'direct', peer: 'Robert' });
  back.received.length = 0;
  back.send({ type: 'open-direct', requestId: 3, nickname: 'robert' });
  expect(await back.next('entered')).toMatchObject({ kind: 'direct', peer: 'Robert' });
});

// CHAT-LOG-3, CHAT-SAY-1
test('when the thread of the history dies, nothing is taken any more, and whoever speaks is told why', async () => {
  const file = join(await makeFolder(), 'history.sqlite3');
  const threads: ThreadHandle[] = [];
  const startWorker: typeof startSqliteWorker = (data) => {
    const thread = startSqliteWorker(data);
    threads.push(thread);
    return thread;
  };
  const { server, port, faults } = await start(createSqliteHistoryStore({ file, startWorker }));
  const ann = await SocketClient.user(port, 'ann');
  ann.send(say('lobby', 'kept'));
  const { epoch } = await ann.next('accepted');
  const died = once(threads[0] as never, 'exit');
  await threads[0]?.terminate();
  await died;
  ann.send(say('lobby', 'lost'));
  expect(await ann.next('failed')).toMatchObject({
    code: 'not-stored',
    message: expect.stringMatching(/^the thread that keeps the history ended.*has to be started again$/),
  });
  expect(faults).toMatchObject([{ name: 'StoreError', code: 'io' }]);
  // What there is can still be read, and what was not kept was not told to anybody.
  ann.send(readAfter('lobby', epoch, 0));
  expect((await ann.next('history')).entries).toMatchObject([{ text: 'kept' }]);
  expect(await ann.count('message', 1)).toHaveLength(1);
  await server.stop();
});

test('a server whose history cannot be used does not start, and holds nothing', async () => {
  const folder = await makeFolder();
  const running = await start(createSqliteHistoryStore({ file: join(folder, 'history.sqlite3') }));
  const store = createSqliteHistoryStore({ file: join(folder, 'history.sqlite3') });
  const second = createParleyServer({ host: '127.0.0.1', port: 0, historyStore: store });
  await expect(second.start()).rejects.toMatchObject({ name: 'StoreError', code: 'busy' });
  await running.server.stop();
  // A port that is taken lets go of the history too.
  const other = await start(createSqliteHistoryStore({ file: join(folder, 'other.sqlite3') }));
  const file = join(folder, 'third.sqlite3');
  const third = createParleyServer({
    host: '127.0.0.1',
    port: other.port,
    historyStore: createSqliteHistoryStore({ file }),
  });
  await expect(third.start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await start(createSqliteHistoryStore({ file }));
});
