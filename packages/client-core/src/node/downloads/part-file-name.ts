import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { cutToUtf8Bytes } from '@parley/protocol';

/** What the common file systems allow for one name, in bytes. */
const NAME_BYTES_MAX = 255;
const HEX_DIGITS = 12;
const SUFFIXES = { part: '.part', journal: '.part-journal', lock: '.part-lock' } as const;
const PATTERN = /^\..+\.[0-9a-f]{12}\.part(?:-journal|-lock)?$/s;

/** Where a download keeps what belongs to it while it is incomplete. */
export interface PartPaths {
  /** The bytes. */
  readonly part: string;
  /** What is known of them. */
  readonly journal: string;
  /** Who is writing them. */
  readonly lock: string;
}

/**
 * Hidden names beside the target: `.NAME.DIGEST.part` and its companions. In the same folder, because only there a link or a
 * rename publishes the file without copying; always the same for one target, so that what is there is found again.
 */
export function partPathsFor(targetPath: string): PartPaths {
  const name = basename(targetPath);
  const digest = createHash('sha256').update(name).digest('hex').slice(0, HEX_DIGITS);
  const roomBytes = NAME_BYTES_MAX - 1 - 1 - HEX_DIGITS - SUFFIXES.journal.length;
  const stem = join(dirname(targetPath), `.${cutToUtf8Bytes(name, roomBytes)}.${digest}`);
  return {
    part: stem + SUFFIXES.part,
    journal: stem + SUFFIXES.journal,
    lock: stem + SUFFIXES.lock,
  };
}

/** True for the names that `partPathsFor` makes: what a download has left behind that did not come to its end. */
export function isPartFileName(name: string): boolean {
  return PATTERN.test(name);
}

/** The three names of which one is `path`. */
export function companionsOf(path: string): PartPaths {
  const stem = path.replace(/\.part(?:-journal|-lock)?$/, '');
  return {
    part: stem + SUFFIXES.part,
    journal: stem + SUFFIXES.journal,
    lock: stem + SUFFIXES.lock,
  };
}
