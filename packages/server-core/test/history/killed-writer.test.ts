import { join } from 'node:path';
import { expect, test } from 'vitest';
import { killWriter } from './kill-writer.ts';
import { makeFolder } from './temporary-folder.ts';

// CHAT-LOG-3, CHAT-SAY-4. `npm run test:kill9-history` plays a hundred kills.
test.each([
  ['full', 1],
  ['normal', 2],
] as const)(
  'with %s durability nothing that was confirmed is lost or doubled by a kill (seed %i)',
  async (durability, seed) => {
    const file = join(await makeFolder(), 'history.sqlite3');
    const result = await killWriter({ file, durability, seed, kills: 3 });
    expect(result.problems).toEqual([]);
    expect(result.confirmed).toBeGreaterThan(3);
  },
  240_000,
);
