import { PartLock, removeQuietly, type TargetFileSystem } from '@parley/folders';
import { type ByteRange, chunkBytesOf, chunkCountOf, SHA256_BYTES } from '@parley/protocol';
import type { FileVersion } from '../../transfers/download.ts';
import { CHUNK_TRIES_MAX, NOTE_EVERY_BYTES, NOTE_EVERY_MS } from '../limits.ts';
import { fromFileError, TransferError, targetExists } from '../transfers/transfer-error.ts';
import { ChunkTable } from './chunk-table.ts';
import { PartFile } from './part-file.ts';
import { type PartPaths, partPathsFor } from './part-file-name.ts';
import { type FileDescription, isListOf, ResumeJournal } from './resume-journal.ts';
import { WholeHash } from './whole-hash.ts';

const noHash = new Uint8Array(0);

/**
 * A file of which parts are there: its bytes, what is known about them, and which of them were verified. Survives the end of
 * the process; whoever opens the same target again finds what was there. Its methods throw `TransferError`s.
 */
export class PartialFile {
  readonly #targetPath: string;
  readonly #paths: PartPaths;
  readonly #fileSystem: TargetFileSystem;
  readonly #lock: PartLock;
  readonly #part: PartFile;
  readonly #chunks = new ChunkTable();
  readonly #wholeHash: WholeHash;
  /** Chunks that are complete and wait to be verified. */
  #complete: number[] = [];
  /** Verified, and not yet in the journal. */
  #unnoted: number[] = [];
  #notedAt = performance.now();
  #journal: ResumeJournal | undefined;
  #verifying: Promise<void> | undefined;
  #fault: unknown;
  #isEnding = false;
  /** What an earlier life has left was compared, all of it. */
  #isLookedAt = false;

  private constructor(
    targetPath: string,
    { lock, part }: { readonly lock: PartLock; readonly part: PartFile },
    fileSystem: TargetFileSystem,
  ) {
    this.#targetPath = targetPath;
    this.#paths = partPathsFor(targetPath);
    this.#lock = lock;
    this.#fileSystem = fileSystem;
    this.#part = part;
    this.#wholeHash = new WholeHash(part, this.#chunks);
  }

  /** Opens what is there for `targetPath`, or begins anew; throws `target-exists` and `target-busy`. */
  static open(targetPath: string, fileSystem: TargetFileSystem): PartialFile {
    let lock: PartLock | undefined;
    let part: PartFile | undefined;
    try {
      if (fileSystem.lstatSync(targetPath, { throwIfNoEntry: false })) throw targetExists(targetPath);
      const held = PartLock.take(partPathsFor(targetPath).lock, fileSystem);
      lock = held;
      const place = { part: partPathsFor(targetPath).part, target: targetPath };
      part = PartFile.open({ ...place, assertOurs: () => held.assertAwake() }, fileSystem);
      const file = new PartialFile(targetPath, { lock, part }, fileSystem);
      file.#journal = ResumeJournal.open(file.#paths.journal, fileSystem);
      file.#chunks.size = file.#journal?.description.size;
      return file;
    } catch (error) {
      part?.close();
      lock?.release();
      throw fromFileError(error, targetPath);
    }
  }

  /** Under this name whoever outlives the process's thread finds the lock. */
  get lockPath(): string {
    return this.#paths.lock;
  }

  /** Undefined until it is known. */
  get size(): number | undefined {
    return this.#chunks.size;
  }

  get receivedBytes(): number {
    return this.#chunks.receivedBytes;
  }

  /** Nothing is here that another download to the same place could go on with. */
  get isWorthless(): boolean {
    if (this.receivedBytes > 0) return false;
    // What was not looked at to its end, or has no digests yet, may turn out to be good.
    return (this.#isLookedAt && this.#journal !== undefined) || this.#isEmpty;
  }

  /** What the chunks of the file have to be, when that is known. */
  get description(): FileDescription | undefined {
    return this.#journal?.description;
  }

  /** Every chunk is there and verified. */
  get isComplete(): boolean {
    return this.description?.chunkRoot !== undefined && this.#chunks.isComplete;
  }

  /** What is to be asked for next; `undefined` for everything. */
  get missing(): readonly ByteRange[] | undefined {
    if (this.description !== undefined) return this.#chunks.missing;
    // Bytes without digests: with those they may turn out to be good.
    return this.#part.size > 0 ? [] : undefined;
  }

  /**
   * Looks at what an earlier life has left: what the journal vouches for is believed, whole chunks are compared, and parts of chunks are
   * kept until they are whole.
   */
  // CHAT-RESUME-2
  async recall(): Promise<void> {
    const journal = this.#journal;
    if (journal === undefined) return;
    const partBytes = this.#part.size;
    const unsure: number[] = [];
    for (const index of this.#chunks.below(partBytes)) {
      const isThere = this.#chunks.rangeOf(index).end <= partBytes;
      if (isThere && journal.isNoted(index) && journal.hashOf(index)) this.#chunks.accept(index);
      else unsure.push(index);
    }
    await this.#compare(unsure, (index) => this.#keepPart(index));
    this.#proceedWithoutList();
    this.#isLookedAt = !this.#isEnding;
  }

  /** A file of this size begins to arrive, before its digests. */
  begin(size: number): void {
    this.#chunks.size = size;
    this.#chunks.clear();
    this.#part.truncate(0);
  }

  /** The same, with the digests of its chunks among the bytes. */
  // CHAT-DIGEST-2
  beginFollowing({ size, modifiedAt }: FileVersion): void {
    this.begin(size);
    const chunkHashes = new Uint8Array(chunkCountOf(size) * SHA256_BYTES);
    this.#create({ size, modifiedAt, chunkRoot: undefined, chunkHashes });
  }

  /** The digest of a chunk has come with its bytes. False when it is not the one in the list that is here. */
  // CHAT-DIGEST-3
  learn(index: number, hash: Uint8Array): boolean {
    if (this.#fault !== undefined) throw this.#fault;
    const journal = this.#journal;
    if (journal?.description.chunkRoot !== undefined) {
      return Buffer.compare(journal.hashOf(index) ?? hash, hash) === 0;
    }
    this.#try(() => journal?.learn(index, hash));
    this.#verifyIfComplete(index);
    return true;
  }

  /**
   * The digests of the file that is arriving: what came before them is verified now, and what was verified with another digest is missing
   * again. Throws `hash-mismatch`.
   */
  // CHAT-CHUNK-4
  describe(description: FileDescription): void {
    const before = this.#journal;
    this.#open(description);
    this.#unnoted = [];
    for (const index of this.#chunks.verified) {
      const hash = this.#journal?.hashOf(index) ?? noHash;
      if (Buffer.compare(before?.hashOf(index) ?? noHash, hash) === 0) this.#unnoted.push(index);
      else this.#chunks.drop(index);
    }
    for (const index of this.#chunks.within(description.size)) this.#verifyIfComplete(index);
  }

  /** The digests of another file than the one so far: keeps the chunks that both have in common. */
  // CHAT-RESUME-3
  async replace(description: FileDescription): Promise<void> {
    this.#open(description);
    this.#unnoted = [];
    this.#chunks.clear();
    this.#chunks.size = description.size;
    if (this.#part.size > description.size) this.#part.truncate(description.size);
    await this.#compare(this.#chunks.within(this.#part.size));
  }

  /** Takes bytes for their place in the file. Chunks that become complete are verified soon. */
  write(offset: number, bytes: Uint8Array): void {
    if (this.#fault !== undefined) throw this.#fault;
    this.#part.write(offset, bytes);
    const end = offset + bytes.byteLength;
    this.#chunks.receive(offset, end);
    const last = this.#chunks.indexAt(end - 1);
    for (let index = this.#chunks.indexAt(offset); index <= last; index += 1) this.#verifyIfComplete(index);
  }

  /** Resolves when everything that is complete was verified. */
  async settle(): Promise<void> {
    this.#part.flush();
    while (this.#verifying !== undefined) await this.#verifying;
    if (this.#fault !== undefined) throw this.#fault;
    this.#proceedWithoutList();
  }

  /** Whether the whole file has this SHA-256. When it has not, what is wrong is missing again. */
  // CHAT-TRANSFER-11
  async isWhole(sha256: Uint8Array): Promise<boolean> {
    const { description } = this;
    if (description === undefined) return false;
    const found = await this.#wholeHash.digest(description.size, () => this.#isEnding);
    if (Buffer.compare(found, sha256) === 0 && this.#part.size === description.size) return true;
    if (!this.#isEnding) await this.replace(description);
    return false;
  }

  /** Makes what was verified durable, and notes it down. */
  // CHAT-RESUME-2
  async note(): Promise<void> {
    const indexes = this.#unnoted;
    this.#notedAt = performance.now();
    if (indexes.length === 0 || this.#journal === undefined) return;
    this.#unnoted = [];
    await this.#part.sync();
    this.#lock.assertHeld();
    this.#try(() => this.#journal?.note(indexes));
  }

  /** Gives the file its final name; nothing else of it is left. */
  async publish(): Promise<void> {
    this.#lock.assertHeld();
    await this.#part.publish();
    this.#closeJournal();
    removeQuietly(this.#fileSystem, this.#paths.journal);
    this.#lock.release();
  }

  /** Stops what takes long, so that `close` or `discard` may follow. */
  abort(): void {
    this.#isEnding = true;
  }

  /** Leaves what is there for another time. Never throws. */
  async close(): Promise<void> {
    this.#isEnding = true;
    try {
      await this.settle();
      await this.note();
    } catch {
      // What was not noted is compared the next time.
    }
    this.#part.close();
    this.#closeJournal();
    this.#lock.release();
  }

  /** Removes everything, unless it belongs to somebody else by now. Never throws. */
  async discard(): Promise<void> {
    this.#isEnding = true;
    await this.#verifying;
    this.#closeJournal();
    if (this.#lock.isHeld) {
      this.#part.discard();
      removeQuietly(this.#fileSystem, this.#paths.journal);
    }
    this.#part.close();
    this.#lock.release();
  }

  #open(description: FileDescription): void {
    if (!isListOf(description)) {
      throw new TransferError('hash-mismatch', 'the digests that the server sent are not the announced ones');
    }
    this.#create(description);
  }

  #create(description: FileDescription): void {
    this.#closeJournal();
    this.#try(() => {
      this.#journal = ResumeJournal.create(this.#paths.journal, description, this.#fileSystem);
    });
  }

  #closeJournal(): void {
    try {
      this.#journal?.close();
    } catch {
      // Whatever the disk says: its bits were written, or are missed.
    }
    this.#journal = undefined;
  }

  get #isEmpty(): boolean {
    try {
      return this.#part.size === 0;
    } catch {
      return false;
    }
  }

  #verifyIfComplete(index: number): void {
    if (this.#journal?.hashOf(index) === undefined || this.#chunks.isVerified(index)) return;
    if (!this.#chunks.isWhole(index)) return;
    this.#complete.push(index);
    this.#verifying ??= this.#verifyComplete();
  }

  async #verifyComplete(): Promise<void> {
    // It must not end before its promise is known, or nobody would take that away.
    await Promise.resolve();
    try {
      for (let batch = this.#complete; batch.length > 0; batch = this.#complete) {
        this.#complete = [];
        this.#part.flush();
        for (const index of batch) await this.#verify(index);
        await this.#wholeHash.follow(() => this.#isEnding);
      }
    } catch (error) {
      this.#fault = error;
      this.#complete = [];
    } finally {
      this.#verifying = undefined;
    }
  }

  // CHAT-CHUNK-4
  async #verify(index: number): Promise<void> {
    if (this.#isEnding || this.#chunks.isVerified(index)) return;
    if (await this.#isRight(index)) {
      this.#chunks.verify(index);
      this.#unnoted.push(index);
      const unnotedBytes = this.#unnoted.length * chunkBytesOf(this.size ?? 0);
      const isDue = unnotedBytes >= NOTE_EVERY_BYTES || performance.now() - this.#notedAt >= NOTE_EVERY_MS;
      if (isDue) await this.note();
      return;
    }
    if (this.#isEnding) return;
    const tries = this.#chunks.reject(index);
    if (tries < CHUNK_TRIES_MAX) return;
    const { start, end } = this.#chunks.rangeOf(index);
    throw new TransferError(
      'hash-mismatch',
      `the bytes from ${start} to ${end} came wrong ${tries} times (sha-256 differs)`,
    );
  }

  /** Takes over those of the chunks whose bytes on the disk are right. */
  async #compare(
    indexes: Iterable<number>,
    onOther: (index: number) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    for (const index of indexes) {
      if (this.#isEnding) return;
      if (await this.#isRight(index)) {
        this.#chunks.accept(index);
        this.#unnoted.push(index);
      } else if (!this.#isEnding) await onOther(index);
    }
    await this.note();
  }

  /** Keeps what was written of a chunk, when that is a part of it: its digest will tell whether it was right. */
  // CHAT-RESUME-2
  async #keepPart(index: number): Promise<void> {
    const { start, end } = this.#chunks.rangeOf(index);
    const ranges = await this.#part.written(start, end);
    const [first] = ranges;
    const isWhole = first?.start === start && first.end === end;
    // All of it is there, and it is wrong.
    if (first === undefined || (isWhole && this.#journal?.hashOf(index) !== undefined)) return;
    this.#chunks.keep(index, ranges);
    this.#chunks.reopen(index);
  }

  /** Some digests have come with the bytes, and no list has. When all chunks are right their digests are the list; others are asked for. */
  // CHAT-DIGEST-4
  #proceedWithoutList(): void {
    const { description } = this;
    if (description === undefined || description.chunkRoot !== undefined) return;
    if (this.#chunks.isComplete) this.#try(() => this.#journal?.seal());
    for (const index of this.#chunks.within(description.size)) {
      if (!this.#chunks.isVerified(index)) this.#chunks.reopen(index);
    }
  }

  async #isRight(index: number): Promise<boolean> {
    const { start, end } = this.#chunks.rangeOf(index);
    const found = await this.#part.hash(start, end, () => this.#isEnding);
    // The list may have come meanwhile.
    const wanted = this.#journal?.hashOf(index);
    return wanted !== undefined && Buffer.compare(found, wanted) === 0;
  }

  #try(run: () => void): void {
    try {
      this.#lock.assertAwake();
      run();
    } catch (error) {
      throw fromFileError(error, this.#targetPath);
    }
  }
}
