import { dirname } from 'node:path';
import {
  closingOnError,
  createFile,
  openOwnFile,
  readOwnFile,
  syncFolder,
  type TargetFileSystem,
  writeFully,
} from '@parley/folders';
import { CHUNKS_MAX, chunkCountOf, SHA256_BYTES } from '@parley/protocol';
import type { FileVersion } from '../../transfers/download.ts';
import { chunkRootOf } from '../transfers/chunk-root.ts';

/** What is known of a file that is being fetched. */
export interface FileDescription extends FileVersion {
  /** `undefined` while the digests come with the bytes, and some are not known. */
  readonly chunkRoot: Uint8Array | undefined;
  /** 32 bytes for each chunk, in order; zeros for what is not known. */
  readonly chunkHashes: Uint8Array;
}

const magic = Buffer.from('PARLEYJ2');
const rootOffset = magic.byteLength + 16;
const headerBytes = rootOffset + SHA256_BYTES;
/** Stands for the root of a list that is not whole. */
const noRoot = Buffer.alloc(SHA256_BYTES);
const journalBytesMax = headerBytes + CHUNKS_MAX * SHA256_BYTES + CHUNKS_MAX / 8;

/**
 * What survives the end of the process beside a part file: the description of the file, and one bit for each chunk that was
 * verified and made durable. The description proves itself (its root is the digest of the rest), a bit only ever goes from 0
 * to 1, and one that was lost costs a look at the chunk: so nothing here has to be synced or written in one piece. A list that is not
 * whole has no root yet: what of it is wrong is found out when it is compared with the server's.
 */
// CHAT-RESUME-2
export class ResumeJournal {
  #description: FileDescription;
  readonly #bits: Uint8Array;
  readonly #descriptor: number;
  readonly #fileSystem: TargetFileSystem;

  private constructor(
    description: FileDescription,
    bits: Uint8Array,
    file: { readonly descriptor: number; readonly fileSystem: TargetFileSystem },
  ) {
    this.#description = description;
    this.#bits = bits;
    this.#descriptor = file.descriptor;
    this.#fileSystem = file.fileSystem;
  }

  /** Opens the journal at `path`; `undefined` when there is none that makes sense. */
  static open(path: string, fileSystem: TargetFileSystem): ResumeJournal | undefined {
    const bytes = readOwnFile(fileSystem, path, journalBytesMax);
    const content = bytes && decodeJournal(bytes);
    const descriptor = content && openOwnFile(fileSystem, path);
    if (descriptor === undefined || content === undefined) return undefined;
    return new ResumeJournal(content.description, content.bits, { descriptor, fileSystem });
  }

  /** Writes the journal of a file of which nothing is noted; another one at `path` is gone for good before. */
  static create(path: string, description: FileDescription, fileSystem: TargetFileSystem): ResumeJournal {
    if (fileSystem.lstatSync(path, { throwIfNoEntry: false })) {
      fileSystem.unlinkSync(path);
      // Its bits speak of other bytes: they must not come back with a loss of power.
      syncFolder(fileSystem, dirname(path));
    }
    const descriptor = createFile(fileSystem, path);
    const header = Buffer.alloc(headerBytes);
    magic.copy(header);
    header.writeBigUInt64BE(BigInt(description.size), magic.byteLength);
    header.writeBigUInt64BE(BigInt(description.modifiedAt), magic.byteLength + 8);
    header.set(description.chunkRoot ?? noRoot, rootOffset);
    const bits = new Uint8Array(Math.ceil(chunkCountOf(description.size) / 8));
    const content = Buffer.concat([header, description.chunkHashes, bits]);
    closingOnError(fileSystem, descriptor, () => writeFully(fileSystem, descriptor, content, 0));
    return new ResumeJournal(description, bits, { descriptor, fileSystem });
  }

  get description(): FileDescription {
    return this.#description;
  }

  /** What a chunk has to be, when that is known. */
  hashOf(chunkIndex: number): Uint8Array | undefined {
    const { chunkRoot, chunkHashes } = this.#description;
    const hash = chunkHashes.subarray(chunkIndex * SHA256_BYTES, (chunkIndex + 1) * SHA256_BYTES);
    return chunkRoot === undefined && noRoot.equals(hash) ? undefined : hash;
  }

  /** The digest of a chunk has come, of a list that has no root yet. */
  learn(chunkIndex: number, hash: Uint8Array): void {
    const offset = chunkIndex * SHA256_BYTES;
    this.#description.chunkHashes.set(hash, offset);
    writeFully(this.#fileSystem, this.#descriptor, hash, headerBytes + offset);
  }

  /** The list is whole: its root stands for it from now on. */
  seal(): void {
    const { size, chunkHashes } = this.#description;
    const chunkRoot = new Uint8Array(chunkRootOf(size, chunkHashes));
    this.#description = { ...this.#description, chunkRoot };
    writeFully(this.#fileSystem, this.#descriptor, chunkRoot, rootOffset);
  }

  isNoted(chunkIndex: number): boolean {
    return isNotedIn(this.#bits, chunkIndex);
  }

  /** Notes chunks that were verified and whose bytes are durable. */
  note(chunkIndexes: readonly number[]): void {
    const changed = new Set<number>();
    for (const index of chunkIndexes) {
      const position = index >>> 3;
      this.#bits[position] = (this.#bits[position] ?? 0) | (1 << (index & 7));
      changed.add(position);
    }
    const bitsOffset = headerBytes + this.#description.chunkHashes.byteLength;
    for (const position of changed) {
      const byte = this.#bits.subarray(position, position + 1);
      writeFully(this.#fileSystem, this.#descriptor, byte, bitsOffset + position);
    }
  }

  close(): void {
    this.#fileSystem.closeSync(this.#descriptor);
  }
}

/** Whether the bits of a journal have that of a chunk. */
export function isNotedIn(bits: Uint8Array, chunkIndex: number): boolean {
  return ((bits[chunkIndex >>> 3] ?? 0) & (1 << (chunkIndex & 7))) !== 0;
}

/** Whether a list of chunks is the one that a root stands for. */
// CHAT-CHUNK-2, CHAT-CHUNK-4
export function isListOf({ size, chunkRoot, chunkHashes }: FileDescription): boolean {
  if (chunkRoot === undefined || chunkHashes.byteLength !== chunkCountOf(size) * SHA256_BYTES) return false;
  return Buffer.compare(chunkRootOf(size, chunkHashes), chunkRoot) === 0;
}

/** What a journal says; `undefined` for bytes that make no sense. */
export function decodeJournal(
  bytes: Uint8Array,
): { readonly description: FileDescription; readonly bits: Uint8Array } | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.byteLength < headerBytes || !buffer.subarray(0, magic.byteLength).equals(magic))
    return undefined;
  const size = readNumber(buffer, magic.byteLength);
  const modifiedAt = readNumber(buffer, magic.byteLength + 8);
  if (size === undefined || modifiedAt === undefined) return undefined;
  const chunkCount = chunkCountOf(size);
  const root = buffer.subarray(rootOffset, headerBytes);
  const chunkRoot = noRoot.equals(root) ? undefined : new Uint8Array(root);
  const listEnd = headerBytes + chunkCount * SHA256_BYTES;
  const chunkHashes = new Uint8Array(chunkCount * SHA256_BYTES);
  chunkHashes.set(buffer.subarray(headerBytes, listEnd));
  const description: FileDescription = { size, modifiedAt, chunkRoot, chunkHashes };
  if (chunkRoot !== undefined && !isListOf(description)) return undefined;
  const bits = new Uint8Array(Math.ceil(chunkCount / 8));
  bits.set(buffer.subarray(listEnd, listEnd + bits.byteLength));
  return { description, bits };
}

function readNumber(buffer: Buffer, offset: number): number | undefined {
  const wide = buffer.readBigUInt64BE(offset);
  return wide > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(wide);
}
