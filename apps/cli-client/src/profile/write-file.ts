import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A disk that is busy for longer than this is not waited for at the end. */
const RENAME_WAIT_MS_MAX = 1_000;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Writes a file of this user's alone; whoever reads it finds the old text or the new one, and never half of it. */
export function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: FOLDER_MODE });
  const unfinished = `${file}.${process.pid}.new`;
  writeFileSync(unfinished, text, { mode: FILE_MODE });
  renameSync(unfinished, file);
}

/** The same again and again, without waiting for the disk: somebody types meanwhile. */
export class RewrittenFile {
  readonly #file: string;
  /** What is about to become the file. */
  #renamed: string | undefined;
  /** Texts that were written at once. */
  #count = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** One at a time. */
  async write(text: string): Promise<void> {
    const count = this.#count;
    await mkdir(dirname(this.#file), { recursive: true, mode: FOLDER_MODE });
    const unfinished = `${this.#file}.${process.pid}.later`;
    await writeFile(unfinished, text, { mode: FILE_MODE });
    // A newer text is there.
    if (count !== this.#count) return rm(unfinished);
    this.#renamed = unfinished;
    try {
      await rename(unfinished, this.#file);
    } finally {
      this.#renamed = undefined;
    }
  }

  /** At once, also while the program ends. What `write` has begun is not to come afterwards and put the older text there. */
  writeNow(text: string): void {
    this.#count += 1;
    const until = performance.now() + RENAME_WAIT_MS_MAX;
    const clock = new Int32Array(new SharedArrayBuffer(4));
    while (this.#renamed !== undefined && existsSync(this.#renamed) && performance.now() < until) {
      Atomics.wait(clock, 0, 0, 1);
    }
    writeWhole(this.#file, text);
  }
}
