import * as nodeFileSystem from 'node:fs';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { giveName } from '../src/target-file-system.ts';

function makePlaces() {
  const folder = mkdtempSync(join(tmpdir(), 'parley-give-name-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [path, target] = [join(folder, '.part'), join(folder, 'file')];
  writeFileSync(path, 'ours');
  return { path, target };
}

/** As over NFS: what was asked for is done, the answer is lost, and asked again it says that the name is taken. */
const forgetful = {
  ...nodeFileSystem,
  linkSync: (path: string, target: string) => {
    nodeFileSystem.linkSync(path, target);
    nodeFileSystem.linkSync(path, target);
  },
} as typeof nodeFileSystem;

test('a name that the file has got although the answer was lost is its name', () => {
  const { path, target } = makePlaces();
  expect(giveName(forgetful, path, target)).toBe('linked');
  expect(readFileSync(target, 'utf8')).toBe('ours');
});

test.each(['a file', 'a link to ours'])('a name that something else has is taken: %s', (what) => {
  const { path, target } = makePlaces();
  if (what === 'a file') writeFileSync(target, 'theirs');
  else nodeFileSystem.symlinkSync(path, target);
  const taken = expect.objectContaining({ code: 'EEXIST' });
  expect(() => giveName(nodeFileSystem, path, target)).toThrow(taken);
  expect(() => giveName(forgetful, path, target)).toThrow(taken);
  expect(existsSync(path)).toBe(true);
});
