import { createHash } from 'node:crypto';
import type { UploadWish } from './upload-wish.ts';

/** Hidden, so that it is never listed or served. The first half says whose it is, the second which file it is. */
export const PART_NAME = /^\.parley-upload-[0-9a-f]{32}(?:\.list)?$/;
const PART_PREFIX = '.parley-upload-';
/** Of the list of chunks beside what has come. */
export const LIST_SUFFIX = '.list';
const HALF_DIGITS = 16;

/** The same for every attempt of the same user at the same file, also after a restart. */
// CHAT-UPLOAD-5
export function partNameOf({ name, size, chunkRoot, account, sent, folder }: UploadWish): string {
  const users = [...(sent?.users ?? [])].sort().join(' ');
  const what = createHash('sha256')
    .update(folder === undefined ? `${size} ${keyOf(name)} ${users} ` : `folder ${keyOf(name)} ${users} `)
    // Another list of the same folder goes on with what came of an earlier one (CHAT-FOLDER-12).
    .update(folder === undefined ? chunkRoot : '')
    .digest('hex');
  return `${ownPartPrefix(account)}${what.slice(0, HALF_DIGITS)}`;
}

/** What the names of all parts begin with that are of one account, or of guests. */
export function ownPartPrefix(account: string | undefined): string {
  const owner = account === undefined ? 'guests' : `account ${account}`;
  return `${PART_PREFIX}${createHash('sha256').update(owner).digest('hex').slice(0, HALF_DIGITS)}`;
}

/** The same for names that some file system takes for one. */
export function keyOf(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}
