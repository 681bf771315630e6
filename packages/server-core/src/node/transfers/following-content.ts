import { createHash } from 'node:crypto';
import { READ_BYTES_MAX, SourceFile, type SourceFileSystem } from '@parley/folders';
import {
  type ByteRange,
  chunkBytesOf,
  DIGESTS_TRAILER_BYTES,
  piecesOf,
  SHA256_BYTES,
} from '@parley/protocol';
import type { FollowingDigests, TransferOffer } from '../../transfers/transfer-host.ts';
import { HashProgress } from '../hashing/hash-progress.ts';
import type { OutgoingContent } from './outgoing-content.ts';

/** The digest of a chunk, known or made of the bytes as they are read. */
interface ChunkHash {
  readonly isKnown: boolean;
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

/** A part of one chunk that is being sent, and the digest of the chunk, as far as it is known. */
interface CurrentPiece {
  readonly piece: ByteRange;
  readonly chunk: ByteRange;
  readonly hash: ChunkHash;
  offset: number;
}

/**
 * Ranges of one file whose digests were not known when it was offered: behind each piece of a chunk comes the digest of that chunk, and
 * at the end what is known of the whole by then. Where the thread that hashes has been already its digests are taken; elsewhere the
 * chunk is hashed here, so that nothing waits.
 */
// CHAT-DIGEST-2
export class FollowingContent implements OutgoingContent {
  readonly #offer: TransferOffer;
  readonly #fileSystem: SourceFileSystem | undefined;
  readonly #progress: HashProgress | undefined;
  readonly #pieces: Iterator<ByteRange>;
  readonly overheadBytes: number;
  #file: SourceFile | undefined;
  #current: CurrentPiece | undefined;
  #isOver = false;
  /** For what is read and not sent. */
  #around: Uint8Array | undefined;

  constructor(
    offer: TransferOffer,
    { progress }: FollowingDigests,
    fileSystem: SourceFileSystem | undefined,
  ) {
    this.#offer = offer;
    this.#fileSystem = fileSystem;
    this.#progress = progress && new HashProgress(progress);
    this.#pieces = this.#allPieces();
    let pieceCount = 0;
    for (const _ of this.#allPieces()) pieceCount += 1;
    this.overheadBytes = pieceCount * SHA256_BYTES + DIGESTS_TRAILER_BYTES;
  }

  get bufferBytes(): number {
    return Math.max(DIGESTS_TRAILER_BYTES, Math.min(READ_BYTES_MAX, this.#offer.size));
  }

  open(): void {
    const { path, size, modifiedAt } = this.#offer;
    this.#file = SourceFile.open({ path, size, modifiedAt }, this.#fileSystem);
  }

  read(buffer: Uint8Array): Uint8Array | undefined {
    let length = 0;
    // One piece for the transport, not one for each digest.
    while (length + SHA256_BYTES <= buffer.byteLength) {
      this.#current ??= this.#nextPiece();
      const current = this.#current;
      if (current === undefined) break;
      length += this.#take(current, buffer.subarray(length));
    }
    return length === 0 ? this.#end(buffer) : buffer.subarray(0, length);
  }

  close(): void {
    this.#file?.close();
  }

  get #source(): SourceFile {
    return this.#file as SourceFile;
  }

  *#allPieces(): Generator<ByteRange> {
    for (const range of this.#offer.ranges) yield* piecesOf(range, this.#offer.size);
  }

  /** The next bytes of a piece, or the digest behind them. */
  #take(current: CurrentPiece, buffer: Uint8Array): number {
    const { piece, chunk, hash } = current;
    if (current.offset === piece.end) {
      this.#hashBetween(current, { start: piece.end, end: chunk.end });
      this.#current = undefined;
      buffer.set(hash.digest());
      return SHA256_BYTES;
    }
    const count = this.#source.read(buffer.subarray(0, piece.end - current.offset), current.offset);
    hash.update(buffer.subarray(0, count));
    current.offset += count;
    return count;
  }

  #nextPiece(): CurrentPiece | undefined {
    const next = this.#pieces.next();
    if (next.done === true) return undefined;
    const piece = next.value;
    const chunkBytes = chunkBytesOf(this.#offer.size);
    const index = Math.floor(piece.start / chunkBytes);
    const start = index * chunkBytes;
    const chunk = { start, end: Math.min(this.#offer.size, start + chunkBytes) };
    const known = this.#progress?.chunkHash(index);
    const hash = known === undefined ? newHash() : knownHash(known);
    const current = { piece, chunk, hash, offset: piece.start };
    this.#hashBetween(current, { start, end: piece.start });
    return current;
  }

  /** What is around a piece is not sent, and belongs to the digest. */
  #hashBetween({ hash }: CurrentPiece, { start, end }: ByteRange): void {
    if (hash.isKnown || start === end) return;
    this.#around ??= Buffer.allocUnsafeSlow(READ_BYTES_MAX);
    const buffer = this.#around;
    for (let offset = start; offset < end; ) {
      const count = this.#source.read(buffer.subarray(0, end - offset), offset);
      hash.update(buffer.subarray(0, count));
      offset += count;
    }
  }

  /** Zeros where nothing is known of the whole yet. */
  #end(buffer: Uint8Array): Uint8Array | undefined {
    this.#source.checkUnchanged();
    if (this.#isOver) return undefined;
    this.#isOver = true;
    const trailer = buffer.subarray(0, DIGESTS_TRAILER_BYTES).fill(0);
    const whole = this.#progress?.whole;
    if (whole !== undefined) {
      trailer.set(whole.sha256);
      trailer.set(whole.chunkRoot, SHA256_BYTES);
    }
    return trailer;
  }
}

function newHash(): ChunkHash {
  const hash = createHash('sha256');
  return { isKnown: false, update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
}

function knownHash(digest: Uint8Array): ChunkHash {
  return { isKnown: true, update: () => undefined, digest: () => digest };
}
