import { randomBytes } from 'node:crypto';
import {
  createMemoryHistoryStore,
  createParleyServer,
  createSelfSignedIdentity,
  createSqliteHistoryStore,
  type HistoryStore,
  type NewEntry,
} from '@parley/server-core';

/*
 * The chat server as a program of its own, with every setting at its default but two: it takes as many connections as
 * come, as fast as they come, and lets each say as much as it wants. The load comes from few speakers, whom the
 * allowances would stop.
 *   parley-server PORT plain|tls N [FILE]    stops and starts again at SIGUSR2, with a log that has N more entries
 *                                            then; keeps it in FILE, as durably as it can, or in memory
 */
const [port, language, missed, file] = process.argv.slice(2);
const UNBOUNDED = { burst: 1e9, perSecond: 1e9 };
const store = file === undefined ? createMemoryHistoryStore() : createSqliteHistoryStore({ file });
// What is kept outlives the server that keeps it, as a log on a disk does.
const historyStore: HistoryStore = {
  isDurable: true,
  open: () => store.open(),
  write: (operations) => store.write(operations),
  read: (query) => store.read(query),
  search: (query) => store.search(query),
  readMarkers: (userId, roomKeys) => store.readMarkers(userId, roomKeys),
  close: async () => {},
};
const tls = language === 'tls' ? createSelfSignedIdentity(new Date()) : undefined;

async function start() {
  const server = createParleyServer({
    host: '127.0.0.1',
    port: Number(port),
    historyStore,
    limits: { connectionsMax: 100_000, messages: UNBOUNDED, historyMessagesMax: 1_000 },
    doorLimits: { arrivals: UNBOUNDED, halfOpenMax: 10_000 },
    ...(tls === undefined ? {} : { tls }),
  });
  server.on('fault', (fault) => process.stderr.write(`${String(fault)}\n`));
  await server.start();
  return server;
}

let server = await start();
process.stdout.write('READY\n');
process.on('SIGUSR2', async () => {
  await server.stop({ reconnectAfterMs: 500, reconnectSpreadMs: 500 });
  const entries = Array.from({ length: Number(missed) }, (_, index) => missedEntry(index));
  await store.write(entries.map((entry) => ({ type: 'append', entry })));
  server = await start();
});

function missedEntry(index: number): NewEntry {
  return {
    roomKey: 'lobby',
    userId: 'somebody' as NewEntry['userId'],
    from: 'somebody' as NewEntry['from'],
    kind: 'text',
    target: 0,
    text: `what was said while you were away, line ${index} of many` as NewEntry['text'],
    clientMessageId: new Uint8Array(randomBytes(16)) as NewEntry['clientMessageId'],
    time: Date.now(),
  };
}
