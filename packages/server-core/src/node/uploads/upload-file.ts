import { createHash, type Hash } from 'node:crypto';
import * as nodeFileSystem from 'node:fs';
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { giveName } from '@parley/folders';
import { chunkBytesOf, chunkCountOf, SHA256_BYTES } from '@parley/protocol';
import type { TransferFailure, UploadOffer } from '../../transfers/transfer-host.ts';
import { chunkRootOf } from '../hashing/chunk-hasher.ts';
import type { IncomingContent } from '../transfers/incoming-content.ts';

/** What taking a file needs of `node:fs`; tests give one that fails on purpose. */
export type UploadFileSystem = Pick<
  typeof nodeFileSystem,
  | 'closeSync'
  | 'fstatSync'
  | 'fsyncSync'
  | 'ftruncateSync'
  | 'linkSync'
  | 'lstatSync'
  | 'openSync'
  | 'readSync'
  | 'renameSync'
  | 'unlinkSync'
  | 'writeSync'
>;

/** What the list of chunks is called, behind the name of the bytes. */
const LIST_SUFFIX = '.list';

/** The file cannot be taken (any further). */
export class UploadError extends Error {
  override readonly name = 'UploadError';
  readonly reason: Extract<
    TransferFailure,
    'content-mismatch' | 'no-space' | 'file-exists' | 'connection-lost' | 'internal-error'
  >;

  constructor(reason: UploadError['reason'], detail: string, cause?: unknown) {
    super(detail, { cause });
    this.reason = reason;
  }
}

/** Bytes read at a time where what is here is looked at again: others have their turn between two of them. */
const READ_BYTES = 262_144;

/**
 * A file that comes in as one stream: the list of its chunks, then its bytes, from where an earlier attempt ended. Each chunk is
 * verified when it is there, and the file gets its name when all are. Throws `UploadError`s.
 */
// CHAT-UPLOAD-3
export class UploadFile implements IncomingContent {
  readonly #offer: UploadOffer;
  readonly #fileSystem: UploadFileSystem;
  readonly #chunkHashes: Uint8Array;
  readonly #chunkBytes: number;
  #descriptor: number | undefined;
  #listBytes = 0;
  #writtenBytes = 0;
  #verifiedBytes = 0;
  #chunkHash: Hash = createHash('sha256');

  private constructor(offer: UploadOffer, fileSystem: UploadFileSystem) {
    this.#offer = offer;
    this.#fileSystem = fileSystem;
    this.#chunkHashes = new Uint8Array(chunkCountOf(offer.size) * SHA256_BYTES);
    this.#chunkBytes = chunkBytesOf(offer.size);
  }

  /** Begins, or goes on behind the chunks that an earlier attempt left and that are still what they have to be. */
  // CHAT-UPLOAD-5
  static async open(offer: UploadOffer, fileSystem: UploadFileSystem = nodeFileSystem): Promise<UploadFile> {
    const file = new UploadFile(offer, fileSystem);
    try {
      await file.#recall();
    } catch (error) {
      file.keep();
      throw error;
    }
    return file;
  }

  /** Bytes of the file that are here and right. */
  get verifiedBytes(): number {
    return this.#verifiedBytes;
  }

  /** Takes the next bytes of the stream. */
  take(bytes: Uint8Array): undefined {
    const listBytes = Math.min(bytes.byteLength, this.#chunkHashes.byteLength - this.#listBytes);
    if (listBytes > 0) {
      this.#chunkHashes.set(bytes.subarray(0, listBytes), this.#listBytes);
      this.#listBytes += listBytes;
      if (this.#listBytes === this.#chunkHashes.byteLength) {
        this.#checkRoot();
        this.#keepList();
      }
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
  publish(): undefined {
    const { size, path, partPath } = this.#offer;
    if (size === 0) this.#checkRoot();
    if (this.#verifiedBytes !== size) throw mismatch(`${this.#writtenBytes} of ${size} bytes came`);
    this.#try(() => {
      const fileSystem = this.#fileSystem;
      fileSystem.fsyncSync(this.#openDescriptor);
      const how = giveName(fileSystem, partPath, path);
      try {
        if (how === 'linked') this.discard();
        else this.#leave();
        this.#syncFolder(dirname(path));
      } catch (error) {
        // Who is told that the upload failed finds nothing of it.
        fileSystem.unlinkSync(path);
        throw error;
      }
    });
  }

  /** Closes the file and removes what is left under its passing name; may be called twice. */
  discard(): undefined {
    if (!this.#close()) return;
    this.#fileSystem.unlinkSync(this.#offer.partPath);
    this.#removeList();
  }

  /** Closes the file, which has left its passing name. */
  #leave(): void {
    this.#close();
    this.#removeList();
  }

  /** Closes the file and leaves it to another attempt, if there is a chunk to go on from; may be called twice. */
  // CHAT-UPLOAD-5
  keep(): undefined {
    if (this.#verifiedBytes === 0) this.discard();
    else this.#close();
  }

  #close(): boolean {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) this.#fileSystem.closeSync(descriptor);
    return descriptor !== undefined;
  }

  /** Opens what an earlier attempt left, or a new file, and finds out how much of it is right. */
  async #recall(): Promise<void> {
    const { partPath } = this.#offer;
    const hasList = this.#readList();
    const left = hasList ? this.#openOwn(partPath, constants.O_RDWR) : undefined;
    if (left !== undefined) {
      this.#descriptor = left;
      await this.#verifyLeft(left);
      this.#try(() => this.#fileSystem.ftruncateSync(left, this.#verifiedBytes));
      return;
    }
    this.#removeList();
    removeQuietly(this.#fileSystem, partPath);
    // Never an existing file, and never what a link leads to.
    this.#descriptor = this.#try(() => this.#fileSystem.openSync(partPath, 'wx', 0o644));
  }

  /** Whether the list of an earlier attempt is there; then it is this file's, or the root would be another one. */
  #readList(): boolean {
    const descriptor = this.#openOwn(this.#listPath, constants.O_RDONLY);
    if (descriptor === undefined) return false;
    try {
      const list = new Uint8Array(this.#chunkHashes.byteLength);
      if (this.#read(descriptor, list, 0) < list.byteLength) return false;
      if (Buffer.compare(chunkRootOf(this.#offer.size, list), this.#offer.chunkRoot) !== 0) return false;
      this.#chunkHashes.set(list);
      return true;
    } finally {
      this.#fileSystem.closeSync(descriptor);
    }
  }

  async #verifyLeft(descriptor: number): Promise<void> {
    const { size } = this.#offer;
    const buffer = new Uint8Array(Math.min(READ_BYTES, size));
    for (let end = 0; end < size; ) {
      end = Math.min(end + this.#chunkBytes, size);
      for (let at = this.#verifiedBytes; at < end; ) {
        const piece = buffer.subarray(0, end - at);
        if (this.#read(descriptor, piece, at) < piece.byteLength) {
          this.#chunkHash = createHash('sha256');
          return;
        }
        this.#chunkHash.update(piece);
        at += piece.byteLength;
        await setImmediate();
      }
      try {
        this.#checkChunk(end);
      } catch {
        this.#chunkHash = createHash('sha256');
        return;
      }
      this.#writtenBytes = end;
    }
  }

  /** Only where there is a whole chunk to come back to: less is not worth a second file. */
  #keepList(): void {
    if (this.#verifiedBytes > 0 || this.#offer.size <= this.#chunkBytes) return;
    // A server that was killed before the first chunk was whole has left its own.
    this.#removeList();
    this.#try(() => {
      const descriptor = this.#fileSystem.openSync(this.#listPath, 'wx', 0o600);
      try {
        for (let at = 0; at < this.#chunkHashes.byteLength; ) {
          at += this.#fileSystem.writeSync(descriptor, this.#chunkHashes, at);
        }
      } finally {
        this.#fileSystem.closeSync(descriptor);
      }
    });
  }

  #removeList(): void {
    removeQuietly(this.#fileSystem, this.#listPath);
  }

  get #listPath(): string {
    return `${this.#offer.partPath}${LIST_SUFFIX}`;
  }

  /** A regular file of ours, not what a link leads to; undefined when there is none. */
  #openOwn(path: string, flags: number): number | undefined {
    let descriptor: number;
    try {
      descriptor = this.#fileSystem.openSync(path, flags | (constants.O_NOFOLLOW ?? 0));
    } catch {
      return undefined;
    }
    if (this.#fileSystem.fstatSync(descriptor).isFile()) return descriptor;
    this.#fileSystem.closeSync(descriptor);
    return undefined;
  }

  /** Fills `bytes` with what stands at `position`; gives how much there was. */
  #read(descriptor: number, bytes: Uint8Array, position: number): number {
    return this.#try(() => {
      let count = 0;
      while (count < bytes.byteLength) {
        const length = bytes.byteLength - count;
        const more = this.#fileSystem.readSync(descriptor, bytes, count, length, position + count);
        if (more === 0) break;
        count += more;
      }
      return count;
    });
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

function removeQuietly(fileSystem: UploadFileSystem, path: string): void {
  try {
    fileSystem.unlinkSync(path);
  } catch {
    // It was not there, mostly; what is in the way is noticed where it is.
  }
}

function mismatch(detail: string): UploadError {
  return new UploadError('content-mismatch', detail);
}
