import type { SharedFile } from '@parley/folders';
import { troubleInRanges } from '@parley/protocol';
import type { Effect } from '../../domain/effects.ts';
import type { TransferOffer } from '../../transfers/transfer-host.ts';
import type { FileDigests } from '../hashing/chunk-hasher.ts';
import type { HashProgress } from '../hashing/hash-progress.ts';
import { TransferRefusal } from './transfer-refusal.ts';

type Opening = Extract<Effect, { type: 'open-transfer' }>;
type Content = Pick<TransferOffer, 'chunkHashes' | 'comparedWith' | 'ranges' | 'following'>;

const noList = new Uint8Array(0);

/** Whether the client can do with digests that come with the bytes: it takes for granted no others than the server can. */
// CHAT-DIGEST-1
export function mayFollow({ chunkRoot, ranges, version }: Opening, file: SharedFile): boolean {
  if (ranges?.length === 0) return false;
  return version === undefined ? chunkRoot === undefined : isVersion(version, file);
}

/** What the stream of a transfer holds. Throws `TransferRefusal`. */
// CHAT-CHUNK-3, CHAT-CHUNK-5
export function contentFor(opening: Opening, file: SharedFile, digests: FileDigests): Content {
  const { chunkRoot, version } = opening;
  const { chunkHashes } = digests;
  const isOther =
    chunkRoot === undefined
      ? version !== undefined && !isVersion(version, file)
      : Buffer.compare(chunkRoot, digests.chunkRoot) !== 0;
  // The client has parts of another file: it has to see these digests before it can say what it lacks.
  if (isOther) return { chunkHashes, ranges: [] };
  const ranges = rangesOf(opening, file);
  if (chunkRoot !== undefined) return { chunkHashes: noList, comparedWith: chunkHashes, ranges };
  return { chunkHashes, comparedWith: version && chunkHashes, ranges };
}

/** The same where the digests are not known yet. */
// CHAT-DIGEST-2
export function followingContentFor(
  opening: Opening,
  file: SharedFile,
  progress: HashProgress | undefined,
): Content {
  const ranges = rangesOf(opening, file);
  return { chunkHashes: noList, ranges, following: { progress: progress?.shared } };
}

function rangesOf({ name, ranges }: Opening, { size }: SharedFile): TransferOffer['ranges'] {
  const trouble = ranges && troubleInRanges(ranges, size);
  if (trouble !== undefined) throw new TransferRefusal('range-invalid', `${name}: ${trouble}`);
  return ranges ?? (size > 0 ? [{ start: 0, end: size }] : []);
}

function isVersion({ size, modifiedAt }: NonNullable<Opening['version']>, file: SharedFile): boolean {
  return size === file.size && modifiedAt === file.modifiedAt;
}
