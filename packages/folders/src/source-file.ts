import * as nodeFileSystem from 'node:fs';
import { MovedFileError, type OpeningFileSystem, openInPlace } from './open-in-place.ts';

/** A file as its receiver was told of it. */
export interface AnnouncedFile {
  /** Absolute path of a regular file, free of links, already checked to lie where it may be served from. */
  readonly path: string;
  /** A file of another size is not sent. */
  readonly size: number;
  /** Whole milliseconds since 1970. A file that was changed at another time is not sent. */
  readonly modifiedAt: number;
  /** SHA-256 that its bytes had when they were read before, if they were: others are not sent as this file. */
  readonly sha256?: Uint8Array | undefined;
}

/** What a source file needs of `node:fs`; tests give one that fails on purpose. */
export type SourceFileSystem = OpeningFileSystem & Pick<typeof nodeFileSystem, 'readSync'>;

/** The file cannot be sent (any further). */
export class SourceFileError extends Error {
  override readonly name = 'SourceFileError';
  readonly reason: 'file-changed' | 'file-unreadable' | 'digest-wrong';

  constructor(reason: SourceFileError['reason'], detail: string, cause?: unknown) {
    super(detail, { cause });
    this.reason = reason;
  }
}

/** A file that is sent: read at its offsets, and checked to be the one that was announced. Throws `SourceFileError`s. */
export class SourceFile {
  readonly #announced: AnnouncedFile;
  readonly #fileSystem: SourceFileSystem;
  #descriptor: number | undefined;

  private constructor(announced: AnnouncedFile, fileSystem: SourceFileSystem) {
    this.#announced = announced;
    this.#fileSystem = fileSystem;
    this.#descriptor = openInPlace(announced.path, fileSystem);
  }

  /** Opens the file; throws when it cannot be read or is not the announced one. */
  static open(announced: AnnouncedFile, fileSystem: SourceFileSystem = nodeFileSystem): SourceFile {
    let file: SourceFile;
    try {
      file = new SourceFile(announced, fileSystem);
    } catch (error) {
      throw unreadable(error);
    }
    try {
      file.checkUnchanged();
      return file;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Reads at `offset` and returns the count, at least 1; throws `file-changed` at an end that came too early. */
  read(buffer: Uint8Array, offset: number): number {
    const length = Math.min(buffer.byteLength, this.#announced.size - offset);
    const count = this.#try((descriptor) => this.#fileSystem.readSync(descriptor, buffer, 0, length, offset));
    if (count > 0) return count;
    throw new SourceFileError(
      'file-changed',
      `the file ends at ${offset}, announced ${this.#announced.size}`,
    );
  }

  /** Throws `file-changed` when size or time of change are no longer the announced ones. */
  // CHAT-TRANSFER-10
  checkUnchanged(): void {
    const { size, modifiedAt } = this.#announced;
    const found = this.#try((descriptor) => this.#fileSystem.fstatSync(descriptor));
    if (!found.isFile()) throw new SourceFileError('file-changed', 'the file is no regular file any more');
    if (found.size !== size) {
      throw new SourceFileError('file-changed', `the file has ${found.size} bytes, announced ${size}`);
    }
    if (Math.max(0, Math.floor(found.mtimeMs)) !== modifiedAt) {
      throw new SourceFileError('file-changed', 'the file was written to after it was announced');
    }
  }

  /** Frees the descriptor; may be called twice, never throws. */
  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor === undefined) return;
    try {
      this.#fileSystem.closeSync(descriptor);
    } catch {
      // Whatever the system says, it is gone, and what was read is with the client.
    }
  }

  #try<Result>(run: (descriptor: number) => Result): Result {
    if (this.#descriptor === undefined) throw new SourceFileError('file-unreadable', 'the file is closed');
    try {
      return run(this.#descriptor);
    } catch (error) {
      throw unreadable(error);
    }
  }
}

function unreadable(error: unknown): SourceFileError {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof MovedFileError) return new SourceFileError('file-changed', detail, error);
  return new SourceFileError('file-unreadable', detail, error);
}
