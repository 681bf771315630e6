// What downloads have left behind, and another process that goes on with it while it is removed.
import * as nodeFileSystem from 'node:fs';
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TargetFileSystem } from '@parley/folders';
import { describe, expect, test } from 'vitest';
import { removeOrphans } from '../../src/node/downloads/orphans.ts';
import { partPathsFor } from '../../src/node/downloads/part-file-name.ts';
import { PartialFile } from '../../src/node/downloads/partial-file.ts';
import { makeFolder } from './support.ts';

const CALLS_MAX = 100;

/** A folder with what a download has left long ago; `isLocked`: its process was killed. */
function abandoned({ isLocked }: { readonly isLocked: boolean }) {
  const folder = makeFolder();
  const targetPath = join(folder, 'file');
  const { part, journal, lock } = partPathsFor(targetPath);
  const old = Date.now() / 1_000 - 15 * 86_400;
  for (const path of isLocked ? [part, journal, lock] : [part, journal]) {
    writeFileSync(path, 'x');
    utimesSync(path, old, old);
  }
  return { folder, targetPath, part, lock };
}

/** The file system, which lets somebody else act right before one of the calls. */
function interruptedAt(at: number, act: () => void): { fileSystem: TargetFileSystem; calls: () => number } {
  let calls = 0;
  const fileSystem = new Proxy<TargetFileSystem>(nodeFileSystem, {
    get:
      (target, name) =>
      (...args: unknown[]) => {
        calls += 1;
        if (calls === at) act();
        return Reflect.apply(Reflect.get(target, name), target, args);
      },
  });
  return { fileSystem, calls: () => calls };
}

function resume(targetPath: string): PartialFile | undefined {
  try {
    return PartialFile.open(targetPath, nodeFileSystem);
  } catch (error) {
    expect(error).toMatchObject({ code: 'target-busy' });
    return undefined;
  }
}

// CHAT-RESUME-1
describe.each([
  ['after its process ended', false],
  ['after its process was killed', true],
])('a part file of long ago, %s', (_, isLocked) => {
  test('is not removed under a download that goes on with it, whenever that begins', async () => {
    let resumedCount = 0;
    let calls = CALLS_MAX;
    for (let at = 1; at <= calls; at += 1) {
      const { folder, targetPath, part } = abandoned({ isLocked });
      const { ino } = statSync(part);
      let other: PartialFile | undefined;
      const interrupted = interruptedAt(at, () => {
        other = resume(targetPath);
      });
      removeOrphans(folder, interrupted.fileSystem);
      calls = Math.min(CALLS_MAX, interrupted.calls());
      if (other === undefined) continue;
      const isThere = existsSync(part);
      await other.close();
      expect({ at, isThere }).toEqual({ at, isThere: true });
      if (statSync(part).ino === ino) resumedCount += 1;
    }
    expect(calls).toBeLessThan(CALLS_MAX);
    expect(resumedCount).toBeGreaterThan(0);
  });

  test('is removed when nobody goes on with it', () => {
    const { folder } = abandoned({ isLocked });
    removeOrphans(folder, nodeFileSystem);
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('a part file with which another download went on a moment ago is not removed', () => {
  let calls = CALLS_MAX;
  for (let at = 1; at <= calls; at += 1) {
    const { folder, part, lock } = abandoned({ isLocked: false });
    let isTouched = false;
    const interrupted = interruptedAt(at, () => {
      // It came, wrote, and went: nobody does while the lock is there.
      if (existsSync(lock) || !existsSync(part)) return;
      utimesSync(part, Date.now() / 1_000, Date.now() / 1_000);
      isTouched = true;
    });
    removeOrphans(folder, interrupted.fileSystem);
    calls = Math.min(CALLS_MAX, interrupted.calls());
    if (isTouched) expect({ at, isThere: existsSync(part) }).toEqual({ at, isThere: true });
  }
  expect(calls).toBeLessThan(CALLS_MAX);
});
