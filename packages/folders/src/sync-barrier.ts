import { closeSync, openSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { release } from 'node:os';
import type koffi from 'koffi';

/** Makes everything on one file system durable at once. */
export interface SyncBarrier {
  /** Resolves when all that was written before is durable; rejects when something of it, anybody's, could not be. One at a time. */
  sync(): Promise<void>;
  /** Not before the last `sync` has an end. */
  close(): void;
}

/** Starts `syncfs` in another thread; the callback gets what it returns. */
type StartSync = (descriptor: number, callback: (error: unknown, result: number) => void) => void;

/** Since this version `syncfs` tells of errors. */
const KERNEL_MIN = [5, 8] as const;

/**
 * File systems on which `syncfs` is known to wait for bytes, names and the disk itself, by their numbers in `<linux/magic.h>`. Those
 * of networks and of programs (FUSE) may promise less.
 */
const TRUSTED_TYPES: ReadonlySet<number> = new Set([
  0xef53, // ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0xf2f52010, // F2FS
  0x01021994, // tmpfs
]);

let startSync: StartSync | 'none' | undefined;

/** The barrier of the file system on which a folder stands; `undefined` where there is none to rely on. */
export function openSyncBarrier(folder: string): SyncBarrier | undefined {
  startSync ??= loadSync() ?? 'none';
  const start = startSync;
  if (start === 'none') return undefined;
  let descriptor: number;
  try {
    if (!TRUSTED_TYPES.has(statfsSync(folder).type)) return undefined;
    // It hears of errors from now on.
    descriptor = openSync(folder, 'r');
  } catch {
    return undefined;
  }
  return {
    sync: () =>
      new Promise((resolve, reject) => {
        start(descriptor, (error, result) => {
          if (result === 0) resolve();
          else reject(error ?? new Error('syncfs failed'));
        });
      }),
    close: () => closeSync(descriptor),
  };
}

/** Nothing where koffi, an optional dependency, does not load. */
function loadSync(): StartSync | undefined {
  if (process.platform !== 'linux' || !isRecent(release())) return undefined;
  try {
    const { load } = createRequire(import.meta.url)('koffi') as typeof koffi;
    return load(null).func('int syncfs(int fd)').async as StartSync;
  } catch {
    return undefined;
  }
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > KERNEL_MIN[0] || (major === KERNEL_MIN[0] && minor >= KERNEL_MIN[1]);
}
