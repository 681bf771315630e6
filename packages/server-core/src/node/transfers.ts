import { Worker } from 'node:worker_threads';

// Running from source the worker is a .ts file, running from dist a .js file beside this one.
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** Starts the thread that moves files. */
export function openTransferWorker(): Worker {
  return new Worker(new URL(`./transfer-worker.${extension}`, import.meta.url));
}
