import * as nodeFileSystem from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FilePath, FolderEntry } from '@parley/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { FolderTarget } from '../src/folder-target.ts';
import { withOpenDescriptors } from './support/open-descriptors.ts';

/** The disk of this machine, which counts how often it was asked what stands at a path. */
function countingDisk() {
  const looks: string[] = [];
  const lstatSync = (...parameters: Parameters<typeof nodeFileSystem.lstatSync>) => {
    looks.push(String(parameters[0]));
    return nodeFileSystem.lstatSync(...parameters);
  };
  return {
    looks,
    fileSystem: { ...nodeFileSystem, lstatSync: lstatSync as typeof nodeFileSystem.lstatSync },
  };
}

function entriesOf(files: number): FolderEntry[] {
  const entry = (path: string, kind: FolderEntry['kind']): FolderEntry => {
    return { kind, path: path as never, mode: 0o755, modifiedAt: 1_000, size: 0 };
  };
  return [
    entry('sub', 'folder'),
    ...Array.from({ length: files }, (_, index) => entry(`sub/${index}`, 'file')),
  ];
}

function makeRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'parley-folder-target-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

test('nobody looks for files in a folder that was just made, and what comes into it since is seen', () => {
  const root = makeRoot();
  const { looks, fileSystem } = countingDisk();
  const target = FolderTarget.open(join(root, 'docs'), fileSystem);
  onTestFinished(() => target.close());
  const [folder, ...files] = entriesOf(20);
  looks.length = 0;
  expect(target.makeFolder(folder as FolderEntry)).toBe('done');
  for (const file of files) expect(target.standingOf(file)).toBe('missing');
  expect(looks).toEqual([]);
  const staged = target.make(1, files[0] as FolderEntry);
  staged.complete(1_000);
  staged.publish(undefined);
  expect(files.slice(0, 2).map((file) => target.standingOf(file))).toEqual(['done', 'missing']);
  expect(looks).toHaveLength(2);
});

test.each([
  ['is new', false],
  ['has something already', true],
])('a disk that fails when a place that %s is opened keeps nobody from trying again', (_, hasSomething) => {
  const path = join(makeRoot(), 'docs');
  if (hasSomething) {
    const target = FolderTarget.open(path, nodeFileSystem);
    target.keep(Buffer.from('a list'));
    target.close();
  }
  const before = nodeFileSystem.existsSync(path);
  const readdirSync = () => {
    throw Object.assign(new Error('the disk is broken'), { code: 'EIO' });
  };
  const broken = { ...nodeFileSystem, readdirSync: readdirSync as never };
  expect(() => FolderTarget.open(path, broken)).toThrow('cannot write');
  expect(nodeFileSystem.existsSync(path)).toBe(before);
  const target = FolderTarget.open(path, nodeFileSystem);
  expect(target.recall()).toEqual(hasSomething ? new Uint8Array(Buffer.from('a list')) : undefined);
  target.close();
});

test('what is kept of a folder when the rest of it is removed is looked at once', () => {
  const path = join(makeRoot(), 'docs');
  const [folder, ...files] = entriesOf(20);
  const entries = [folder as FolderEntry, ...files];
  nodeFileSystem.mkdirSync(join(path, 'sub'), { recursive: true });
  for (const file of files) {
    nodeFileSystem.writeFileSync(join(path, file.path), '');
    nodeFileSystem.utimesSync(join(path, file.path), 1, 1);
  }
  nodeFileSystem.writeFileSync(join(path, 'sub', 'other'), '');
  const { looks, fileSystem } = countingDisk();
  const target = FolderTarget.open(path, fileSystem);
  onTestFinished(() => target.close());
  target.prune(entries);
  expect(entries.map((entry) => target.standingOf(entry))).toEqual(entries.map(() => 'done'));
  expect(looks.filter((one) => one === join(path, 'sub', '3'))).toHaveLength(1);
  expect(nodeFileSystem.existsSync(join(path, 'sub', 'other'))).toBe(false);
});

test('a list that does not fit on the disk leaves no descriptor open', () => {
  const root = makeRoot();
  const { open, fileSystem: watched } = withOpenDescriptors();
  let isFull = false;
  const fileSystem = {
    ...watched,
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
  const staged = killed.make(2, file);
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
