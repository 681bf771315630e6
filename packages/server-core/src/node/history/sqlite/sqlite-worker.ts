import { parentPort, workerData } from 'node:worker_threads';
import { INDEXING_PAUSE_MS } from '../../limits.ts';
import type { SqliteRequest, SqliteWorkerData } from './sqlite-messages.ts';
import { SqliteServant } from './sqlite-servant.ts';

// The entry of the threads that `createSqliteHistoryStore` starts: SQLite behind a message port.

const servant = new SqliteServant(workerData as SqliteWorkerData);
const pause = setTimeout(tidyUp, INDEXING_PAUSE_MS);

parentPort?.on('message', (request: SqliteRequest) => {
  parentPort?.postMessage(servant.answer(request));
  pause.refresh();
});

/** Again at once while there is more, after what has come meanwhile. */
function tidyUp(): void {
  if (servant.tidyUp()) setImmediate(tidyUp);
}
