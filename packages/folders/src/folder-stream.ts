import {
  FOLDER_FILE_OVERHEAD_BYTES,
  FOLDER_STATUS,
  type FolderEntry,
  travelsInFolder,
} from '@parley/protocol';

/** Takes what a folder's stream holds, in its order. */
export interface FolderStreamTaker {
  /** The list is whole. Gives the entries, and the places of those whose files follow. */
  takeManifest(bytes: Uint8Array): ExpectedFiles;
  /** The file at this place of the list begins, with byte `from`. */
  beginFile(index: number, from: number): void;
  takeBytes(index: number, bytes: Uint8Array): void;
  /** It ended; `digest` (SHA-256) is that of the bytes that were sent. */
  endFile(index: number, isUnchanged: boolean, digest: Uint8Array): void;
  /** The server could not send it. */
  missFile(index: number, why: 'changed' | 'unreadable'): void;
}

/** The files that a stream holds. */
export interface ExpectedFiles {
  readonly entries: readonly FolderEntry[];
  /** Places in `entries`, in ascending order. */
  readonly indexes: readonly number[];
  /** Of files that need not begin at their beginning: from which byte on they may come. */
  readonly froms?: ReadonlyMap<number, number>;
}

const TRAILER_BYTES = FOLDER_FILE_OVERHEAD_BYTES - 1;

/** The stream of a folder: the list, if it comes, and then the files that were asked for, each with a status and its digest. */
// CHAT-FOLDER-3, CHAT-FOLDER-4
export class FolderStream {
  readonly #taker: FolderStreamTaker;
  readonly #manifest: Uint8Array;
  #manifestBytes = 0;
  #expected: ExpectedFiles | undefined;
  /** Which of the expected files it is about. */
  #turn = 0;
  /** Of the file whose bytes come: what is missing of them; `undefined` before the first. */
  #missingBytes: number | undefined;
  readonly #trailer = new Uint8Array(TRAILER_BYTES);
  #trailerBytes = 0;

  /** With `manifestBytes` of 0 no list comes, and the files are known. `begun` is what is here of the list, less than all. */
  constructor(
    taker: FolderStreamTaker,
    manifestBytes: number,
    { expected, begun }: { readonly expected?: ExpectedFiles; readonly begun?: Uint8Array | undefined } = {},
  ) {
    this.#taker = taker;
    this.#manifest = new Uint8Array(manifestBytes);
    this.#manifest.set(begun ?? []);
    this.#manifestBytes = begun?.byteLength ?? 0;
    this.#expected = expected;
  }

  /** What is here of the list; nothing when that is whole, or none comes. */
  // CHAT-FOLDER-13
  get begunManifest(): Uint8Array | undefined {
    const isBegun = this.#manifestBytes > 0 && this.#manifestBytes < this.#manifest.byteLength;
    return isBegun ? this.#manifest.subarray(0, this.#manifestBytes) : undefined;
  }

  /** Whether everything that was to come is there. */
  get isComplete(): boolean {
    return this.#expected !== undefined && this.#turn === this.#expected.indexes.length;
  }

  /** Takes the next bytes, however the stream was cut; false when there are more than there should be. */
  take(bytes: Uint8Array): boolean {
    let rest = bytes;
    while (rest.byteLength > 0) {
      const count = this.#takeSome(rest);
      if (count === 0) return false;
      rest = rest.subarray(count);
    }
    return true;
  }

  #takeSome(bytes: Uint8Array): number {
    if (this.#expected === undefined) return this.#takeManifest(bytes);
    const index = this.#expected.indexes[this.#turn];
    if (index === undefined) return 0;
    if (this.#missingBytes === undefined) return this.#begin(index, bytes[0] as number);
    if (this.#missingBytes > 0) {
      const piece = bytes.subarray(0, this.#missingBytes);
      this.#missingBytes -= piece.byteLength;
      this.#taker.takeBytes(index, piece);
      return piece.byteLength;
    }
    return this.#takeTrailer(index, bytes);
  }

  #takeManifest(bytes: Uint8Array): number {
    const piece = bytes.subarray(0, this.#manifest.byteLength - this.#manifestBytes);
    this.#manifest.set(piece, this.#manifestBytes);
    this.#manifestBytes += piece.byteLength;
    if (this.#manifestBytes === this.#manifest.byteLength) {
      this.#expected = this.#taker.takeManifest(this.#manifest);
    }
    return piece.byteLength;
  }

  #begin(index: number, status: number): number {
    if (status === FOLDER_STATUS.whole || status === FOLDER_STATUS.rest) {
      const from = status === FOLDER_STATUS.rest ? (this.#expected?.froms?.get(index) ?? 0) : 0;
      this.#missingBytes = (this.#expected?.entries[index]?.size ?? 0) - from;
      this.#taker.beginFile(index, from);
    } else {
      this.#turn += 1;
      this.#taker.missFile(index, status === FOLDER_STATUS.changed ? 'changed' : 'unreadable');
    }
    return 1;
  }

  #takeTrailer(index: number, bytes: Uint8Array): number {
    const piece = bytes.subarray(0, TRAILER_BYTES - this.#trailerBytes);
    this.#trailer.set(piece, this.#trailerBytes);
    this.#trailerBytes += piece.byteLength;
    if (this.#trailerBytes === TRAILER_BYTES) {
      this.#trailerBytes = 0;
      this.#missingBytes = undefined;
      this.#turn += 1;
      this.#taker.endFile(index, this.#trailer[0] === FOLDER_STATUS.whole, this.#trailer.slice(1));
    }
    return piece.byteLength;
  }
}

/** The places of the files of some ranges that are meant: that travel in the stream, unless told; of all files without ranges. */
// CHAT-FOLDER-3
export function filesOfRanges(
  entries: readonly FolderEntry[],
  ranges: readonly { readonly start: number; readonly end: number }[] = [{ start: 0, end: entries.length }],
  isMeant: (entry: FolderEntry) => boolean = travelsInFolder,
): number[] {
  const indexes: number[] = [];
  for (const { start, end } of ranges) {
    for (let index = start; index < end; index += 1) {
      const entry = entries[index];
      if (entry !== undefined && isMeant(entry)) indexes.push(index);
    }
  }
  return indexes;
}
