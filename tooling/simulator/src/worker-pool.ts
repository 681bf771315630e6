import { Worker } from 'node:worker_threads';
import { textOf } from './checkers/violations.ts';
import type { WorkerAnswer } from './worker-messages.ts';

/** A run that takes longer than this hangs: an endless loop never comes back by itself. */
const RUN_SECONDS_MAX = 120;

interface PoolOptions {
  readonly workerUrl: URL;
  readonly workers: number;
  readonly traceFolder: string | undefined;
  /** The next seed; undefined when there are no more. */
  readonly nextSeed: () => number | undefined;
  readonly onAnswer: (answer: WorkerAnswer) => void;
}

/** Runs seeds on several threads until there are no more. */
export async function runSeeds(options: PoolOptions): Promise<void> {
  await Promise.all(Array.from({ length: options.workers }, () => runThread(options)));
}

async function runThread(options: PoolOptions): Promise<void> {
  let worker = startWorker(options);
  for (;;) {
    const seed = options.nextSeed();
    if (seed === undefined) break;
    const answer = await ask(worker, seed);
    options.onAnswer(answer.value);
    if (answer.isBroken) {
      await worker.terminate();
      worker = startWorker(options);
    }
  }
  await worker.terminate();
}

function startWorker({ workerUrl, traceFolder }: PoolOptions): Worker {
  return new Worker(workerUrl, { workerData: { traceFolder } });
}

function ask(worker: Worker, seed: number): Promise<{ value: WorkerAnswer; isBroken: boolean }> {
  return new Promise((resolve) => {
    const settle = (value: WorkerAnswer, isBroken: boolean) => {
      clearTimeout(timer);
      worker.removeAllListeners();
      // What a thread that is being ended has to say does not matter any more.
      worker.on('error', () => {});
      resolve({ value, isBroken });
    };
    const fail = (text: string) => settle(failure(seed, text), true);
    const timer = setTimeout(() => fail(`still running after ${RUN_SECONDS_MAX} s`), RUN_SECONDS_MAX * 1000);
    worker.removeAllListeners();
    worker.once('message', (answer: WorkerAnswer) => settle(answer, false));
    worker.once('error', (error) => fail(textOf(error)));
    worker.postMessage({ seed });
  });
}

function failure(seed: number, text: string): WorkerAnswer {
  return { seed, violations: [{ atMs: 0, checker: 'hang', text }], simulatedMs: 0, tallies: {}, files: [] };
}
