import { createHash, type Hash } from 'node:crypto';
import { FOLDER_FILE_OVERHEAD_BYTES, FOLDER_STATUS } from '@parley/protocol';
import { READ_BYTES_MAX } from './limits.ts';
import { type AnnouncedFile, SourceFile, SourceFileError, type SourceFileSystem } from './source-file.ts';

/** What comes behind the bytes of a file: a status and a digest. */
const TRAILER_BYTES = FOLDER_FILE_OVERHEAD_BYTES - 1;

/** Nothing is to be sent yet. */
const NOTHING = new Uint8Array(0);

/** A file that is to be sent. */
export interface OutgoingFile extends AnnouncedFile {
  /** What the receiver has of it already, which is left out. */
  readonly begun?: BegunFile | undefined;
}

/** The first bytes of a file. */
interface BegunFile {
  /** At least 1, and at most all. */
  readonly bytes: number;
  /** SHA-256 that they have to have, if that is known: otherwise all of the file is sent. */
  readonly sha256?: Uint8Array | undefined;
}

/** What is to be sent of a folder. */
export interface OutgoingFolder {
  /** Sent before the files: the list of the folder, or nothing. */
  readonly manifest: Uint8Array;
  readonly files: readonly OutgoingFile[];
  /** Told of a file that cannot be sent; what this throws, `read` throws. Otherwise it ends nothing but itself. */
  readonly onTrouble?: (file: AnnouncedFile, error: SourceFileError) => void;
}

interface CurrentFile {
  readonly announced: AnnouncedFile;
  readonly file: SourceFile;
  hash: Hash;
  /** What the receiver has, until that was read. */
  begun: BegunFile | undefined;
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

  /** The next piece; an empty one when there is more to do first, for which others may be let go before. */
  read(buffer: Uint8Array): Uint8Array | undefined {
    if (!this.#isListSent) {
      this.#isListSent = true;
      return this.#offer.manifest;
    }
    let length = 0;
    // A buffer holds many small files: one piece for the transport, not one for each.
    while (length + TRAILER_BYTES < buffer.byteLength) {
      const room = buffer.subarray(length);
      const current = this.#current;
      if (current === undefined) {
        const announced = this.#offer.files[this.#nextIndex];
        if (announced === undefined) return length === 0 ? undefined : buffer.subarray(0, length);
        this.#nextIndex += 1;
        length += this.#begin(announced, room);
      } else if (current.begun !== undefined) {
        if (length > 0) break;
        length = this.#recall(current, current.begun, room);
        if (length === 0) return NOTHING;
      } else if (current.offset < current.announced.size) {
        length += this.#takeBytes(current, room);
      } else {
        length += this.#end(current, room);
      }
    }
    return buffer.subarray(0, length);
  }

  close(): void {
    this.#current?.file.close();
    this.#current = undefined;
  }

  /** Opens a file, and says that its bytes follow, or why not; of one that the receiver has begun that is said when this was read. */
  #begin(announced: OutgoingFile, buffer: Uint8Array): number {
    try {
      const file = SourceFile.open(announced, this.#fileSystem);
      const { begun } = announced;
      const hash = createHash('sha256');
      this.#current = { announced, file, hash, begun, offset: 0, status: FOLDER_STATUS.whole };
      if (begun !== undefined) return 0;
      buffer[0] = FOLDER_STATUS.whole;
    } catch (error) {
      buffer[0] = this.#statusOf(announced, error);
    }
    return 1;
  }

  /** Reads some of what the receiver has, which the digest is of, too. */
  // CHAT-FOLDER-7
  #recall(current: CurrentFile, { bytes, sha256 }: BegunFile, buffer: Uint8Array): number {
    const { announced, file, hash } = current;
    try {
      const count = file.read(buffer.subarray(0, bytes - current.offset), current.offset);
      hash.update(buffer.subarray(0, count));
      current.offset += count;
      if (current.offset < bytes) return 0;
      const isRight = sha256 === undefined || Buffer.compare(hash.copy().digest(), sha256) === 0;
      buffer[0] = isRight ? FOLDER_STATUS.rest : FOLDER_STATUS.whole;
      if (!isRight) Object.assign(current, { hash: createHash('sha256'), offset: 0 });
      current.begun = undefined;
    } catch (error) {
      file.close();
      this.#current = undefined;
      buffer[0] = this.#statusOf(announced, error);
    }
    return 1;
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
