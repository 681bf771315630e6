import { createHash, type Hash } from 'node:crypto';
import * as nodeFileSystem from 'node:fs';
import { dirname } from 'node:path';
import { chunkBytesOf, chunkCountOf, SHA256_BYTES } from '@parley/protocol';
import type { TransferFailure, UploadOffer } from '../transfers/transfer-host.ts';
import { chunkRootOf } from './chunk-hasher.ts';

/** What taking a file needs of `node:fs`; tests give one that fails on purpose. */
export type UploadFileSystem = Pick<
  typeof nodeFileSystem,
  'closeSync' | 'fsyncSync' | 'linkSync' | 'openSync' | 'unlinkSync' | 'writeSync'
>;

/** The file cannot be taken (any further). */
export class UploadError extends Error {
  override readonly name = 'UploadError';
  readonly reason: Extract<
    TransferFailure,
    'content-mismatch' | 'no-space' | 'file-exists' | 'internal-error'
  >;

  constructor(reason: UploadError['reason'], detail: string, cause?: unknown) {
    super(detail, { cause });
    this.reason = reason;
  }
}

/**
 * A file that comes in as one stream: the list of its chunks, then its bytes. Each chunk is verified when it is there,
 * and the file gets its name when all are. Throws `UploadError`s.
 */
// CHAT-UPLOAD-3
export class UploadFile {
  readonly #offer: UploadOffer;
  readonly #fileSystem: UploadFileSystem;
  readonly #chunkHashes: Uint8Array;
  readonly #chunkBytes: number;
  #descriptor: number | undefined;
  #listBytes = 0;
  #writtenBytes = 0;
  #verifiedBytes = 0;
  #chunkHash: Hash = createHash('sha256');

  constructor(offer: UploadOffer, fileSystem: UploadFileSystem = nodeFileSystem) {
    this.#offer = offer;
    this.#fileSystem = fileSystem;
    this.#chunkHashes = new Uint8Array(chunkCountOf(offer.size) * SHA256_BYTES);
    this.#chunkBytes = chunkBytesOf(offer.size);
    // Never an existing file, and never what a link leads to.
    this.#descriptor = this.#try(() => fileSystem.openSync(offer.partPath, 'wx', 0o644));
  }

  /** Bytes of the file that are here and right. */
  get verifiedBytes(): number {
    return this.#verifiedBytes;
  }

  /** Takes the next bytes of the stream. */
  take(bytes: Uint8Array): void {
    const listBytes = Math.min(bytes.byteLength, this.#chunkHashes.byteLength - this.#listBytes);
    if (listBytes > 0) {
      this.#chunkHashes.set(bytes.subarray(0, listBytes), this.#listBytes);
      this.#listBytes += listBytes;
      if (this.#listBytes === this.#chunkHashes.byteLength) this.#checkRoot();
    }
    for (let offset = listBytes; offset < bytes.byteLength; ) {
      if (this.#writtenBytes === this.#offer.size) throw mismatch(`more than ${this.#offer.size} bytes came`);
      const chunkEnd = Math.min(this.#verifiedBytes + this.#chunkBytes, this.#offer.size);
      const piece = bytes.subarray(offset, offset + chunkEnd - this.#writtenBytes);
      this.#write(piece);
      this.#chunkHash.update(piece);
      offset += piece.byteLength;
      if (this.#writtenBytes === chunkEnd) this.#checkChunk(chunkEnd);
    }
  }

  /** The stream has ended: gives the file its name when it is whole and durable. */
  // CHAT-UPLOAD-4
  publish(): void {
    const { size, path, partPath } = this.#offer;
    if (size === 0) this.#checkRoot();
    if (this.#verifiedBytes !== size) throw mismatch(`${this.#writtenBytes} of ${size} bytes came`);
    this.#try(() => {
      const fileSystem = this.#fileSystem;
      fileSystem.fsyncSync(this.#openDescriptor);
      // Unlike a rename this never takes the place of a file that came there in between.
      fileSystem.linkSync(partPath, path);
      try {
        this.discard();
        this.#syncFolder(dirname(path));
      } catch (error) {
        // Who is told that the upload failed finds nothing of it.
        fileSystem.unlinkSync(path);
        throw error;
      }
    });
  }

  /** Closes the file and removes what is left under its passing name; may be called twice. */
  discard(): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    this.#descriptor = undefined;
    this.#fileSystem.closeSync(descriptor);
    this.#fileSystem.unlinkSync(this.#offer.partPath);
  }

  get #openDescriptor(): number {
    if (this.#descriptor === undefined) throw new UploadError('internal-error', 'the file is closed');
    return this.#descriptor;
  }

  #write(piece: Uint8Array): void {
    for (let offset = 0; offset < piece.byteLength; ) {
      const length = piece.byteLength - offset;
      const count = this.#try(() =>
        this.#fileSystem.writeSync(this.#openDescriptor, piece, offset, length, this.#writtenBytes),
      );
      offset += count;
      this.#writtenBytes += count;
    }
  }

  // CHAT-CHUNK-4
  #checkRoot(): void {
    const root = chunkRootOf(this.#offer.size, this.#chunkHashes);
    if (Buffer.compare(root, this.#offer.chunkRoot) !== 0) {
      throw mismatch('the list of chunks is not the announced one');
    }
  }

  #checkChunk(end: number): void {
    const index = Math.floor(this.#verifiedBytes / this.#chunkBytes);
    const digest = this.#chunkHash.digest();
    const expected = this.#chunkHashes.subarray(index * SHA256_BYTES, (index + 1) * SHA256_BYTES);
    if (Buffer.compare(digest, expected) !== 0) throw mismatch(`chunk ${index} is not the announced one`);
    this.#chunkHash = createHash('sha256');
    this.#verifiedBytes = end;
  }

  #syncFolder(folder: string): void {
    // Windows has no handle of a folder that could be synced.
    if (process.platform === 'win32') return;
    const descriptor = this.#fileSystem.openSync(folder, 'r');
    try {
      this.#fileSystem.fsyncSync(descriptor);
    } finally {
      this.#fileSystem.closeSync(descriptor);
    }
  }

  #try<Result>(run: () => Result): Result {
    try {
      return run();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
      const reason = isFull ? 'no-space' : code === 'EEXIST' ? 'file-exists' : 'internal-error';
      throw new UploadError(reason, message, error);
    }
  }
}

function mismatch(detail: string): UploadError {
  return new UploadError('content-mismatch', detail);
}
