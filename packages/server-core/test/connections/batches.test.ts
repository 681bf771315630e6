// When the server gives the store its next batch. The store here is one that the test answers for.
import { afterEach, expect, test } from 'vitest';
import {
  createMemoryHistoryStore,
  createParleyServer,
  type HistoryStore,
  type ParleyServer,
} from '../../src/index.ts';
import { SocketClient } from '../support/socket-client.ts';
import { messageId } from '../support/virtual-server.ts';

let server: ParleyServer;

/** A store in memory that answers a write with messages when it is told to, and notes what they say. */
class SlowStore {
  readonly batches: string[][] = [];
  readonly #release: (() => void)[] = [];
  readonly #memory = createMemoryHistoryStore();
  readonly store: HistoryStore = {
    isDurable: true,
    open: () => this.#memory.open(),
    write: async (operations) => {
      const texts = operations.flatMap((one) => (one.type === 'append' ? [`${one.entry.text}`] : []));
      if (texts.length > 0) {
        this.batches.push(texts);
        await new Promise<void>((resolve) => this.#release.push(resolve));
      }
      return this.#memory.write(operations);
    },
    read: (query) => this.#memory.read(query),
    search: (query) => this.#memory.search(query),
    readMarkers: (userId, roomKeys) => this.#memory.readMarkers(userId, roomKeys),
    close: () => this.#memory.close(),
  };

  /** Answers the batch that is under way, and lets all happen that happens without another turn of the event loop. */
  async answer(): Promise<void> {
    this.#release.shift()?.();
    for (let step = 0; step < 100; step += 1) await Promise.resolve();
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

function say(client: SocketClient, number: number): void {
  const clientMessageId = messageId(`line ${number}`);
  client.send({ type: 'say', requestId: number, clientMessageId, room: 'lobby', text: `line ${number}` });
}

/** A client whose first line is on its way to the store, and whose second one waits for that. */
async function startWithTwoLines(slow: SlowStore): Promise<SocketClient> {
  server = createParleyServer({ host: '127.0.0.1', port: 0, historyStore: slow.store });
  const { port } = await server.start();
  const ann = await SocketClient.user(port, 'ann');
  for (const number of [1, 2]) {
    say(ann, number);
    while (server.statistics().pendingWrites < number) await turn();
  }
  return ann;
}

afterEach(() => server.stop());

test('a batch begins when what came of the one before was sent, with all that was said until then', async () => {
  const slow = new SlowStore();
  const ann = await startWithTwoLines(slow);
  await slow.answer();
  expect(slow.batches).toEqual([['line 1']]);
  expect((await ann.next('accepted')).requestId).toBe(1);
  while (slow.batches.length < 2) await turn();
  expect(slow.batches).toEqual([['line 1'], ['line 2']]);
  await slow.answer();
  expect((await ann.next('accepted')).requestId).toBe(2);
});

test('what waits for a batch when the server stops is written before the store is closed', async () => {
  const slow = new SlowStore();
  await startWithTwoLines(slow);
  const stopped = server.stop();
  await slow.answer();
  expect(slow.batches).toEqual([['line 1'], ['line 2']]);
  await slow.answer();
  await stopped;
});

test('what waits is written, too, when the server stops before what came of the last batch was sent', async () => {
  const slow = new SlowStore();
  await startWithTwoLines(slow);
  await slow.answer();
  const stopped = server.stop();
  expect(slow.batches).toEqual([['line 1'], ['line 2']]);
  await slow.answer();
  await stopped;
});
