import { EventEmitter } from 'node:events';
import type { SqliteRequest, SqliteWorkerData } from '../../src/node/history/sqlite/sqlite-messages.ts';
import { SqliteServant } from '../../src/node/history/sqlite/sqlite-servant.ts';
import type { ThreadHandle } from '../../src/node/history/sqlite/sqlite-thread.ts';

/** The worker of a SQLite store without a thread of its own, which takes half a second to start; messages are copied as between threads. */
export class PretendedThread extends EventEmitter implements ThreadHandle {
  readonly #servant: SqliteServant;

  constructor(data: SqliteWorkerData) {
    super();
    this.#servant = new SqliteServant(structuredClone(data));
  }

  postMessage(request: SqliteRequest): void {
    const copy = structuredClone(request);
    queueMicrotask(() => this.emit('message', structuredClone(this.#servant.answer(copy))));
  }

  async terminate(): Promise<void> {
    this.emit('exit');
  }
}
