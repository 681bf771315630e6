import { createHash, type Hash } from 'node:crypto';
import { FOLDER_FILE_OVERHEAD_BYTES, FOLDER_STATUS } from '@parley/protocol';
import { READ_BYTES_MAX } from './limits.ts';
import {
  type AnnouncedFile,
  type PartlySentFile,
  SourceFile,
  SourceFileError,
  type SourceFileSystem,
} from './source-file.ts';

/** What comes behind the bytes of a file: a status and a digest. */
const TRAILER_BYTES = FOLDER_FILE_OVERHEAD_BYTES - 1;

/** What is to be sent of a folder. */
export interface OutgoingFolder {
  /** Sent before the files: the list of the folder, or nothing. */
  readonly manifest: Uint8Array;
  readonly files: readonly AnnouncedFile[];
  /** Of files of which the receiver has a beginning; by their path. */
  readonly partly?: ReadonlyMap<string, PartlySentFile>;
  /** Told of a file that cannot be sent; what this throws, `read` throws. Otherwise it ends nothing but itself. */
  readonly onTrouble?: (file: AnnouncedFile, error: SourceFileError) => void;
}

interface CurrentFile {
  readonly announced: AnnouncedFile;
  readonly file: SourceFile;
  readonly hash: Hash;
  offset: number;
  status: number;
}

/**
 * The list of a folder, if it is wanted, and its files one after the other, hashed as they are read. A file that cannot be
 * sent ends nothing but itself.
 */
// CHAT-FOLDER-3, CHAT-FOLDER-4
export class FolderContent {
  readonly bufferBytes = READ_BYTES_MAX;
  readonly #offer: OutgoingFolder;
  readonly #fileSystem: SourceFileSystem | undefined;
  #isListSent: boolean;
  #nextIndex = 0;
  #current: CurrentFile | undefined;

  constructor(offer: OutgoingFolder, fileSystem: SourceFileSystem | undefined) {
    this.#offer = offer;
    this.#fileSystem = fileSystem;
    this.#isListSent = offer.manifest.byteLength === 0;
  }

  get overheadBytes(): number {
    const { manifest, files } = this.#offer;
    return manifest.byteLength + files.length * FOLDER_FILE_OVERHEAD_BYTES;
  }

  open(): void {
    // Each file is opened in its turn.
  }

  read(buffer: Uint8Array): Uint8Array | undefined {
    if (!this.#isListSent) {
      this.#isListSent = true;
      return this.#offer.manifest;
    }
    let length = 0;
    // A buffer holds many small files: one piece for the transport, not one for each.
    while (length + TRAILER_BYTES < buffer.byteLength) {
      const current = this.#current;
      if (current === undefined) {
        const announced = this.#offer.files[this.#nextIndex];
        if (announced === undefined) break;
        this.#nextIndex += 1;
        buffer[length] = this.#begin(announced);
        length += 1;
      } else if (current.offset < current.announced.size) {
        length += this.#takeBytes(current, buffer.subarray(length));
      } else {
        length += this.#end(current, buffer.subarray(length));
      }
    }
    return length === 0 ? undefined : buffer.subarray(0, length);
  }

  close(): void {
    this.#current?.file.close();
    this.#current = undefined;
  }

  #begin(announced: AnnouncedFile): number {
    try {
      const file = SourceFile.open(announced, this.#fileSystem);
      const { from: offset, hash } = this.#offer.partly?.get(announced.path) ?? {
        from: 0,
        hash: createHash('sha256'),
      };
      this.#current = { announced, file, hash, offset, status: FOLDER_STATUS.whole };
      return FOLDER_STATUS.whole;
    } catch (error) {
      return this.#statusOf(announced, error);
    }
  }

  #end(current: CurrentFile, buffer: Uint8Array): number {
    const { announced, file, hash } = current;
    const digest = hash.digest();
    try {
      file.checkUnchanged();
      if (current.status === FOLDER_STATUS.whole) checkDigest(announced, digest);
    } catch (error) {
      current.status = this.#statusOfSent(announced, error);
    }
    file.close();
    this.#current = undefined;
    buffer[0] = current.status;
    buffer.set(digest, 1);
    return TRAILER_BYTES;
  }

  /** As much of the file as fits. What it has lost since it was announced becomes zeros: the place of the next one is known. */
  #takeBytes(current: CurrentFile, buffer: Uint8Array): number {
    const { announced, file, hash } = current;
    const wanted = buffer.subarray(0, announced.size - current.offset);
    let count: number;
    try {
      count = file.read(wanted, current.offset);
    } catch (error) {
      current.status = this.#statusOfSent(announced, error);
      count = wanted.byteLength;
      wanted.fill(0);
    }
    hash.update(buffer.subarray(0, count));
    current.offset += count;
    return count;
  }

  #statusOf(announced: AnnouncedFile, error: unknown): number {
    return this.#reasonOf(announced, error) === 'file-changed'
      ? FOLDER_STATUS.changed
      : FOLDER_STATUS.unreadable;
  }

  /** Of bytes that are out there is only one thing to say: they mean nothing. */
  #statusOfSent(announced: AnnouncedFile, error: unknown): number {
    this.#reasonOf(announced, error);
    return FOLDER_STATUS.changed;
  }

  #reasonOf(announced: AnnouncedFile, error: unknown): SourceFileError['reason'] {
    if (!(error instanceof SourceFileError)) throw error;
    this.#offer.onTrouble?.(announced, error);
    return error.reason;
  }
}

/** Size and time are those of the file that was read before: when the bytes are not, one of the two readings was wrong. */
function checkDigest({ sha256 }: AnnouncedFile, digest: Uint8Array): void {
  if (sha256 === undefined || Buffer.compare(digest, sha256) === 0) return;
  throw new SourceFileError('digest-wrong', 'the file is not what its digest says');
}
