/** The thread that hashes files, so that chat never waits for a disk. Started by file-hasher.ts. */
import { parentPort } from 'node:worker_threads';
import { HASHES_AT_A_TIME_MAX } from '../limits.ts';
import { hashFile } from './hash-file.ts';
import type { HashAnswer, HashRequest } from './hash-messages.ts';

type HashJob = Extract<HashRequest, { type: 'hash' }>;

const waiting: HashJob[] = [];
const unanswered = new Set<number>();
const cancelled = new Set<number>();
let running = 0;

parentPort?.on('message', (request: HashRequest) => {
  if (request.type === 'hash') {
    unanswered.add(request.jobId);
    waiting.push(request);
  } else if (unanswered.has(request.jobId)) {
    cancelled.add(request.jobId);
  }
  startNext();
});

function startNext(): void {
  while (running < HASHES_AT_A_TIME_MAX) {
    const job = waiting.shift();
    if (job === undefined) return;
    running += 1;
    void run(job);
  }
}

async function run(job: HashJob): Promise<void> {
  const { jobId } = job;
  const hashed = await hashFile(job, () => cancelled.has(jobId));
  unanswered.delete(jobId);
  cancelled.delete(jobId);
  running -= 1;
  if (hashed.ok) answer({ type: 'hashed', jobId, digests: hashed.digests });
  else answer({ type: 'failed', jobId, code: hashed.code, problem: hashed.problem });
  startNext();
}

function answer(message: HashAnswer): void {
  parentPort?.postMessage(message);
}
