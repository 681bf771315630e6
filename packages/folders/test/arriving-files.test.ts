import { createHash } from 'node:crypto';
import * as nodeFileSystem from 'node:fs';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FolderEntry } from '@parley/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ArrivingFiles } from '../src/arriving-files.ts';
import { FolderProgress } from '../src/folder-progress.ts';
import { FolderTarget } from '../src/folder-target.ts';
import { readLeftOvers } from '../src/left-over.ts';
import {
  FILES_BEING_SYNCED_MAX,
  FILES_WAITING_MAX,
  GATHER_MS,
  WRITTEN_WHOLE_BYTES_MAX,
} from '../src/limits.ts';
import { withOpenDescriptors } from './support/open-descriptors.ts';

const TIME = 1_700_000_000_000;
let root = '';
let target: FolderTarget | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parley-arriving-files-'));
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  target?.close();
  rmSync(root, { recursive: true, force: true });
});

type Fsync = (descriptor: number, callback: (error: Error | null) => void) => void;

/** A folder of files of one letter each, on a disk that the test holds in its hands. */
function arrange(contents: readonly string[]) {
  const entries: FolderEntry[] = contents.map((content, index) => ({
    kind: 'file',
    path: `f${index}` as never,
    mode: 0o644,
    modifiedAt: TIME,
    size: content.length,
  }));
  /** Syncs that wait for the disk. */
  const syncs: { finish(code?: string): void }[] = [];
  const opened: string[] = [];
  const { open, fileSystem } = withOpenDescriptors();
  const fsync: Fsync = (_, callback) => {
    syncs.push({ finish: (code) => callback(code ? Object.assign(new Error(code), { code }) : null) });
  };
  const folder = join(root, 'docs');
  target = FolderTarget.open(folder, {
    ...fileSystem,
    fsync: fsync as typeof nodeFileSystem.fsync,
    openSync: (...parameters: Parameters<typeof nodeFileSystem.openSync>) => {
      opened.push(String(parameters[0]));
      return fileSystem.openSync(...parameters);
    },
  });
  const progress = new FolderProgress(entries, () => 'missing');
  const arriving = new ArrivingFiles(target);
  const bring = (index: number, digestOf = contents[index] ?? '') => {
    arriving.begin(progress, index);
    for (const letter of contents[index] ?? '') arriving.write(Buffer.from(letter));
    arriving.end(progress, index, {
      isUnchanged: true,
      digest: createHash('sha256').update(digestOf).digest(),
    });
  };
  const names = () => readdirSync(folder).filter((name) => !name.startsWith('.'));
  return { folder, progress, arriving, syncs, open, opened, bring, names };
}

test('files get their names together, and none before it is durable', async () => {
  const { folder, arriving, syncs, bring, names, progress } = arrange(['one', 'two', '']);
  for (const index of [0, 1, 2]) bring(index);
  await vi.advanceTimersByTimeAsync(GATHER_MS - 1);
  expect(syncs).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(syncs).toHaveLength(3);
  syncs[0]?.finish();
  syncs[1]?.finish();
  await vi.advanceTimersByTimeAsync(0);
  expect(names()).toEqual([]);
  syncs[2]?.finish();
  await arriving.settle();
  expect(names()).toEqual(['f0', 'f1', 'f2']);
  expect(readFileSync(join(folder, 'f1'), 'utf8')).toBe('two');
  expect(statSync(join(folder, 'f1')).mtimeMs).toBe(TIME);
  expect(progress.doneBytes).toBe(6);
});

test('a small file that came wrong never was on the disk', async () => {
  const { arriving, opened, bring, progress } = arrange(['one']);
  const before = opened.length;
  bring(0, 'another');
  await arriving.settle();
  expect(opened.slice(before)).toEqual([]);
  expect(progress.stateOf(0)).toBe('missing');
});

test('a file that cannot be made durable gets no name, and the others of its group do', async () => {
  const { folder, arriving, syncs, bring, names } = arrange(['one', 'two', 'three']);
  for (const index of [0, 1, 2]) bring(index);
  const settled = arriving.settle();
  syncs[0]?.finish();
  syncs[1]?.finish('EIO');
  syncs[2]?.finish();
  await expect(settled).rejects.toMatchObject({ code: 'disk-error' });
  expect(names()).toEqual(['f0', 'f2']);
  expect(readdirSync(join(folder, '.parley-folder.part'))).toEqual(['lock']);
});

test('while a group is on its way to the disk the next one gathers, and then there is no room', async () => {
  const count = FILES_BEING_SYNCED_MAX + FILES_WAITING_MAX;
  const { arriving, syncs, bring, names } = arrange(Array.from({ length: count + 1 }, () => 'x'));
  for (let index = 0; index < count - 1; index += 1) bring(index);
  await vi.advanceTimersByTimeAsync(0);
  expect(syncs).toHaveLength(FILES_BEING_SYNCED_MAX);
  expect(arriving.room()).toBeUndefined();
  bring(count - 1);
  const room = arriving.room();
  expect(room).toBeInstanceOf(Promise);
  for (const sync of syncs.splice(0)) sync.finish();
  await room;
  await vi.advanceTimersByTimeAsync(0);
  expect(names()).toHaveLength(FILES_BEING_SYNCED_MAX);
  expect(arriving.room()).toBeUndefined();
  expect(syncs).toHaveLength(FILES_WAITING_MAX);
  for (const sync of syncs.splice(0)) sync.finish();
  bring(count);
  const settled = arriving.settle();
  await vi.advanceTimersByTimeAsync(0);
  for (const sync of syncs.splice(0)) sync.finish();
  await settled;
  expect(names()).toHaveLength(count + 1);
  expect(vi.getTimerCount()).toBe(1); // The heartbeat of the lock.
});

test('however many tiny files one read holds, few are open, and few are synced at a time', async () => {
  const count = 5 * FILES_BEING_SYNCED_MAX;
  const { arriving, syncs, open, bring, names } = arrange(Array.from({ length: count }, () => 'x'));
  const before = open.size;
  for (let index = 0; index < count; index += 1) bring(index);
  const settled = arriving.settle();
  for (let left = count; left > 0; left -= FILES_BEING_SYNCED_MAX) {
    await vi.advanceTimersByTimeAsync(0);
    expect(syncs).toHaveLength(FILES_BEING_SYNCED_MAX);
    expect(open.size - before).toBe(FILES_BEING_SYNCED_MAX);
    for (const sync of syncs.splice(0)) sync.finish();
  }
  await settled;
  expect(names()).toHaveLength(count);
  expect(open.size).toBe(before);
});

test('a large file does not wait for others', () => {
  const { arriving, syncs, bring } = arrange([
    'x'.repeat(WRITTEN_WHOLE_BYTES_MAX),
    'y'.repeat(WRITTEN_WHOLE_BYTES_MAX + 1),
  ]);
  bring(0);
  expect(syncs).toHaveLength(0);
  bring(1);
  expect(syncs).toHaveLength(2);
  expect(arriving.partBytes).toBe(0);
});

// CHAT-FOLDER-7, CHAT-FOLDER-12
test.each([3, WRITTEN_WHOLE_BYTES_MAX + 3])(
  'of a file of %i bytes that does not come whole the beginning is kept',
  async (size) => {
    const content = 'x'.repeat(size);
    const { folder, arriving, progress } = arrange([content]);
    arriving.begin(progress, 0);
    arriving.write(Buffer.from('xx'));
    expect(arriving.partBytes).toBe(2);
    arriving.drop();
    arriving.drop();
    expect(arriving.partBytes).toBe(2);
    const left = await readLeftOvers(target as FolderTarget, progress.missingFiles, nodeFileSystem);
    expect([...left].map(([index, { bytes }]) => [index, bytes])).toEqual([[0, 2]]);
    arriving.goOnFrom(left);
    arriving.begin(progress, 0, 2);
    arriving.write(Buffer.from(content.slice(2)));
    arriving.end(progress, 0, { isUnchanged: true, digest: createHash('sha256').update(content).digest() });
    expect(arriving.partBytes).toBe(0);
    expect(readdirSync(join(folder, '.parley-folder.part'))).toEqual([
      expect.stringMatching(/^begun-/),
      'lock',
    ]);
  },
);

test('a file that begins anew is not put behind what was kept of it', async () => {
  const { folder, arriving, progress } = arrange(['abc']);
  arriving.begin(progress, 0);
  arriving.write(Buffer.from('xx'));
  arriving.drop();
  arriving.goOnFrom(await readLeftOvers(target as FolderTarget, progress.missingFiles, nodeFileSystem));
  arriving.begin(progress, 0);
  arriving.write(Buffer.from('a'));
  arriving.drop();
  const [name] = readdirSync(join(folder, '.parley-folder.part'));
  expect(readFileSync(join(folder, '.parley-folder.part', name as string), 'utf8')).toBe('a');
});

test('what was kept and has become shorter is not filled up with nothing', async () => {
  const { folder, arriving, progress } = arrange(['abc']);
  arriving.begin(progress, 0);
  arriving.write(Buffer.from('ab'));
  arriving.drop();
  arriving.goOnFrom(await readLeftOvers(target as FolderTarget, progress.missingFiles, nodeFileSystem));
  const [name] = readdirSync(join(folder, '.parley-folder.part'));
  writeFileSync(join(folder, '.parley-folder.part', name as string), 'a');
  expect(() => arriving.begin(progress, 0, 2)).toThrowError(expect.objectContaining({ code: 'disk-error' }));
});

test('a disk that is full keeps nothing of a file, and that is no error', () => {
  const { arriving, progress } = arrange(['abc']);
  arriving.begin(progress, 0);
  arriving.write(Buffer.from('ab'));
  // Nothing can be made there any more.
  rmSync(root, { recursive: true });
  arriving.drop();
  expect(arriving.partBytes).toBe(0);
});
