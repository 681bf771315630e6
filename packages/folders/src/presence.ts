import { lstat, type Stats } from 'node:fs';
import { LOOKS_AT_A_TIME } from './limits.ts';

/** `lstat` of `node:fs/promises`, at a third of its price: that makes more objects for each call, and there are thousands. */
export function lookAt(path: string): Promise<Stats> {
  return new Promise((resolve, reject) => {
    lstat(path, (error, stats) => {
      if (error) reject(error);
      else resolve(stats);
    });
  });
}

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
    const some = items.slice(index, index + LOOKS_AT_A_TIME).map(look);
    for (const one of await Promise.all(some)) if (one !== undefined) found.push(one);
  }
  return found;
}
