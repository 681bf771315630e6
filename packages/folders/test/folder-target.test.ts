import * as nodeFileSystem from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FolderTarget } from '../src/folder-target.ts';

test('a list that does not fit on the disk leaves no descriptor open', () => {
  const root = mkdtempSync(join(tmpdir(), 'parley-folder-target-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const open = new Set<number>();
  let isFull = false;
  const fileSystem = {
    ...nodeFileSystem,
    openSync: (...parameters: Parameters<typeof nodeFileSystem.openSync>) => {
      const descriptor = nodeFileSystem.openSync(...parameters);
      open.add(descriptor);
      return descriptor;
    },
    closeSync: (descriptor: number) => {
      open.delete(descriptor);
      nodeFileSystem.closeSync(descriptor);
    },
    writeSync: ((...parameters: Parameters<typeof nodeFileSystem.writeSync>) => {
      if (isFull) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      return nodeFileSystem.writeSync(...parameters);
    }) as typeof nodeFileSystem.writeSync,
  };
  const target = FolderTarget.open(join(root, 'docs'), fileSystem);
  const openBefore = [...open];
  isFull = true;
  expect(() => target.keep(new Uint8Array(8))).toThrow(expect.objectContaining({ code: 'disk-full' }));
  expect([...open]).toEqual(openBefore);
  target.close();
  expect(open.size).toBe(0);
});
