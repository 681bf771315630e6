import { dirname } from 'node:path';
import { chunkCountOf, SHA256_BYTES } from '@parley/protocol';
import type {
  Download,
  DownloadListener,
  DownloadOffer,
  DownloadOutcome,
  DownloadPhase,
  DownloadProgress,
  DownloadTask,
  TransferRoute,
} from '../transfers/download-host.ts';
import { StreamLayout } from '../transfers/stream-layout.ts';
import { DownloadError, downloadErrorFrom, isWorthAnotherOffer } from './download-failure.ts';
import type { IncomingStream, OpenStream } from './incoming-stream.ts';
import { SOURCE_CHANGES_MAX, WHOLE_TRIES_MAX } from './limits.ts';
import { removeOrphans } from './orphans.ts';
import { PartialFile } from './partial-file.ts';
import { RateMeter } from './rate-meter.ts';
import type { TargetFileSystem } from './target-file-system.ts';

/** What a download needs of its engine. */
export interface FileDownloadOptions {
  readonly openStream: OpenStream;
  readonly fileSystem: TargetFileSystem;
  readonly listener: DownloadListener;
  /** The download holds this lock from now on: whoever outlives its thread removes it. */
  readonly onLocked: (lockPath: string) => void;
}

/** Ten times a second is what an eye can follow. */
const progressIntervalMs = 100;

/** One download, over as many connections as it takes, to the final name. Starts by itself; `outcome` never rejects. */
// CHAT-RESUME-1
export class FileDownload implements Download {
  readonly task: DownloadTask;
  readonly outcome: Promise<DownloadOutcome>;
  readonly #options: FileDownloadOptions;
  readonly #rate = new RateMeter();
  readonly #startedAt = performance.now();
  #file: PartialFile | undefined;
  #stream: IncomingStream | undefined;
  #giveOffer: ((offer: DownloadOffer | undefined) => void) | undefined;
  #phase: DownloadPhase = 'preparing';
  #isPaused = false;
  #ending: 'stopped' | 'cancelled' | undefined;
  #isOver = false;
  #resumedBytes = 0;
  #arrivedBytes = 0;
  #changesSeen = 0;
  #route: TransferRoute | undefined;
  #reported: DownloadProgress | undefined;

  constructor(task: DownloadTask, options: FileDownloadOptions) {
    this.task = task;
    this.#options = options;
    this.outcome = this.#run();
  }

  take(offer: DownloadOffer): void {
    this.#giveOffer?.(offer);
  }

  pause(): void {
    if (this.#isOver || this.#phase === 'verifying') return;
    this.#isPaused = true;
    this.#stream?.pause();
    this.#reportSoon();
  }

  resume(): void {
    if (this.#isOver || !this.#isPaused) return;
    this.#isPaused = false;
    this.#stream?.resume();
    this.#reportSoon();
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
    if (this.#isOver || this.#ending === 'cancelled') return;
    this.#ending = how;
    this.#file?.abort();
    this.#stream?.reset(how);
    this.#giveOffer?.(undefined);
  }

  async #run(): Promise<DownloadOutcome> {
    // The caller gets its `Download` before the first thing that can fail.
    await Promise.resolve();
    const timer = setInterval(() => this.#report(), progressIntervalMs);
    try {
      this.#assertGoingOn();
      const { targetPath } = this.task;
      const { fileSystem } = this.#options;
      removeOrphans(dirname(targetPath), fileSystem);
      const file = PartialFile.open(targetPath, fileSystem);
      this.#file = file;
      this.#options.onLocked(file.lockPath);
      await file.recall();
      this.#resumedBytes = file.receivedBytes;
      await this.#fetch(file);
      await file.publish();
      return this.#completed(file);
    } catch (error) {
      return await this.#failed(error);
    } finally {
      this.#isOver = true;
      clearInterval(timer);
    }
  }

  /** Resolves when the whole file is there and verified. */
  async #fetch(file: PartialFile): Promise<void> {
    let trouble: DownloadError | undefined;
    for (let wholeTries = 0; ; ) {
      const offer = await this.#nextOffer(file, trouble);
      trouble = await this.#receive(file, offer);
      await file.settle();
      this.#assertGoingOn();
      if (!file.isComplete) continue;
      this.#enter('verifying');
      const isWhole = await file.isWhole(offer.sha256);
      this.#assertGoingOn();
      if (isWhole) return;
      wholeTries += 1;
      // Every chunk is right and the whole is not: what the server said cannot be true.
      if (file.isComplete || wholeTries === WHOLE_TRIES_MAX) throw wholeMismatch();
    }
  }

  #nextOffer(file: PartialFile, trouble: DownloadError | undefined): Promise<DownloadOffer> {
    this.#assertGoingOn();
    this.#enter('waiting');
    const offered = new Promise<DownloadOffer>((resolve, reject) => {
      this.#giveOffer = (offer) => {
        this.#giveOffer = undefined;
        if (offer === undefined) reject(new DownloadError('host-failed', 'the download was ended'));
        else resolve(offer);
      };
    });
    this.#options.listener.onWanted({
      chunkRoot: file.description?.chunkRoot,
      ranges: file.missing,
      receivedBytes: file.receivedBytes,
      arrivedBytes: this.#arrivedBytes,
      trouble: trouble && { code: trouble.code, message: trouble.message },
    });
    return offered;
  }

  /** Takes what an offer gives. Returns what interrupted it, if it is worth another offer; throws otherwise. */
  async #receive(file: PartialFile, offer: DownloadOffer): Promise<DownloadError | undefined> {
    this.#enter('connecting');
    const transfer = this.#plan(file, offer);
    const stream = this.#options.openStream(offer, {
      sink: {
        write: (offset, bytes) => {
          this.#arrivedBytes += bytes.byteLength;
          transfer.take(offset, bytes);
        },
      },
      onEstablished: (route) => {
        this.#route = route;
        this.#enter('receiving');
      },
    });
    this.#stream = stream;
    if (this.#isPaused) stream.pause();
    try {
      const streamBytes = await stream.ended;
      if (streamBytes !== transfer.totalBytes) throw sizeMismatch(transfer.totalBytes, `${streamBytes}`);
      await transfer.finish();
      return undefined;
    } catch (error) {
      stream.reset('the receiver failed');
      this.#assertGoingOn();
      const trouble = downloadErrorFrom(error);
      if (!isWorthAnotherOffer(trouble)) throw trouble;
      return trouble;
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
    this.#changesSeen += 1;
    this.#report();
    if (this.#changesSeen <= SOURCE_CHANGES_MAX) return;
    throw new DownloadError(
      'source-changed',
      `the file changed ${this.#changesSeen} times on the server while it was fetched: try again when it is at rest`,
    );
  }

  #assertGoingOn(): void {
    if (this.#ending !== undefined) throw new DownloadError('host-failed', 'the download was ended');
  }

  #completed(file: PartialFile): DownloadOutcome {
    const { targetPath } = this.task;
    const durationMs = performance.now() - this.#startedAt;
    return { kind: 'completed', path: targetPath, size: file.size ?? 0, durationMs };
  }

  async #failed(error: unknown): Promise<DownloadOutcome> {
    const file = this.#file;
    const { code, message } = downloadErrorFrom(error);
    const isWrong = this.#ending === undefined && code === 'hash-mismatch';
    if (this.#ending === 'cancelled' || isWrong || file?.isWorthless) await file?.discard();
    else await file?.close();
    if (this.#ending !== undefined) return { kind: this.#ending };
    return { kind: 'failed', code, message };
  }

  #enter(phase: DownloadPhase): void {
    this.#phase = phase;
    this.#report();
  }

  /** Not from inside a call of the user, who may call back. */
  #reportSoon(): void {
    setImmediate(() => this.#report());
  }

  #report(): void {
    if (this.#isOver) return;
    const isPausable = this.#phase === 'connecting' || this.#phase === 'receiving';
    const progress: DownloadProgress = {
      phase: this.#isPaused && isPausable ? 'paused' : this.#phase,
      receivedBytes: this.#file?.receivedBytes ?? 0,
      resumedBytes: this.#resumedBytes,
      size: this.#file?.size,
      bytesPerSecond: this.#rate.record(performance.now(), this.#arrivedBytes),
      changesSeen: this.#changesSeen,
      route: this.#route,
    };
    if (this.#reported !== undefined && isSame(progress, this.#reported)) return;
    this.#reported = progress;
    this.#options.listener.onProgress(progress);
  }
}

function isSame(left: DownloadProgress, right: DownloadProgress): boolean {
  return (
    left.phase === right.phase &&
    left.receivedBytes === right.receivedBytes &&
    left.bytesPerSecond === right.bytesPerSecond &&
    left.changesSeen === right.changesSeen &&
    left.route === right.route &&
    left.size === right.size
  );
}

function sizeMismatch(announced: number, found: string): DownloadError {
  return new DownloadError(
    'size-mismatch',
    `the server announced ${announced} bytes and sent ${found}: ask for the file again`,
  );
}

function wholeMismatch(): DownloadError {
  return new DownloadError(
    'hash-mismatch',
    'the bytes that arrived are not those that the server announced (sha-256 differs)',
  );
}
