/** The thread that hashes files and reads folders, so that chat never waits for a disk. Started by file-hasher.ts. */
import { parentPort } from 'node:worker_threads';
import { FolderSizeError, lookHere } from '@parley/folders';
import { listFolder } from '../catalogue/look-up.ts';
import { HASHES_AT_A_TIME_MAX } from '../limits.ts';
import { folderContentFor } from '../transfers/folder-offer.ts';
import { hashFile } from './hash-file.ts';
import type { HashAnswer, HashRequest } from './hash-messages.ts';

type FolderJob = Extract<HashRequest, { type: 'read-folder' }>;
type HashJob = Extract<HashRequest, { type: 'hash' }>;

const waiting: HashJob[] = [];
const unanswered = new Set<number>();
const cancelled = new Set<number>();
let running = 0;

parentPort?.on('message', (request: HashRequest) => {
  if (request.type === 'read-folder') {
    void readFolder(request);
    return;
  }
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

/** Looks in this thread: nobody waits for it but those who wait for the disk. */
async function readFolder({ jobId, place, wish }: FolderJob): Promise<void> {
  try {
    const listing = await listFolder(place, lookHere);
    const content = listing && folderContentFor({ name: place.name, ...wish }, listing);
    answer({ type: 'folder-read', jobId, content });
  } catch (error) {
    const { code = 'unknown', message } = error as NodeJS.ErrnoException;
    const kind = error instanceof FolderSizeError ? 'folder-too-large' : code;
    answer({ type: 'failed', jobId, code: kind, problem: message });
  }
}

function answer(message: HashAnswer): void {
  parentPort?.postMessage(message);
}
