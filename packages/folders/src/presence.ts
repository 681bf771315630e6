import { lstat, lstatSync, type Stats } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { LOOKS_AT_A_TIME } from './limits.ts';

/** Tells what stands at a path, links not followed. Rejects with the error of the system. */
export type Look = (path: string) => Promise<Stats>;

/** Has another thread look. Costs less than `lstat` of `node:fs/promises`, which makes more objects for each call, and there are thousands. */
export const lookAside: Look = (path) =>
  new Promise((resolve, reject) => {
    lstat(path, (error, stats) => {
      if (error) reject(error);
      else resolve(stats);
    });
  });

/** Looks in this thread, which may wait for the disk: a fifth of what it costs to have another one do it. */
export const lookHere: Look = async (path) => lstatSync(path);

/** Whether an error of the system says that there is nothing for us at a path. */
function isAbsence(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'EACCES' || code === 'ELOOP' || code === 'ENOTDIR';
}

/** What a look at the disk finds; `undefined` when it went away, or is not ours to see: as if it were not there. */
export async function presence<Found>(look: () => Promise<Found | undefined>): Promise<Found | undefined> {
  try {
    return await look();
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** What the looks find, in the order of the items: some at a time, so that the disk has work and others have their turn. */
export async function findEach<Item, Found>(
  items: readonly Item[],
  look: (item: Item) => Promise<Found | undefined>,
): Promise<Found[]> {
  const found: Found[] = [];
  for (let index = 0; index < items.length; index += LOOKS_AT_A_TIME) {
    // A look that did not wait for another thread has let nobody else have a turn.
    if (index > 0) await setImmediate();
    const some = items.slice(index, index + LOOKS_AT_A_TIME).map(look);
    for (const one of await Promise.all(some)) if (one !== undefined) found.push(one);
  }
  return found;
}
