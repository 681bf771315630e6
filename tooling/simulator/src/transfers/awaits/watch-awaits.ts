import { readdirSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type NotedSource, noteAwaits } from './note-awaits.ts';

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));

/** Where files are moved, at either end. */
const WATCHED_FOLDERS = [
  'packages/client-core/src/node/downloads',
  'packages/client-core/src/node/transfers',
  'packages/client-core/src/node/uploads',
  'packages/folders/src',
  'packages/server-core/src/node/hashing',
  'packages/server-core/src/node/transfers',
  'packages/server-core/src/node/uploads',
];

/**
 * Has the `await`s of what moves files tell that they wait, in all modules of these folders that this thread loads from now on. Gives where
 * they stand, of those files that were loaded, when it is called later.
 */
export function watchAwaits(): () => readonly string[] {
  globalThis.noteAwait = (_, value) => value;
  globalThis.noteAwaits = (_, values) => values;
  const sources = new Map<string, NotedSource>();
  for (const folder of WATCHED_FOLDERS) {
    for (const name of readdirSync(join(ROOT, folder))) {
      if (!name.endsWith('.ts')) continue;
      const path = join(ROOT, folder, name);
      const file = relative(ROOT, path).replaceAll('\\', '/');
      sources.set(pathToFileURL(path).href, noteAwaits(readFileSync(path, 'utf8'), file));
    }
  }
  const places: string[] = [];
  registerHooks({
    load: (url, context, nextLoad) => {
      const source = sources.get(url);
      if (source === undefined) return nextLoad(url, context);
      places.push(...source.places);
      return { format: 'module-typescript', source: source.code, shortCircuit: true };
    },
  });
  return () => places;
}
