import { createHash } from 'node:crypto';
import { describeFolder, type FolderListing, type OutgoingFile, type SharedFile } from '@parley/folders';
import {
  FOLDER_LIST_PLACE,
  type FolderEntry,
  type Sha256,
  travelsInFolder,
  troubleInRanges,
} from '@parley/protocol';
import type { Effect } from '../../domain/effects.ts';
import { CatalogueError } from './catalogue-error.ts';

/** What somebody knows of a folder, and wants of it. */
export type FolderWish = Pick<FolderOpening, 'known' | 'ranges'> & Partial<Pick<FolderOpening, 'begun'>>;

type FolderOpening = Extract<Effect, { type: 'open-folder' }>;

/** A file that is wanted. */
export type WantedFile = SharedFile & Pick<OutgoingFile, 'begun'>;

/** What is said of a folder, and what its stream holds. */
export interface FolderContent {
  readonly manifestRoot: Sha256;
  readonly manifestBytes: number;
  /** Bytes of all files. */
  readonly size: number;
  /** Sent before the files: the list, or nothing. */
  readonly manifest: Uint8Array;
  readonly files: readonly WantedFile[];
}

/** What the stream of a folder holds for somebody who knows this and wants that. Throws `FolderSizeError` and `CatalogueError`. */
// CHAT-FOLDER-3
export function folderContentFor(
  { name, known, ranges, begun }: FolderWish & { readonly name: string },
  { entries, files }: FolderListing,
): FolderContent {
  const { manifest: list, manifestRoot, size } = describeFolder(entries);
  const about = { manifestRoot, manifestBytes: list.byteLength, size };
  const isKnown = known !== undefined && Buffer.compare(known, manifestRoot) === 0;
  // The client has another list: it has to see this one before it can say what it lacks.
  if (known !== undefined && !isKnown) return { ...about, manifest: list, files: [] };
  const trouble = ranges && troubleInRanges(ranges, entries.length);
  if (trouble !== undefined) throw new CatalogueError('range-invalid', `${name}: ${trouble}`);
  if (isKnown && begun?.place === FOLDER_LIST_PLACE) {
    return { ...about, manifest: restOf(list, begun, name), files: filesIn(files, entries, { ranges }) };
  }
  // CHAT-FOLDER-7
  if (begun !== undefined && begun.place !== FOLDER_LIST_PLACE && !isWithin(begun, entries)) {
    throw new CatalogueError('range-invalid', `${name}: no file in it has so many bytes at that place`);
  }
  return {
    ...about,
    manifest: isKnown ? new Uint8Array(0) : list,
    files: filesIn(files, entries, { ranges, begun }),
  };
}

/** The rest of the list for somebody who has the first bytes of it. */
// CHAT-FOLDER-13
function restOf(
  list: Uint8Array,
  { bytes, sha256 }: NonNullable<FolderWish['begun']>,
  name: string,
): Uint8Array {
  const isPart = bytes > 0 && bytes < list.byteLength;
  const digest = createHash('sha256').update(list.subarray(0, bytes)).digest();
  if (isPart && Buffer.compare(digest, sha256) === 0) return list.slice(bytes);
  throw new CatalogueError('range-invalid', `${name}: its list does not begin with these ${bytes} bytes`);
}

/** The files at some places that travel in the stream. */
function filesIn(
  files: FolderListing['files'],
  entries: readonly FolderEntry[],
  { ranges, begun }: Pick<FolderWish, 'ranges' | 'begun'>,
): WantedFile[] {
  const wanted: WantedFile[] = [];
  for (const { start, end } of ranges ?? [{ start: 0, end: entries.length }]) {
    for (let index = start; index < end; index += 1) {
      const [entry, file] = [entries[index], files[index]];
      if (entry === undefined || file === undefined || !travelsInFolder(entry)) continue;
      wanted.push(begun?.place === index ? { ...file, begun } : file);
    }
  }
  return wanted;
}

/** Whether the list has a file at that place, with so many bytes. */
function isWithin(
  { place, bytes }: NonNullable<FolderWish['begun']>,
  entries: readonly FolderEntry[],
): boolean {
  return bytes > 0 && bytes <= (entries[place]?.size ?? 0);
}
