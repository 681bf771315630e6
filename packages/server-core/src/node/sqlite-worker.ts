import { parentPort, workerData } from 'node:worker_threads';
import type { SqliteRequest, SqliteWorkerData } from './sqlite/sqlite-messages.ts';
import { SqliteServant } from './sqlite/sqlite-servant.ts';

// The entry of the threads that `createSqliteHistoryStore` starts: SQLite behind a message port.

const servant = new SqliteServant(workerData as SqliteWorkerData);
parentPort?.on('message', (request: SqliteRequest) => parentPort?.postMessage(servant.answer(request)));
