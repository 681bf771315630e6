import type * as nodeFileSystem from 'node:fs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FileSyncer } from '../src/file-syncer.ts';
import { BARRIER_FILES_MIN, BARRIER_MS_MAX } from '../src/limits.ts';
import { openSyncBarrier } from '../src/sync-barrier.ts';
import { withOpenDescriptors } from './support/open-descriptors.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-file-syncer-'));
const many = Array.from({ length: BARRIER_FILES_MIN }, (_, index) => join(folder, `f${index}`));
const few = many.slice(1);
for (const path of many) writeFileSync(path, '');
afterAll(() => rmSync(folder, { recursive: true }));

/** A disk on which everything is durable at once, save what is told to fail. */
function fakeDisk(faults: Readonly<Record<string, string>> = {}) {
  const synced: string[] = [];
  const paths = new Map<number, string>();
  const { open, fileSystem: watched } = withOpenDescriptors();
  const openSync = (...parameters: Parameters<typeof watched.openSync>) => {
    const descriptor = watched.openSync(...parameters);
    paths.set(descriptor, String(parameters[0]));
    return descriptor;
  };
  const fsync = (descriptor: number, callback: (error: Error | null) => void) => {
    const path = paths.get(descriptor) ?? '';
    synced.push(path);
    const code = faults[path];
    callback(code === undefined ? null : Object.assign(new Error(code), { code }));
  };
  return { synced, open, fileSystem: { ...watched, openSync, fsync: fsync as typeof nodeFileSystem.fsync } };
}

/** A barrier whose passes end when the test says so. */
function fakeBarrier() {
  const passes: { resolve(): void; reject(error: Error): void }[] = [];
  let isClosed = false;
  return {
    passes,
    get isClosed() {
      return isClosed;
    },
    barrier: {
      sync: () => new Promise<void>((resolve, reject) => passes.push({ resolve, reject })),
      close: () => {
        isClosed = true;
      },
    },
  };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('files become durable', () => {
  test('each by itself where there is no barrier, and each says what went wrong with it', async () => {
    const [first, second = '', third = ''] = many;
    const { synced, open, fileSystem } = fakeDisk({ [second]: 'EIO' });
    const gone = `${third}-gone`;
    const faults = await new FileSyncer(fileSystem, undefined).sync([first ?? '', second, gone, third]);
    expect(synced).toEqual([first, second, third]);
    expect(faults.map((fault) => fault?.message)).toEqual([
      undefined,
      'EIO',
      `somebody took ${gone} away`,
      undefined,
    ]);
    expect(open.size).toBe(0);
  });

  test('by one barrier when they are many, and not by one when they are few', async () => {
    const { synced, fileSystem } = fakeDisk();
    const { passes, barrier } = fakeBarrier();
    const syncer = new FileSyncer(fileSystem, barrier);
    await syncer.sync(few);
    expect([synced, passes]).toEqual([few, []]);
    const sync = syncer.sync(many);
    passes[0]?.resolve();
    expect(await sync).toEqual([]);
    expect([synced, passes.length]).toEqual([few, 1]);
  });

  test('by themselves after a barrier that failed, for it fails for the files of others too', async () => {
    const { synced, fileSystem } = fakeDisk();
    const { passes, barrier } = fakeBarrier();
    const sync = new FileSyncer(fileSystem, barrier).sync(many);
    passes[0]?.reject(new Error('EIO'));
    expect((await sync).filter((fault) => fault !== undefined)).toEqual([]);
    expect(synced).toEqual(many);
  });

  test('by themselves when a barrier takes long, and then there is no other', async () => {
    const { synced, fileSystem } = fakeDisk();
    const fake = fakeBarrier();
    const syncer = new FileSyncer(fileSystem, fake.barrier);
    const sync = syncer.sync(many);
    await vi.advanceTimersByTimeAsync(BARRIER_MS_MAX - 1);
    expect(synced).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await sync;
    await syncer.sync(many);
    expect([synced, fake.passes.length]).toEqual([[...many, ...many], 1]);
    // Its descriptor is in use until it comes back.
    expect(fake.isClosed).toBe(false);
    fake.passes[0]?.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(fake.isClosed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('with the names in their folders, where the system can sync those', async () => {
    const { open, fileSystem: watched } = withOpenDescriptors();
    let code = 'EINVAL';
    const fileSystem = {
      ...watched,
      fsync: ((_: number, callback: (error: Error) => void) =>
        callback(Object.assign(new Error(code), { code }))) as typeof nodeFileSystem.fsync,
    };
    const syncer = new FileSyncer(fileSystem, undefined);
    await syncer.syncFolders([folder, folder]);
    code = 'EIO';
    await expect(syncer.syncFolders([folder])).rejects.toThrow('EIO');
    expect(open.size).toBe(0);
  });
});

describe('the barrier of the system', () => {
  test('passes, again and again, where there is one', async () => {
    const barrier = openSyncBarrier(tmpdir());
    await barrier?.sync();
    await barrier?.sync();
    barrier?.close();
  });

  test('is none for a folder that is not there', () => {
    expect(openSyncBarrier(join(tmpdir(), 'parley-no-such-folder'))).toBeUndefined();
  });
});
