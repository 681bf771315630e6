/** The thread that hashes files, so that chat never waits for a disk. Started by file-hasher.ts. */
import { parentPort } from 'node:worker_threads';
import { HASHED_FIRST_BYTES_MAX, HASHES_AT_A_TIME_MAX } from '../limits.ts';
import { hashFile } from './hash-file.ts';
import type { HashAnswer, HashRequest } from './hash-messages.ts';
import { HashProgress } from './hash-progress.ts';

type HashJob = Extract<HashRequest, { type: 'hash' }>;

/** Jobs of which only so many run at a time. */
interface Lane {
  readonly waiting: HashJob[];
  running: number;
}

/** Somebody waits for a small file, and would wait for all of the large ones. */
const SMALL: Lane = { waiting: [], running: 0 };
const LARGE: Lane = { waiting: [], running: 0 };
const unanswered = new Set<number>();
const cancelled = new Set<number>();

parentPort?.on('message', (request: HashRequest) => {
  if (request.type === 'hash') {
    unanswered.add(request.jobId);
    const lane = request.size <= HASHED_FIRST_BYTES_MAX ? SMALL : LARGE;
    lane.waiting.push(request);
    startNext(lane);
  } else if (unanswered.has(request.jobId)) {
    cancelled.add(request.jobId);
  }
});

function startNext(lane: Lane): void {
  while (lane.running < HASHES_AT_A_TIME_MAX) {
    const job = lane.waiting.shift();
    if (job === undefined) return;
    lane.running += 1;
    void run(lane, job);
  }
}

async function run(lane: Lane, job: HashJob): Promise<void> {
  await hash(job);
  lane.running -= 1;
  startNext(lane);
}

async function hash({ jobId, path, size, progress }: HashJob): Promise<void> {
  const file = { path, size, progress: new HashProgress(progress) };
  const hashed = await hashFile(file, () => cancelled.has(jobId));
  unanswered.delete(jobId);
  cancelled.delete(jobId);
  if (hashed.ok) answer({ type: 'hashed', jobId, digests: hashed.digests });
  else answer({ type: 'failed', jobId, code: hashed.code, problem: hashed.problem });
}

function answer(message: HashAnswer): void {
  parentPort?.postMessage(message);
}
