import * as nodeFileSystem from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FilePath, FolderEntry } from '@parley/protocol';
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

// CHAT-FOLDER-7
test('what an earlier life has put into its place is durable when the folder is, also in folders where nothing is put any more', async () => {
  const root = mkdtempSync(join(tmpdir(), 'parley-folder-target-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const paths = new Map<number, string>();
  const synced = new Set<string>();
  const fileSystem = {
    ...nodeFileSystem,
    openSync: (...parameters: Parameters<typeof nodeFileSystem.openSync>) => {
      const descriptor = nodeFileSystem.openSync(...parameters);
      paths.set(descriptor, String(parameters[0]));
      return descriptor;
    },
    fsync: ((descriptor: number, callback: (error: Error | null) => void) => {
      synced.add(paths.get(descriptor) ?? '');
      nodeFileSystem.fsync(descriptor, callback);
    }) as typeof nodeFileSystem.fsync,
  };
  const about = { mode: 0o755, modifiedAt: 1_700_000_000_000, size: 0 };
  const inner: FolderEntry = { ...about, kind: 'folder', path: 'inner' as FilePath };
  const deep: FolderEntry = { ...about, kind: 'folder', path: 'inner/deep' as FilePath };
  const file: FolderEntry = { ...about, kind: 'file', path: 'inner/deep/file' as FilePath };
  const path = join(root, 'docs');
  const killed = FolderTarget.open(path, fileSystem);
  for (const folder of [inner, deep]) killed.makeFolder(folder);
  const staged = killed.begin(2, file);
  staged.complete(file.modifiedAt);
  expect(staged.publish(undefined)).toBe('done');
  killed.close();
  expect(synced).toEqual(new Set());
  const target = FolderTarget.open(path, fileSystem);
  expect([inner, deep].map((folder) => target.makeFolder(folder))).toEqual(['done', 'done']);
  expect(target.standingOf(file)).toBe('done');
  await target.finish([inner, deep, file]);
  expect(synced).toEqual(new Set([join(path, 'inner/deep'), join(path, 'inner'), path, root]));
});
