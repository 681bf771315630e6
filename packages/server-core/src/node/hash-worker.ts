/** The thread that hashes files, so that chat never waits for a disk. Started by file-hasher.ts. */
import { closeSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { parentPort } from 'node:worker_threads';
import { ChunkHasher } from './chunk-hasher.ts';
import type { HashAnswer, HashRequest } from './hash-messages.ts';
import { HASH_CHUNK_BYTES, HASHES_AT_A_TIME_MAX } from './limits.ts';
import { openInPlace } from './open-in-place.ts';

const readAt = promisify(read);

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
  const answer = await hashFile(job);
  unanswered.delete(job.jobId);
  cancelled.delete(job.jobId);
  running -= 1;
  parentPort?.postMessage(answer);
  startNext();
}

async function hashFile({ jobId, path, size }: HashJob): Promise<HashAnswer> {
  try {
    // CHAT-LIST-7
    const file = openInPlace(path);
    try {
      const hasher = new ChunkHasher(size);
      const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(HASH_CHUNK_BYTES, size)));
      let offset = 0;
      while (offset <= size) {
        if (cancelled.has(jobId)) return failure(jobId, 'cancelled', 'nobody waits for the digest');
        const { bytesRead } = await readAt(file, chunk, 0, chunk.length, offset);
        if (bytesRead === 0) break;
        offset += bytesRead;
        // One that grew: its end is not looked at.
        if (offset > size) break;
        hasher.update(chunk.subarray(0, bytesRead));
      }
      if (offset !== size) return failure(jobId, 'file-changed', 'the file changed while it was hashed');
      return { type: 'hashed', jobId, digests: hasher.digest() };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return failure(jobId, code ?? 'unknown', message);
  }
}

function failure(jobId: number, code: string, problem: string): HashAnswer {
  return { type: 'failed', jobId, code, problem };
}
