import * as nodeFileSystem from 'node:fs';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PartLock } from '../src/part-lock.ts';

// A lock whose owner nobody can tell: its machine lost its power before the words were on the disk.
test.each([
  ['a moment ago', -1, true],
  ['two minutes ago', -120, false],
  ['in two minutes, before a clock was set back', 120, false],
])('a lock that was touched last %s', (_, seconds, isBusy) => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-part-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'lock');
  writeFileSync(path, '');
  const touchedAt = Date.now() / 1000 + seconds;
  utimesSync(path, touchedAt, touchedAt);
  const take = () => PartLock.take(path, nodeFileSystem).release();
  if (isBusy) expect(take).toThrow('another download is going to the same place');
  else expect(take).not.toThrow();
});
