import { createHash } from 'node:crypto';
import * as nodeFileSystem from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { closeQuietly } from '@parley/folders';
import { chunkBytesOf, chunkCountOf, SHA256_BYTES } from '@parley/protocol';
import { chunkRootOf } from '../transfers/chunk-root.ts';
import { TransferError } from '../transfers/transfer-error.ts';

/** What sending a file needs of `node:fs`; tests give one that fails on purpose. */
export type SourceFileSystem = Pick<
  typeof nodeFileSystem,
  'closeSync' | 'fstatSync' | 'openSync' | 'readSync'
>;

/** Digests of a file that is sent. */
export interface SourceDigests {
  readonly sha256: Uint8Array;
  /** 32 bytes for each chunk. */
  readonly chunkHashes: Uint8Array;
  readonly chunkRoot: Uint8Array;
}

/** Bytes read at a time while hashing; others have their turn between two of them. */
const HASH_READ_BYTES = 262_144;

const { O_RDONLY, O_NONBLOCK = 0 } = nodeFileSystem.constants;

/** A file that is sent: it has to stay what it was when it was opened. Throws `TransferError`s. */
export class SourceFile {
  readonly size: number;
  readonly #path: string;
  readonly #fileSystem: SourceFileSystem;
  readonly #descriptor: number;
  readonly #modifiedAt: number;
  #isClosed = false;

  private constructor(
    path: string,
    fileSystem: SourceFileSystem,
    { descriptor, stats }: { readonly descriptor: number; readonly stats: nodeFileSystem.Stats },
  ) {
    this.#path = path;
    this.#fileSystem = fileSystem;
    this.#descriptor = descriptor;
    this.size = stats.size;
    this.#modifiedAt = stats.mtimeMs;
  }

  static open(path: string, fileSystem: SourceFileSystem = nodeFileSystem): SourceFile {
    let descriptor: number;
    try {
      // A pipe that nobody writes to would hold the thread.
      descriptor = fileSystem.openSync(path, O_RDONLY | O_NONBLOCK);
    } catch (error) {
      throw unreadable(path, error);
    }
    try {
      const stats = fileSystem.fstatSync(descriptor);
      if (!stats.isFile()) throw new TransferError('source-unreadable', `${path} is not a file`);
      return new SourceFile(path, fileSystem, { descriptor, stats });
    } catch (error) {
      closeQuietly(fileSystem, descriptor);
      throw error instanceof TransferError ? error : unreadable(path, error);
    }
  }

  /** Reads all of it once. `assertWanted` throws when nobody wants to know any more. */
  // CHAT-CHUNK-1, CHAT-CHUNK-2
  async digest(assertWanted: () => void): Promise<SourceDigests> {
    const { size } = this;
    const chunkBytes = chunkBytesOf(size);
    const chunkHashes = new Uint8Array(chunkCountOf(size) * SHA256_BYTES);
    const whole = createHash('sha256');
    const buffer = new Uint8Array(Math.min(HASH_READ_BYTES, size));
    for (let index = 0, at = 0; at < size; index += 1) {
      const end = Math.min(at + chunkBytes, size);
      const chunk = createHash('sha256');
      while (at < end) {
        const piece = buffer.subarray(0, this.read(buffer.subarray(0, end - at), at));
        whole.update(piece);
        chunk.update(piece);
        at += piece.byteLength;
        await setImmediate();
        assertWanted();
      }
      chunkHashes.set(chunk.digest(), index * SHA256_BYTES);
    }
    this.checkUnchanged();
    return { sha256: whole.digest(), chunkHashes, chunkRoot: chunkRootOf(size, chunkHashes) };
  }

  /** Reads some bytes, at least one, at `position`. */
  read(buffer: Uint8Array, position: number): number {
    let count: number;
    try {
      count = this.#fileSystem.readSync(this.#descriptor, buffer, 0, buffer.byteLength, position);
    } catch (error) {
      throw unreadable(this.#path, error);
    }
    if (count === 0) throw this.#changed();
    return count;
  }

  /** Throws `source-changed` when it is not what it was. */
  checkUnchanged(): void {
    let stats: nodeFileSystem.Stats;
    try {
      stats = this.#fileSystem.fstatSync(this.#descriptor);
    } catch (error) {
      throw unreadable(this.#path, error);
    }
    if (stats.size !== this.size || stats.mtimeMs !== this.#modifiedAt) throw this.#changed();
  }

  /** May be called twice, never throws. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeQuietly(this.#fileSystem, this.#descriptor);
  }

  #changed(): TransferError {
    return new TransferError(
      'source-changed',
      `${this.#path} changed while it was sent: put it again when it is at rest`,
    );
  }
}

function unreadable(path: string, error: unknown): TransferError {
  const { code } = error as NodeJS.ErrnoException;
  const problem = code === 'ENOENT' ? 'there is no file' : `cannot read (${code})`;
  return new TransferError('source-unreadable', `${problem} ${path}`, error);
}
