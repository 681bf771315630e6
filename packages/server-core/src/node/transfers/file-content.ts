import { READ_BYTES_MAX, SourceFile, type SourceFileSystem } from '@parley/folders';
import type { TransferOffer } from '../../transfers/transfer-host.ts';
import { ChunkCheck } from './chunk-check.ts';
import type { OutgoingContent } from './outgoing-content.ts';

/** The list of chunks, if it is wanted, and ranges of one file. */
// CHAT-CHUNK-3
export class FileContent implements OutgoingContent {
  readonly #offer: TransferOffer;
  readonly #fileSystem: SourceFileSystem | undefined;
  #file: SourceFile | undefined;
  #isListSent: boolean;
  /** The range that is being sent, and where in the file the next read begins. */
  #rangeIndex = 0;
  #offset: number;
  readonly #check: ChunkCheck | undefined;

  constructor(offer: TransferOffer, fileSystem: SourceFileSystem | undefined) {
    this.#offer = offer;
    this.#fileSystem = fileSystem;
    this.#isListSent = offer.chunkHashes.byteLength === 0;
    this.#offset = offer.ranges[0]?.start ?? 0;
    const { size, comparedWith } = offer;
    this.#check = comparedWith && new ChunkCheck(size, comparedWith);
  }

  get overheadBytes(): number {
    return this.#offer.chunkHashes.byteLength;
  }

  get bufferBytes(): number {
    return Math.min(READ_BYTES_MAX, this.#offer.size);
  }

  open(): void {
    const { path, size, modifiedAt } = this.#offer;
    this.#file = SourceFile.open({ path, size, modifiedAt }, this.#fileSystem);
  }

  read(buffer: Uint8Array): Uint8Array | undefined {
    const { ranges, chunkHashes } = this.#offer;
    if (!this.#isListSent) {
      this.#isListSent = true;
      return chunkHashes;
    }
    const file = this.#file as SourceFile;
    if (this.#offset === ranges[this.#rangeIndex]?.end) {
      this.#rangeIndex += 1;
      this.#offset = ranges[this.#rangeIndex]?.start ?? 0;
    }
    const range = ranges[this.#rangeIndex];
    if (range === undefined) {
      file.checkUnchanged();
      return undefined;
    }
    const count = file.read(buffer.subarray(0, range.end - this.#offset), this.#offset);
    this.#check?.take(this.#offset, buffer.subarray(0, count));
    this.#offset += count;
    return buffer.subarray(0, count);
  }

  close(): void {
    this.#file?.close();
  }
}
