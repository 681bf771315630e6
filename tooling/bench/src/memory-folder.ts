import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from '@parley/programs';

/** Larger than what any run moves: ten minutes at 14 Gbit/s. */
const ENDLESS_FILE_BYTES = 2 ** 40;

/** As fast as anything here fills a file. */
const FILL_BYTES_PER_SECOND = 1.25e9;
const BLOCK_BYTES = 2 ** 20;

/** A folder in memory, where there is such a place, until the program ends: disks are not what is measured. */
export function makeMemoryFolder(): string {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'parley-bench-'));
  atExit(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes a file that costs no memory: so long, or longer than what any run moves. */
export function makeSparseFile(path: string, bytes: number | undefined): void {
  writeFileSync(path, '');
  truncateSync(path, bytes ?? ENDLESS_FILE_BYTES);
}

/**
 * Fills and empties as much memory as a file takes, of so many bytes or of a run of `seconds`, half of the free space at most. What a virtual machine
 * has never touched comes from its host page by page, five times as slowly as memory does afterwards, and the first peers would pay for it.
 */
export function touchMemory(folder: string, bytes: number | undefined, seconds: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const path = join(folder, 'touched');
  const block = new Uint8Array(BLOCK_BYTES);
  const file = openSync(path, 'w');
  let rest = Math.min(bytes ?? seconds * FILL_BYTES_PER_SECOND, (bavail * bsize) / 2);
  for (; rest > 0; rest -= BLOCK_BYTES) writeSync(file, block);
  closeSync(file);
  rmSync(path);
}
