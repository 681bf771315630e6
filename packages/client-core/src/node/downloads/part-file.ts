import { createHash, webcrypto } from 'node:crypto';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import {
  closeQuietly,
  closingOnError,
  createFile,
  giveName,
  isSameFile,
  openOwnFile,
  removeQuietly,
  syncFolder,
  type TargetFileSystem,
  writeFully,
} from '@parley/folders';
import type { ByteRange } from '@parley/protocol';
import { fromFileError, TransferError } from '../transfers/transfer-error.ts';
import { writtenRanges } from './written-ranges.ts';

const { subtle } = webcrypto;

/** One write of this size costs little more than one of a packet's size; what waits for it dies with the process. */
const RUN_BYTES_MAX = 64 * 1024;
const HASH_PIECE_BYTES = 1024 * 1024;

/** Where the bytes of a file are while it is incomplete, and where they belong. */
export interface PartFilePlace {
  readonly part: string;
  readonly target: string;
  /** Called before each change; throws when the part file is somebody else's by now. */
  readonly assertOurs: () => void;
}

/**
 * The bytes of a file while it is incomplete: written at any offsets under a hidden name beside the target, and given the
 * final name when they are whole. Its methods throw `TransferError`s.
 */
export class PartFile {
  readonly path: string;
  readonly #targetPath: string;
  readonly #fileSystem: TargetFileSystem;
  readonly #assertOurs: () => void;
  #descriptor: number | undefined;
  /** Bytes that follow each other and wait to be written together. */
  readonly #run = Buffer.allocUnsafeSlow(RUN_BYTES_MAX);
  #runOffset = 0;
  #runBytes = 0;
  #piece: Buffer<ArrayBuffer> | undefined;

  private constructor(paths: PartFilePlace, descriptor: number, fileSystem: TargetFileSystem) {
    this.path = paths.part;
    this.#assertOurs = paths.assertOurs;
    this.#targetPath = paths.target;
    this.#descriptor = descriptor;
    this.#fileSystem = fileSystem;
  }

  /** Opens the part file that is there, or makes one. */
  static open(paths: PartFilePlace, fileSystem: TargetFileSystem): PartFile {
    try {
      const found = openOwnFile(fileSystem, paths.part);
      const descriptor = found ?? createFile(fileSystem, paths.part);
      const sync = () => syncFolder(fileSystem, dirname(paths.part));
      if (found === undefined) closingOnError(fileSystem, descriptor, sync);
      return new PartFile(paths, descriptor, fileSystem);
    } catch (error) {
      throw fromFileError(error, paths.target);
    }
  }

  /** Bytes of the file on the disk, holes included. */
  get size(): number {
    return this.#try((descriptor) => this.#fileSystem.fstatSync(descriptor).size);
  }

  /** Takes bytes for their place in the file. They may reach the system later, with `flush` at the latest. */
  write(offset: number, bytes: Uint8Array): void {
    const runEnd = this.#runOffset + this.#runBytes;
    if (offset === runEnd && this.#runBytes + bytes.byteLength <= RUN_BYTES_MAX) {
      this.#run.set(bytes, this.#runBytes);
      this.#runBytes += bytes.byteLength;
      return;
    }
    // What fills a hole behind the run was lost once and comes alone: the run goes on without it.
    if (offset < runEnd || bytes.byteLength > RUN_BYTES_MAX) {
      this.#writeAt(offset, bytes);
      return;
    }
    this.flush();
    this.#run.set(bytes);
    this.#runOffset = offset;
    this.#runBytes = bytes.byteLength;
  }

  /** Hands what is held back to the system. */
  flush(): void {
    if (this.#runBytes === 0) return;
    const bytes = this.#run.subarray(0, this.#runBytes);
    this.#runBytes = 0;
    this.#writeAt(this.#runOffset, bytes);
    this.#runOffset += bytes.byteLength;
  }

  /**
   * SHA-256 of the bytes from `start` up to `end`, or to the end of the file; `isCancelled` is asked between pieces. One call
   * at a time.
   */
  async hash(start: number, end: number, isCancelled: () => boolean): Promise<Uint8Array> {
    if (end - start <= HASH_PIECE_BYTES) {
      const bytes = await this.#readFully(this.#pieceMemory.subarray(0, end - start), start);
      // In another thread: this one has packets to take.
      return new Uint8Array(await subtle.digest('SHA-256', bytes));
    }
    const hash = createHash('sha256');
    for await (const bytes of this.pieces(start, end, isCancelled)) hash.update(bytes);
    return hash.digest();
  }

  /** The same bytes, piece by piece: each is valid until the next. One call at a time, and none of `hash` meanwhile. */
  async *pieces(start: number, end: number, isCancelled: () => boolean): AsyncGenerator<Uint8Array> {
    const piece = this.#pieceMemory;
    for (let position = start; position < end && !isCancelled(); ) {
      const count = await this.#read(piece.subarray(0, end - position), position);
      if (count === 0) return;
      yield piece.subarray(0, count);
      position += count;
    }
  }

  /** What was written of the bytes from `start` up to `end`, as far as they tell. One call at a time, and none of `hash` meanwhile. */
  async written(start: number, end: number): Promise<ByteRange[]> {
    const ranges: ByteRange[] = [];
    for (let position = start; position < end; ) {
      const bytes = await this.#readFully(this.#pieceMemory.subarray(0, end - position), position);
      if (bytes.byteLength === 0) break;
      ranges.push(...writtenRanges(bytes, position));
      position += bytes.byteLength;
    }
    return ranges;
  }

  /** Cuts the file to `size` bytes. */
  truncate(size: number): void {
    this.#try((descriptor) => {
      this.#assertOurs();
      this.#fileSystem.ftruncateSync(descriptor, size);
    });
  }

  /** Makes the bytes durable. */
  async sync(): Promise<void> {
    this.flush();
    try {
      await promisify(this.#fileSystem.fsync)(this.#openDescriptor());
    } catch (error) {
      throw fromFileError(error, this.#targetPath);
    }
  }

  /** Makes the bytes durable and gives them the final name, unless somebody has it: `target-exists`. */
  async publish(): Promise<void> {
    await this.sync();
    try {
      this.#assertUnchanged();
      this.#giveName();
    } catch (error) {
      throw fromFileError(error, this.#targetPath);
    }
    this.close();
  }

  /** Removes the file. Never throws: whoever discards has an error to report already. */
  discard(): void {
    this.close();
    removeQuietly(this.#fileSystem, this.path);
  }

  /** May be called twice; never throws. */
  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    this.#runBytes = 0;
    if (descriptor !== undefined) closeQuietly(this.#fileSystem, descriptor);
  }

  /** Memory for one piece of the file, made when the first is read. */
  get #pieceMemory(): Buffer<ArrayBuffer> {
    this.#piece ??= Buffer.allocUnsafeSlow(HASH_PIECE_BYTES);
    return this.#piece;
  }

  /** As much of the piece as the file has. */
  async #readFully(piece: Buffer<ArrayBuffer>, position: number): Promise<Buffer<ArrayBuffer>> {
    let length = 0;
    while (length < piece.byteLength) {
      const count = await this.#read(piece.subarray(length), position + length);
      if (count === 0) break;
      length += count;
    }
    return piece.subarray(0, length);
  }

  #read(piece: Buffer, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#fileSystem.read(this.#openDescriptor(), piece, 0, piece.byteLength, position, (error, count) => {
        if (error) reject(fromFileError(error, this.#targetPath));
        else resolve(count);
      });
    });
  }

  #openDescriptor(): number {
    if (this.#descriptor === undefined) {
      throw new TransferError('host-failed', 'the part file is closed already');
    }
    return this.#descriptor;
  }

  #writeAt(offset: number, bytes: Uint8Array): void {
    this.#try((descriptor) => {
      this.#assertOurs();
      writeFully(this.#fileSystem, descriptor, bytes, offset);
    });
  }

  #try<Result>(run: (descriptor: number) => Result): Result {
    try {
      return run(this.#openDescriptor());
    } catch (error) {
      throw fromFileError(error, this.#targetPath);
    }
  }

  /** The name that is published has to be that of the bytes that were verified. */
  #assertUnchanged(): void {
    const own = this.#fileSystem.fstatSync(this.#openDescriptor());
    const named = this.#fileSystem.lstatSync(this.path, { throwIfNoEntry: false });
    if (isSameFile(own, named)) return;
    throw new TransferError('disk-error', `somebody took ${this.path} away: get the file again`);
  }

  #giveName(): void {
    const { path } = this;
    const target = this.#targetPath;
    if (giveName(this.#fileSystem, path, target) === 'moved') {
      this.#syncNames(() => this.#fileSystem.renameSync(target, path));
      return;
    }
    this.#syncNames(() => this.#fileSystem.unlinkSync(target));
    removeQuietly(this.#fileSystem, path);
  }

  #syncNames(takeBack: () => void): void {
    try {
      syncFolder(this.#fileSystem, dirname(this.#targetPath));
    } catch (error) {
      // The name would be gone after a crash: better that it is gone now, when somebody can be told.
      takeBack();
      throw error;
    }
  }
}
