import { startThread } from '@parley/threads';
import { StoreError } from '../../../history/history-store.ts';
import type { SqliteAnswer, SqliteCalls, SqliteRequest, SqliteWorkerData } from './sqlite-messages.ts';

interface Waiter {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: StoreError) => void;
}

/** What a thread is to its owner; a `Worker` is one. */
export interface ThreadHandle {
  on(event: 'message', listener: (answer: SqliteAnswer) => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'exit', listener: () => void): unknown;
  postMessage(request: SqliteRequest): void;
  terminate(): Promise<unknown>;
}

/** One thread with the file open. When it dies, everything asked of it fails, then and later. */
export class SqliteThread {
  readonly #worker: ThreadHandle;
  readonly #waiters = new Map<number, Waiter>();
  #lastRequestId = 0;
  #ended: StoreError | undefined;

  constructor(worker: ThreadHandle) {
    this.#worker = worker;
    let cause: unknown;
    worker.on('message', (answer) => this.#take(answer));
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', () => this.#end(cause));
  }

  /** Has the thread do something; rejects with `StoreError`. */
  call<Type extends keyof SqliteCalls>(
    type: Type,
    argument: SqliteCalls[Type]['argument'],
  ): Promise<SqliteCalls[Type]['result']> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      this.#lastRequestId += 1;
      const requestId = this.#lastRequestId;
      this.#waiters.set(requestId, { resolve: resolve as Waiter['resolve'], reject });
      this.#worker.postMessage({ requestId, type, argument } as SqliteRequest);
    });
  }

  /** Closes the file after all that was asked before, and ends the thread. */
  async close(): Promise<void> {
    try {
      if (this.#ended === undefined) await this.call('close', undefined);
    } finally {
      await this.#worker.terminate();
    }
  }

  #take(answer: SqliteAnswer): void {
    const waiter = this.#waiters.get(answer.requestId);
    this.#waiters.delete(answer.requestId);
    if (answer.ok) waiter?.resolve(answer.result);
    else waiter?.reject(new StoreError(answer.code, answer.message));
  }

  #end(cause: unknown): void {
    const detail = cause instanceof Error ? `: ${cause.message}` : '';
    const message = `the thread that keeps the history ended${detail}; the server has to be started again`;
    this.#ended = new StoreError('io', message, { cause });
    for (const { reject } of this.#waiters.values()) reject(this.#ended);
    this.#waiters.clear();
  }
}

/** Starts the thread that comes with this package. */
export function startSqliteWorker(data: SqliteWorkerData): ThreadHandle {
  return startThread(import.meta.url, './sqlite-worker', data);
}
