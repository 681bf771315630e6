import { Worker } from 'node:worker_threads';
import type { Sha256 } from '@parley/protocol';
import type { SharedFile } from './file-catalogue.ts';
import type { HashAnswer, HashRequest } from './hash-messages.ts';
import { HASH_CACHE_ENTRIES_MAX } from './limits.ts';

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
  readonly resolve: (digest: Sha256) => void;
  readonly reject: (error: HashError) => void;
}

interface HashJob {
  readonly jobId: number;
  readonly key: string;
  /** Who wants the digest; the job is cancelled when nobody does any more. */
  readonly waiters: Set<Waiter>;
}

// Running from source the worker is a .ts file, running from dist a .js file beside this one.
const workerUrl = new URL(`./hash-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** SHA-256 of files, in a thread of its own. A digest is remembered as long as the file keeps its identity. */
export class FileHasher {
  readonly #digests = new Map<string, Sha256>();
  readonly #jobsByKey = new Map<string, HashJob>();
  readonly #jobsById = new Map<number, HashJob>();
  #worker: Worker | undefined;
  #lastJobId = 0;
  #isClosed = false;

  /** Files that somebody waits for. */
  get jobCount(): number {
    return this.#jobsById.size;
  }

  /**
   * The digest of a file. Callers who want the same file share one reading of it; when all have aborted, it stops.
   * Rejects with `HashError`.
   */
  // CHAT-TRANSFER-2
  hash(file: SharedFile, signal: AbortSignal): Promise<Sha256> {
    const key = `${file.identity}:${file.path}`;
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new HashError('closed', 'the hasher was closed'));
      if (signal.aborted) return reject(cancelled());
      const known = this.#digests.get(key);
      if (known !== undefined) {
        this.#remember(key, known);
        return resolve(known);
      }
      const job = this.#jobsByKey.get(key) ?? this.#start(key, file);
      const abort = () => this.#abandon(job, waiter);
      const waiter: Waiter = {
        resolve: (digest) => {
          signal.removeEventListener('abort', abort);
          resolve(digest);
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

  /** Ends the thread; everybody who waits gets an error. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#failAll(new HashError('closed', 'the hasher was closed'));
    await this.#worker?.terminate();
  }

  #start(key: string, { path, size }: SharedFile): HashJob {
    this.#lastJobId += 1;
    const job: HashJob = { jobId: this.#lastJobId, key, waiters: new Set() };
    this.#jobsByKey.set(key, job);
    this.#jobsById.set(job.jobId, job);
    this.#post({ type: 'hash', jobId: job.jobId, path, size });
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
    const worker = new Worker(workerUrl);
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
      const digest = answer.sha256 as Sha256;
      this.#remember(job.key, digest);
      for (const waiter of job.waiters) waiter.resolve(digest);
    } else {
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

  /** Keeps a digest as the most recently used one. */
  #remember(key: string, digest: Sha256): void {
    this.#digests.delete(key);
    this.#digests.set(key, digest);
    if (this.#digests.size <= HASH_CACHE_ENTRIES_MAX) return;
    const [oldest] = this.#digests.keys();
    if (oldest !== undefined) this.#digests.delete(oldest);
  }
}

function cancelled(): HashError {
  return new HashError('cancelled', 'nobody waits for the digest');
}
