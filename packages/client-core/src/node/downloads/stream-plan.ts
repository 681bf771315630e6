import { type ByteRange, chunkCountOf, DIGESTS_TRAILER_BYTES, SHA256_BYTES } from '@parley/protocol';
import type { DownloadOffer, OfferedDigests, WantedBytes } from '../../transfers/download.ts';
import { FollowingLayout, ListedLayout, type StreamLayout } from '../../transfers/stream-layout.ts';
import { TransferError } from '../transfers/transfer-error.ts';
import type { PartialFile } from './partial-file.ts';

/** What was asked for, which decides with the offer what comes. */
export type AskedBytes = Pick<WantedBytes, 'chunkRoot' | 'ranges' | 'version'>;

/** What the stream of an offer holds, and where it goes. */
export interface StreamPlan {
  /** Takes bytes of the stream. Throws a `TransferError`. */
  take(offset: number, bytes: Uint8Array): void;
  /** To be called when the stream is over, with the count of its bytes. Rejects with a `TransferError`. */
  finish(streamBytes: number): Promise<void>;
  /** What stands for the whole file: as it was offered, or as it came. */
  readonly digests: OfferedDigests | undefined;
  /** The file is another one than that of which parts are here. */
  readonly isOther: boolean;
}

/** Makes the plan. `onDoubt` is called when a digest that came with the bytes is not the one in the list that is here. */
export function planStream(
  file: PartialFile,
  asked: AskedBytes,
  offer: DownloadOffer,
  onDoubt: () => void,
): StreamPlan {
  const { digests } = offer;
  return digests === undefined
    ? new FollowingPlan(file, asked, offer, onDoubt)
    : new ListedPlan(file, asked, offer, digests);
}

/** A list of chunks, unless it is here already, and then what was asked for. */
// CHAT-CHUNK-3
class ListedPlan implements StreamPlan {
  readonly digests: OfferedDigests;
  readonly isOther: boolean;
  readonly #file: PartialFile;
  readonly #offer: DownloadOffer;
  readonly #layout: StreamLayout;
  readonly #list: Uint8Array;
  #listBytesMissing: number;
  readonly #hasList: boolean;
  /** The list says what the bytes are that come behind it, or are here without one. */
  readonly #isMerged: boolean;

  constructor(file: PartialFile, asked: AskedBytes, offer: DownloadOffer, digests: OfferedDigests) {
    const { size } = offer;
    const known = file.description;
    const isFresh = known === undefined && asked.ranges === undefined;
    const isSameVersion = asked.version !== undefined && isVersionOf(asked.version, offer);
    this.#file = file;
    this.#offer = offer;
    this.digests = digests;
    this.#hasList = asked.chunkRoot !== undefined && isSame(asked.chunkRoot, digests.chunkRoot);
    this.#isMerged = isFresh || (asked.chunkRoot === undefined && isSameVersion);
    this.isOther =
      known?.chunkRoot === undefined
        ? known !== undefined && !this.#isMerged
        : !isSame(known.chunkRoot, digests.chunkRoot);
    const listBytes = this.#hasList ? 0 : chunkCountOf(size) * SHA256_BYTES;
    const ranges = this.#hasList || this.#isMerged ? (asked.ranges ?? wholeOf(size)) : [];
    this.#layout = new ListedLayout(listBytes, ranges);
    this.#list = new Uint8Array(listBytes);
    this.#listBytesMissing = listBytes;
    if (isFresh) file.begin(size);
  }

  take(offset: number, bytes: Uint8Array): void {
    deliver(this.#layout, offset, bytes, {
      takeList: (at, part) => {
        this.#list.set(part, at);
        this.#listBytesMissing -= part.byteLength;
        if (this.#listBytesMissing === 0 && this.#isMerged) this.#file.describe(this.#description);
      },
      takeFile: (at, part) => this.#file.write(at, part),
      takeChunkHash: () => undefined,
      takeTrailer: () => undefined,
    });
  }

  async finish(streamBytes: number): Promise<void> {
    checkLength(this.#layout, streamBytes);
    if (this.#hasList) return;
    // CHAT-RESUME-3
    if (!this.#isMerged) await this.#file.replace(this.#description);
    // An empty file has no digests whose arrival could be noticed.
    else if (this.#list.byteLength === 0) this.#file.describe(this.#description);
  }

  get #description() {
    const { size, modifiedAt } = this.#offer;
    return { size, modifiedAt, chunkRoot: this.digests.chunkRoot, chunkHashes: this.#list };
  }
}

/** A digest that has not come whole. */
interface ArrivingHash {
  readonly bytes: Uint8Array;
  missing: number;
}

/** What was asked for, and behind each piece of a chunk its digest. */
// CHAT-DIGEST-2, CHAT-DIGEST-3
class FollowingPlan implements StreamPlan {
  readonly isOther = false;
  readonly #file: PartialFile;
  readonly #layout: StreamLayout;
  readonly #onDoubt: () => void;
  readonly #hashes = new Map<number, ArrivingHash>();
  readonly #trailer = new Uint8Array(DIGESTS_TRAILER_BYTES);

  constructor(file: PartialFile, asked: AskedBytes, offer: DownloadOffer, onDoubt: () => void) {
    const { size } = offer;
    const isFresh = file.description === undefined;
    const isAllowed = isFresh
      ? asked.ranges === undefined
      : asked.ranges?.length !== 0 && asked.version !== undefined && isVersionOf(asked.version, offer);
    if (!isAllowed) {
      throw new TransferError(
        'protocol-violation',
        'the server offered a file without the digests that it needs',
      );
    }
    this.#file = file;
    this.#onDoubt = onDoubt;
    this.#layout = new FollowingLayout(size, asked.ranges ?? wholeOf(size));
    if (isFresh) file.beginFollowing(offer);
  }

  take(offset: number, bytes: Uint8Array): void {
    deliver(this.#layout, offset, bytes, {
      takeList: () => undefined,
      takeFile: (at, part) => this.#file.write(at, part),
      takeChunkHash: ({ index, piece }, at, part) => {
        const hash = this.#hashes.get(piece) ?? {
          bytes: new Uint8Array(SHA256_BYTES),
          missing: SHA256_BYTES,
        };
        hash.bytes.set(part, at);
        hash.missing -= part.byteLength;
        if (hash.missing > 0) this.#hashes.set(piece, hash);
        else {
          this.#hashes.delete(piece);
          this.#learn(index, hash.bytes);
        }
      },
      takeTrailer: (at, part) => this.#trailer.set(part, at),
    });
  }

  async finish(streamBytes: number): Promise<void> {
    checkLength(this.#layout, streamBytes);
  }

  get digests(): OfferedDigests | undefined {
    // The server does not know them yet.
    if (this.#trailer.every((byte) => byte === 0)) return undefined;
    return {
      sha256: this.#trailer.slice(0, SHA256_BYTES),
      chunkRoot: this.#trailer.slice(SHA256_BYTES),
    };
  }

  #learn(index: number, hash: Uint8Array): void {
    if (this.#file.learn(index, hash)) return;
    this.#onDoubt();
    throw new TransferError('source-changed', 'the file is another one on the server than before');
  }
}

function deliver(
  layout: StreamLayout,
  offset: number,
  bytes: Uint8Array,
  taker: Parameters<StreamLayout['deliver']>[2],
): void {
  if (offset + bytes.byteLength > layout.totalBytes) throw sizeMismatch(layout.totalBytes, 'more');
  layout.deliver(offset, bytes, taker);
}

function checkLength({ totalBytes }: StreamLayout, streamBytes: number): void {
  if (streamBytes !== totalBytes) throw sizeMismatch(totalBytes, `${streamBytes}`);
}

function isVersionOf(
  { size, modifiedAt }: NonNullable<AskedBytes['version']>,
  offer: DownloadOffer,
): boolean {
  return size === offer.size && modifiedAt === offer.modifiedAt;
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

function wholeOf(size: number): readonly ByteRange[] {
  return size > 0 ? [{ start: 0, end: size }] : [];
}

function sizeMismatch(announced: number, found: string): TransferError {
  return new TransferError(
    'size-mismatch',
    `the server announced ${announced} bytes and sent ${found}: ask for the file again`,
  );
}
