import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from '@parley/programs';

/** Larger than what any run moves: ten minutes at 14 Gbit/s. */
const ENDLESS_FILE_BYTES = 2 ** 40;

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
