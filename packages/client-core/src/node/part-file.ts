import { createHash } from 'node:crypto';
import * as nodeFileSystem from 'node:fs';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';
import { DownloadError, fromFileError } from './download-failure.ts';
import { partPathFor } from './part-file-name.ts';

/** What a part file needs of `node:fs`; tests give one that fails on purpose. */
export type TargetFileSystem = Pick<
  typeof nodeFileSystem,
  | 'closeSync'
  | 'fsync'
  | 'fsyncSync'
  | 'linkSync'
  | 'lstatSync'
  | 'openSync'
  | 'read'
  | 'renameSync'
  | 'unlinkSync'
  | 'writeSync'
>;

/** One write of this size costs little more than one of a packet's size. */
const runBytesMax = 256 * 1024;
const hashChunkBytes = 1024 * 1024;

/** What a file system says that has no hard links: then the file is published by a rename. */
const noLinkCodes: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EXDEV',
]);
/** What systems say on which a directory cannot be synced. */
const noDirectorySyncCodes: ReadonlySet<string> = new Set([
  'EACCES',
  'EBADF',
  'EINVAL',
  'EISDIR',
  'ENOTSUP',
  'EPERM',
]);

/**
 * A file while it is incomplete: written at any offsets under a hidden name beside the target, published whole or removed.
 * Its methods throw `DownloadError`s. After `publish` or `discard` nothing is left to clean up.
 */
export class PartFile {
  readonly path: string;
  readonly #targetPath: string;
  readonly #fileSystem: TargetFileSystem;
  #descriptor: number | undefined;
  /** Bytes that follow each other and wait to be written together. */
  readonly #run = Buffer.allocUnsafeSlow(runBytesMax);
  #runOffset = 0;
  #runBytes = 0;
  #receivedBytes = 0;

  private constructor(targetPath: string, fileSystem: TargetFileSystem) {
    this.#targetPath = targetPath;
    this.#fileSystem = fileSystem;
    this.path = partPathFor(targetPath);
    this.#descriptor = fileSystem.openSync(this.path, 'wx+');
  }

  /** Creates the part file; throws `target-exists` when the target has its name already. */
  static create(targetPath: string, fileSystem: TargetFileSystem = nodeFileSystem): PartFile {
    try {
      if (fileSystem.lstatSync(targetPath, { throwIfNoEntry: false })) throw targetExists(targetPath);
      return new PartFile(targetPath, fileSystem);
    } catch (error) {
      throw fromFileError(error, targetPath);
    }
  }

  /** Bytes taken so far. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Takes bytes for their place in the file. They may reach the system later; `verify` sees to the rest. */
  write(offset: number, bytes: Uint8Array): void {
    this.#receivedBytes += bytes.byteLength;
    const runEnd = this.#runOffset + this.#runBytes;
    if (offset === runEnd && this.#runBytes + bytes.byteLength <= runBytesMax) {
      this.#run.set(bytes, this.#runBytes);
      this.#runBytes += bytes.byteLength;
      return;
    }
    // What fills a hole behind the run was lost once and comes alone: the run goes on without it.
    if (offset < runEnd || bytes.byteLength > runBytesMax) {
      this.#writeAt(offset, bytes);
      return;
    }
    this.#flush();
    this.#run.set(bytes);
    this.#runOffset = offset;
    this.#runBytes = bytes.byteLength;
  }

  /** Writes out what is held back, and gives the SHA-256 of the whole file; `isCancelled` is asked between chunks. */
  async hash(isCancelled: () => boolean): Promise<Uint8Array> {
    this.#flush();
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafeSlow(hashChunkBytes);
    for (let position = 0; !isCancelled(); ) {
      const count = await this.#read(chunk, position);
      if (count === 0) break;
      hash.update(chunk.subarray(0, count));
      position += count;
    }
    return hash.digest();
  }

  /** Makes the bytes durable and gives them the final name, unless somebody has it: `target-exists`. */
  async publish(): Promise<void> {
    try {
      await promisify(this.#fileSystem.fsync)(this.#openDescriptor());
      this.#close();
      this.#giveName();
      this.#syncFolder();
    } catch (error) {
      throw fromFileError(error, this.#targetPath);
    }
  }

  /** Removes the file; does nothing after `publish`. Never throws: whoever discards has an error to report already. */
  discard(): void {
    try {
      this.#close();
    } catch {
      // The descriptor is gone either way.
    }
    this.#remove();
  }

  #read(chunk: Buffer, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#fileSystem.read(this.#openDescriptor(), chunk, 0, chunk.byteLength, position, (error, count) => {
        if (error) reject(fromFileError(error, this.#targetPath));
        else resolve(count);
      });
    });
  }

  #openDescriptor(): number {
    if (this.#descriptor === undefined)
      throw new DownloadError('host-failed', 'the part file is closed already');
    return this.#descriptor;
  }

  #flush(): void {
    const bytes = this.#run.subarray(0, this.#runBytes);
    this.#runBytes = 0;
    this.#writeAt(this.#runOffset, bytes);
    this.#runOffset += bytes.byteLength;
  }

  #writeAt(offset: number, bytes: Uint8Array): void {
    try {
      // A disk that fills up takes a part first and refuses the rest.
      for (let written = 0; written < bytes.byteLength; ) {
        const rest = bytes.byteLength - written;
        written += this.#fileSystem.writeSync(this.#openDescriptor(), bytes, written, rest, offset + written);
      }
    } catch (error) {
      throw fromFileError(error, this.#targetPath);
    }
  }

  #giveName(): void {
    try {
      // A link, unlike a rename, never replaces what has the name.
      this.#fileSystem.linkSync(this.path, this.#targetPath);
    } catch (error) {
      if (!noLinkCodes.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      if (this.#fileSystem.lstatSync(this.#targetPath, { throwIfNoEntry: false })) {
        throw targetExists(this.#targetPath);
      }
      this.#fileSystem.renameSync(this.path, this.#targetPath);
      return;
    }
    this.#remove();
  }

  #syncFolder(): void {
    let descriptor: number | undefined;
    try {
      descriptor = this.#fileSystem.openSync(dirname(this.#targetPath), 'r');
      this.#fileSystem.fsyncSync(descriptor);
    } catch (error) {
      if (!noDirectorySyncCodes.has((error as NodeJS.ErrnoException).code ?? '')) {
        // The name would be gone after a crash: better that it is gone now, when somebody can be told.
        this.#fileSystem.unlinkSync(this.#targetPath);
        throw error;
      }
    } finally {
      if (descriptor !== undefined) this.#fileSystem.closeSync(descriptor);
    }
  }

  #close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) this.#fileSystem.closeSync(descriptor);
  }

  #remove(): void {
    try {
      this.#fileSystem.unlinkSync(this.path);
    } catch {
      // Published, or removed by somebody else.
    }
  }
}

function targetExists(path: string): DownloadError {
  return new DownloadError('target-exists', `${basename(path)} exists already and was not touched`);
}
