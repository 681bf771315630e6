import { randomFillSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_LIMITS, type HistoryStore, type StoreOperation } from '@parley/server-core';
import { percentiles } from '../statistics.ts';

type NewEntry = Extract<StoreOperation, { type: 'append' }>['entry'];

/** What a history is asked to take. */
export interface HistoryLoad {
  readonly senders: number;
  /** For how long a batch gathers at least, once the one before is durable. */
  readonly windowMs: number;
  readonly seconds: number;
}

/** What came of it. */
export interface HistoryFigures {
  readonly messages: number;
  readonly messagesPerSecond: number;
  readonly messagesPerBatch: number;
  /** Processor time of all threads, the senders' too: says more than the rate where other programs run. */
  readonly cpuMicrosecondsPerMessage: number;
  /** From sending a message until it was durable. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

const ROOMS = 20;
/** A message as people write them: eleven words, 60 characters. */
const VOCABULARY = Array.from({ length: 5_000 }, (_, index) => (index * 7_919 + 31).toString(36));
const WORDS = 11;
/** Made before the clock starts: what people do is no cost of the history. */
const TEXTS = Array.from({ length: 20_000 }, (_, text) =>
  Array.from({ length: WORDS }, (_, place) => wordAt(text * WORDS + place)).join(' '),
);
const ID_BYTES = 16;

/** Makes the rooms of the benchmark. */
export async function createHistory(store: HistoryStore): Promise<void> {
  await store.open();
  await store.write(
    Array.from({ length: ROOMS }, (_, index) => {
      const key = `room${index}`;
      const room = { key, name: key, kind: 'public', users: [], topic: '', epoch: 1, createdAt: Date.now() };
      return { type: 'create-room', room } as unknown as StoreOperation;
    }),
  );
}

interface Sending {
  readonly sender: number;
  readonly sentAt: number;
}

/** Lets senders send, each its next message when the last one is durable. */
export async function measureSenders(store: HistoryStore, load: HistoryLoad): Promise<HistoryFigures> {
  const latencies: number[] = [];
  const cpuBefore = process.cpuUsage();
  const begin = performance.now();
  const end = begin + load.seconds * 1_000;
  let queue: Sending[] = Array.from({ length: load.senders }, (_, sender) => ({ sender, sentAt: begin }));
  let batches = 0;
  while (performance.now() < end) {
    if (load.windowMs > 0) await sleep(load.windowMs);
    const batch = queue.slice(0, DEFAULT_LIMITS.writesPerBatchMax);
    queue = queue.slice(batch.length);
    const ids = randomFillSync(new Uint8Array(batch.length * ID_BYTES));
    await store.write(
      batch.map(({ sender }, index) => {
        const id = ids.subarray(index * ID_BYTES, (index + 1) * ID_BYTES);
        return append(sender, TEXTS[(latencies.length + index) % TEXTS.length] as string, id);
      }),
    );
    batches += 1;
    const now = performance.now();
    for (const { sender, sentAt } of batch) {
      latencies.push(now - sentAt);
      queue.push({ sender, sentAt: now });
    }
  }
  const seconds = (performance.now() - begin) / 1_000;
  const cpu = process.cpuUsage(cpuBefore);
  const [p50 = 0, p99 = 0, max = 0] = percentiles(latencies, [0.5, 0.99, 1]);
  return {
    messages: latencies.length,
    messagesPerSecond: Math.round(latencies.length / seconds),
    messagesPerBatch: Math.round(latencies.length / batches),
    cpuMicrosecondsPerMessage: Number(((cpu.user + cpu.system) / latencies.length).toFixed(1)),
    latencyMs: { p50, p99, max },
  };
}

function append(sender: number, text: string, clientMessageId: Uint8Array): StoreOperation {
  const entry = {
    roomKey: `room${sender % ROOMS}`,
    userId: sender.toString(16).padStart(32, '0'),
    from: `sender${sender}`,
    kind: 'text',
    target: 0,
    text,
    clientMessageId,
    time: Date.now(),
  };
  return { type: 'append', entry: entry as unknown as NewEntry };
}

/** A word that depends on the number; some are frequent and most are rare, as in any language. */
function wordAt(number: number): string {
  let mixed = Math.imul(number ^ (number >>> 15), 0x9e37_79b1);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0x85eb_ca6b);
  const drawn = ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  return VOCABULARY[Math.floor(drawn ** 3 * VOCABULARY.length)] as string;
}
