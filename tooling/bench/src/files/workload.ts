import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeMemoryFolder } from '../memory-folder.ts';

/** What is fetched. */
export interface Workload {
  /** The folder that is shared. */
  readonly share: string;
  /** For what peers need, and for what comes. */
  readonly scratch: string;
  readonly smallBytes: number;
  readonly largeBytes: number;
}

export const SMALL_NAME = 'small/';
export const LARGE_NAME = 'large.bin';
const FILES_PER_FOLDER = 100;
const PIECE_BYTES = 1_000_000;

/** Makes a folder with so many small files, and one large file, of random bytes. It lasts until this program ends. */
export function makeWorkload(size: { files: number; fileBytes: number; megabytes: number }): Workload {
  const scratch = makeMemoryFolder();
  const share = join(scratch, 'share');
  for (let index = 0; index < size.files; index += 1) {
    const folder = join(share, SMALL_NAME, `folder-${Math.floor(index / FILES_PER_FOLDER)}`);
    if (index % FILES_PER_FOLDER === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file-${index}.bin`), randomFillSync(Buffer.alloc(size.fileBytes)));
  }
  mkdirSync(share, { recursive: true });
  const large = openSync(join(share, LARGE_NAME), 'w');
  const piece = Buffer.alloc(PIECE_BYTES);
  for (let index = 0; index < size.megabytes; index += 1) writeSync(large, randomFillSync(piece));
  closeSync(large);
  return {
    ...{ share, scratch, smallBytes: size.files * size.fileBytes, largeBytes: size.megabytes * PIECE_BYTES },
  };
}

/** Whether two files or folders are the same, byte for byte. */
export function isSame(left: string, right: string): boolean {
  return spawnSync('diff', ['-rq', left, right]).status === 0;
}

/** Bytes of the disk that a folder's files take: of a file that is fetched out of order, what is there of it. */
export function bytesOnDisk(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    try {
      bytes += entry.isDirectory() ? bytesOnDisk(path) : statSync(path).blocks * 512;
    } catch {
      // It got another name meanwhile.
    }
  }
  return bytes;
}
