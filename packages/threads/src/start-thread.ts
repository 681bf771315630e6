import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';

/**
 * Starts a module of the caller's package in a thread of its own. `here` is the caller's `import.meta.url`, and `name` where the
 * module's source stands, as seen from there, without its ending: a .ts file, which Node runs with the packages' source condition.
 * In a build it is a .js file beside the caller's. What goes wrong in the thread, a missing module too, is an `error` event of the `Worker`;
 * throws a `DataCloneError` for `workerData` that cannot be cloned.
 */
export function startThread(here: string, name: string, workerData?: unknown): Worker {
  if (!here.endsWith('.ts')) return new Worker(new URL(`${basename(name)}.js`, here), { workerData });
  return new Worker(new URL(`${name}.ts`, here), { workerData, execArgv: ['--conditions=@parley/source'] });
}
