import { dirname } from 'node:path';
import type { TargetFileSystem } from '@parley/folders';
import { chunkCountOf, SHA256_BYTES } from '@parley/protocol';
import { StreamLayout } from '../../transfers/stream-layout.ts';
import type {
  Download,
  DownloadListener,
  DownloadOffer,
  DownloadTask,
  TransferEnd,
} from '../../transfers/transfer-host.ts';
import { SOURCE_CHANGES_MAX, WHOLE_TRIES_MAX } from '../limits.ts';
import type { IncomingStream, OpenStream } from '../transfers/incoming-stream.ts';
import { TransferCourse } from '../transfers/transfer-course.ts';
import { TransferError } from '../transfers/transfer-error.ts';
import { removeOrphans } from './orphans.ts';
import { PartialFile } from './partial-file.ts';

/** What a download needs of its engine. */
export interface FileDownloadOptions {
  readonly openStream: OpenStream;
  readonly fileSystem: TargetFileSystem;
  readonly listener: DownloadListener;
  /** The download holds this lock from now on: whoever outlives its thread removes it. */
  readonly onLocked: (lockPath: string) => void;
}

/** One download, over as many connections as it takes, to the final name. Starts by itself; `outcome` never rejects. */
// CHAT-RESUME-1
export class FileDownload implements Download {
  readonly task: DownloadTask;
  readonly outcome: Promise<TransferEnd>;
  readonly #options: FileDownloadOptions;
  readonly #course: TransferCourse<DownloadOffer>;
  #file: PartialFile | undefined;
  #stream: IncomingStream | undefined;

  constructor(task: DownloadTask, options: FileDownloadOptions) {
    this.task = task;
    this.#options = options;
    this.#course = new TransferCourse('download', {
      counts: () => ({
        receivedBytes: this.#file?.receivedBytes ?? 0,
        size: this.#file?.size,
        movedBytes: this.#course.arrivedBytes,
      }),
      onProgress: options.listener.onProgress,
    });
    this.outcome = this.#run();
  }

  take(offer: DownloadOffer): void {
    this.#course.take(offer);
  }

  pause(): void {
    if (this.#course.pause()) this.#stream?.pause();
  }

  resume(): void {
    if (this.#course.resume()) this.#stream?.resume();
  }

  interrupt(): void {
    this.#stream?.reset('the session was lost');
  }

  stop(): void {
    this.#end('stopped');
  }

  cancel(): void {
    this.#end('cancelled');
  }

  #end(how: 'stopped' | 'cancelled'): void {
    if (!this.#course.end(how)) return;
    this.#file?.abort();
    this.#stream?.reset(how);
    this.#course.giveUpWaiting();
  }

  async #run(): Promise<TransferEnd> {
    // The caller gets its `Download` before the first thing that can fail.
    await Promise.resolve();
    this.#course.begin();
    try {
      this.#course.assertGoingOn();
      const { targetPath } = this.task;
      const { fileSystem } = this.#options;
      removeOrphans(dirname(targetPath), fileSystem);
      const file = PartialFile.open(targetPath, fileSystem);
      this.#file = file;
      this.#options.onLocked(file.lockPath);
      await file.recall();
      this.#course.resumedBytes = file.receivedBytes;
      await this.#fetch(file);
      await file.publish();
      return this.#completed(file);
    } catch (error) {
      return await this.#failed(error);
    } finally {
      this.#course.finish();
    }
  }

  /** Resolves when the whole file is there and verified. */
  async #fetch(file: PartialFile): Promise<void> {
    let trouble: TransferError | undefined;
    for (let wholeTries = 0; ; ) {
      const offer = await this.#nextOffer(file, trouble);
      trouble = await this.#receive(file, offer);
      await file.settle();
      this.#course.assertGoingOn();
      if (!file.isComplete) continue;
      this.#course.enter('verifying');
      const isWhole = await file.isWhole(offer.sha256);
      this.#course.assertGoingOn();
      if (isWhole) return;
      wholeTries += 1;
      // Every chunk is right and the whole is not: what the server said cannot be true.
      if (file.isComplete || wholeTries === WHOLE_TRIES_MAX) throw wholeMismatch();
    }
  }

  #nextOffer(file: PartialFile, trouble: TransferError | undefined): Promise<DownloadOffer> {
    return this.#course.nextOffer(trouble, (wish) =>
      this.#options.listener.onWanted({
        ...wish,
        chunkRoot: file.description?.chunkRoot,
        ranges: file.missing,
      }),
    );
  }

  /** Takes what an offer gives. Returns what interrupted it, if it is worth another offer; throws otherwise. */
  async #receive(file: PartialFile, offer: DownloadOffer): Promise<TransferError | undefined> {
    this.#course.enter('connecting');
    const transfer = this.#plan(file, offer);
    const stream = this.#options.openStream(offer, {
      sink: {
        write: (offset, bytes) => {
          this.#course.arrivedBytes += bytes.byteLength;
          transfer.take(offset, bytes);
        },
      },
      onEstablished: (route) => this.#course.establish(route, 'receiving'),
    });
    this.#stream = stream;
    if (this.#course.isPaused) stream.pause();
    try {
      const streamBytes = await stream.ended;
      if (streamBytes !== transfer.totalBytes) throw sizeMismatch(transfer.totalBytes, `${streamBytes}`);
      await transfer.finish();
      return undefined;
    } catch (error) {
      stream.reset('the receiver failed');
      return this.#course.interruptionBy(error);
    } finally {
      this.#stream = undefined;
    }
  }

  /** What the stream of an offer holds, and where it goes. */
  // CHAT-CHUNK-3
  #plan(file: PartialFile, { size, chunkRoot }: DownloadOffer) {
    const known = file.description;
    const isKnown = known !== undefined && Buffer.compare(known.chunkRoot, chunkRoot) === 0;
    const missing = file.missing;
    const isFresh = known === undefined && missing === undefined;
    const listBytes = isKnown ? 0 : chunkCountOf(size) * SHA256_BYTES;
    const chunkHashes = new Uint8Array(listBytes);
    let listBytesMissing = listBytes;
    const description = { size, chunkRoot, chunkHashes };
    const ranges = isFresh && size > 0 ? [{ start: 0, end: size }] : isKnown ? (missing ?? []) : [];
    const layout = new StreamLayout(listBytes, ranges);
    if (isFresh) file.begin(size);
    if (known !== undefined && !isKnown) this.#sawChange();
    const taker = {
      takeList: (offset: number, bytes: Uint8Array) => {
        chunkHashes.set(bytes, offset);
        listBytesMissing -= bytes.byteLength;
        if (listBytesMissing === 0 && isFresh) file.describe(description);
      },
      takeFile: (offset: number, bytes: Uint8Array) => file.write(offset, bytes),
    };
    return {
      totalBytes: layout.totalBytes,
      take: (offset: number, bytes: Uint8Array) => {
        if (offset + bytes.byteLength > layout.totalBytes) throw sizeMismatch(layout.totalBytes, 'more');
        layout.deliver(offset, bytes, taker);
      },
      finish: async () => {
        if (isKnown) return;
        if (!isFresh) await file.replace(description);
        // An empty file has no digests whose arrival could be noticed.
        else if (listBytes === 0) file.describe(description);
      },
    };
  }

  // CHAT-RESUME-3
  #sawChange(): void {
    const changesSeen = ++this.#course.changesSeen;
    this.#course.report();
    if (changesSeen <= SOURCE_CHANGES_MAX) return;
    throw new TransferError(
      'source-changed',
      `the file changed ${changesSeen} times on the server while it was fetched: try again when it is at rest`,
    );
  }

  #completed(file: PartialFile): TransferEnd {
    const { targetPath } = this.task;
    const { durationMs } = this.#course;
    return { kind: 'completed', path: targetPath, size: file.size ?? 0, durationMs };
  }

  async #failed(error: unknown): Promise<TransferEnd> {
    const file = this.#file;
    const outcome = this.#course.outcomeOf(error);
    const isWrong = outcome.kind === 'failed' && outcome.code === 'hash-mismatch';
    if (outcome.kind === 'cancelled' || isWrong || file?.isWorthless) await file?.discard();
    else await file?.close();
    return outcome;
  }
}

function sizeMismatch(announced: number, found: string): TransferError {
  return new TransferError(
    'size-mismatch',
    `the server announced ${announced} bytes and sent ${found}: ask for the file again`,
  );
}

function wholeMismatch(): TransferError {
  return new TransferError(
    'hash-mismatch',
    'the bytes that arrived are not those that the server announced (sha-256 differs)',
  );
}
