import type { Worker } from 'node:worker_threads';
import type { SharedFile } from '@parley/folders';
import { startThread } from '@parley/threads';
import type { FileDigests } from './chunk-hasher.ts';
import { DigestCache } from './digest-cache.ts';
import { fileKeyOf } from './file-key.ts';
import type { HashAnswer, HashRequest } from './hash-messages.ts';
import { HashProgress } from './hash-progress.ts';

/** A file that could not be hashed: `code` is `file-changed`, `cancelled`, `closed`, or the system's (`EACCES` …). */
export class HashError extends Error {
  override readonly name = 'HashError';
  readonly code: string;

  constructor(code: string, problem: string, options?: ErrorOptions) {
    super(problem, options);
    this.code = code;
  }
}

interface Waiter {
  readonly resolve: (digests: FileDigests) => void;
  readonly reject: (error: HashError) => void;
}

interface HashJob {
  readonly jobId: number;
  readonly key: string;
  /** What is known already. */
  readonly progress: HashProgress;
  /** Who wants the digests; the job is cancelled when nobody does any more. */
  readonly waiters: Set<Waiter>;
}

/**
 * SHA-256 of files and their chunks, by a thread of its own. Digests are remembered as long as the file keeps its identity.
 */
export class FileHasher {
  readonly #cache = new DigestCache();
  readonly #jobsByKey = new Map<string, HashJob>();
  readonly #jobsById = new Map<number, HashJob>();
  #worker: Worker | undefined;
  #lastJobId = 0;
  #isClosed = false;

  /** Files that somebody waits for. */
  get jobCount(): number {
    return this.#jobsById.size;
  }

  /** The digests of a file, if they are remembered: nothing is read. */
  known(file: SharedFile): FileDigests | undefined {
    return this.#cache.find(fileKeyOf(file));
  }

  /** The keys (`fileKeyOf`) of the files whose SHA-256 is remembered and begins with these hexadecimal digits. */
  keysWith(digits: string): ReadonlySet<string> {
    return this.#cache.keysWith(digits);
  }

  /** Whether digests of another file would push those of one out. */
  get isFull(): boolean {
    return this.#cache.isFull;
  }

  /**
   * The digests of a file. Callers who want the same file share one reading of it; when all have aborted, it stops.
   * Rejects with `HashError`.
   */
  // CHAT-TRANSFER-2, CHAT-CHUNK-2
  hash(file: SharedFile, signal: AbortSignal): Promise<FileDigests> {
    const key = fileKeyOf(file);
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new HashError('closed', 'the hasher was closed'));
      if (signal.aborted) return reject(cancelled());
      const known = this.#cache.find(key);
      if (known !== undefined) return resolve(known);
      const job = this.#jobsByKey.get(key) ?? this.#start(key, file);
      const abort = () => this.#abandon(job, waiter);
      const waiter: Waiter = {
        resolve: (digests) => {
          signal.removeEventListener('abort', abort);
          resolve(digests);
        },
        reject: (error) => {
          signal.removeEventListener('abort', abort);
          reject(error);
        },
      };
      job.waiters.add(waiter);
      signal.addEventListener('abort', abort);
    });
  }

  /**
   * Has a file hashed that is being sent meanwhile: gives what becomes known of its digests as it does, and `undefined` when nothing will.
   * It goes on until the signal says that nobody needs it any more.
   */
  // CHAT-DIGEST-1
  follow(file: SharedFile, signal: AbortSignal): HashProgress | undefined {
    // Why a file has no digests hears who waits for them.
    this.hash(file, signal).catch(() => undefined);
    return this.#jobsByKey.get(fileKeyOf(file))?.progress;
  }

  /** Forgets the digests of a file that has turned out to be another one: it is hashed anew when somebody asks. */
  forget(file: SharedFile): void {
    this.#cache.remove(fileKeyOf(file));
  }

  /** Ends the thread; everybody who waits gets an error. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#failAll(new HashError('closed', 'the hasher was closed'));
    await this.#worker?.terminate();
  }

  #start(key: string, { path, size }: SharedFile): HashJob {
    this.#lastJobId += 1;
    const progress = HashProgress.of(size);
    const job: HashJob = { jobId: this.#lastJobId, key, progress, waiters: new Set() };
    this.#jobsByKey.set(key, job);
    this.#jobsById.set(job.jobId, job);
    this.#post({ type: 'hash', jobId: job.jobId, path, size, progress: progress.shared });
    return job;
  }

  #abandon(job: HashJob, waiter: Waiter): void {
    job.waiters.delete(waiter);
    waiter.reject(cancelled());
    if (job.waiters.size > 0 || !this.#jobsById.has(job.jobId)) return;
    this.#forget(job);
    this.#post({ type: 'cancel', jobId: job.jobId });
  }

  #post(request: HashRequest): void {
    this.#worker ??= this.#openWorker();
    this.#worker.postMessage(request);
  }

  #openWorker(): Worker {
    const worker = startThread(import.meta.url, './hash-worker');
    worker.unref();
    worker.on('message', (answer: HashAnswer) => this.#take(answer));
    worker.on('error', (cause) => {
      this.#failAll(new HashError('internal-error', 'the hashing thread died', { cause }));
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
      this.#failAll(new HashError('internal-error', 'the hashing thread ended'));
    });
    return worker;
  }

  #take(answer: HashAnswer): void {
    const job = this.#jobsById.get(answer.jobId);
    if (job === undefined) return;
    this.#forget(job);
    if (answer.type === 'hashed') {
      this.#cache.add(job.key, answer.digests);
      for (const waiter of job.waiters) waiter.resolve(answer.digests);
    } else if (answer.type === 'failed') {
      for (const waiter of job.waiters) waiter.reject(new HashError(answer.code, answer.problem));
    }
  }

  #failAll(error: HashError): void {
    for (const job of [...this.#jobsById.values()]) {
      this.#forget(job);
      for (const waiter of job.waiters) waiter.reject(error);
    }
  }

  #forget(job: HashJob): void {
    this.#jobsById.delete(job.jobId);
    if (this.#jobsByKey.get(job.key) === job) this.#jobsByKey.delete(job.key);
  }
}

function cancelled(): HashError {
  return new HashError('cancelled', 'nobody waits for the digests');
}
