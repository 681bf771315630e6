import { createHash } from 'node:crypto';
import { companionsOf, decodeJournal, isNotedIn } from '@parley/client-core/parts';
import { chunkBytesOf, chunkCountOf, SHA256_BYTES } from '@parley/protocol';
import type { Violations } from '../../checkers/violations.ts';
import type { Disk, DiskWatcher, Inode } from '../disk/disk.ts';

const JOURNAL_PATTERN = /\.part-journal$/;

/**
 * Watches what a user's disk holds of files that are incomplete: a chunk that a journal notes as verified, which nobody looks at again
 * when the program was killed, is what the list of chunks says.
 */
// CHAT-CHUNK-4, CHAT-RESUME-2
export class JournalChecker implements DiskWatcher {
  readonly #violations: Violations;
  readonly #disk: Disk;
  readonly #folder: string;

  constructor(violations: Violations, { disk, folder }: { readonly disk: Disk; readonly folder: string }) {
    this.#violations = violations;
    this.#disk = disk;
    this.#folder = folder;
  }

  /** Also after a loss of power, when every name is looked at anew. */
  onNamed(path: string): void {
    if (JOURNAL_PATTERN.test(path)) this.#check(path);
  }

  onChanged(inode: Inode): void {
    for (const path of this.#disk.pathsOf(inode)) this.onNamed(path);
  }

  /** The program died: all that is left is what the next one begins with. */
  handleDeath(): void {
    for (const name of this.#disk.list(this.#folder)) this.onNamed(`${this.#folder}/${name}`);
  }

  #check(path: string): void {
    const content = this.#disk.bytesOf(path);
    const journal = content && decodeJournal(content);
    const part = this.#disk.bytesOf(companionsOf(path).part);
    if (journal === undefined || part === undefined) return;
    const { size, chunkHashes } = journal.description;
    const chunkBytes = chunkBytesOf(size);
    for (let index = 0; index < chunkCountOf(size); index += 1) {
      const end = Math.min(size, (index + 1) * chunkBytes);
      // Behind the end of what is there nothing is believed.
      if (end > part.byteLength || !isNotedIn(journal.bits, index)) continue;
      const digest = createHash('sha256')
        .update(part.subarray(index * chunkBytes, end))
        .digest();
      const wanted = chunkHashes.subarray(index * SHA256_BYTES, (index + 1) * SHA256_BYTES);
      this.#violations.require(digest.equals(wanted), 'verified chunks', () => {
        return `${path} notes chunk ${index} as verified, and its bytes are others`;
      });
    }
  }
}
