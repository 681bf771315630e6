import type {
  DownloadOutcome,
  DownloadPhase,
  DownloadProgress,
  TransferRoute,
} from '../transfers/download-host.ts';
import type { Upload, UploadListener, UploadOffer, UploadTask } from '../transfers/upload-host.ts';
import { DownloadError, downloadErrorFrom, isWorthAnotherOffer } from './download-failure.ts';
import type { OpenOutgoingStream, OutgoingStream } from './outgoing-stream.ts';
import { RateMeter } from './rate-meter.ts';
import { type SourceDigests, SourceFile, type SourceFileSystem } from './source-file.ts';

/** What an upload needs of its engine. */
export interface FileUploadOptions {
  readonly openStream: OpenOutgoingStream;
  readonly fileSystem: SourceFileSystem | undefined;
  readonly listener: UploadListener;
}

/** Ten times a second is what an eye can follow. */
const progressIntervalMs = 100;

/** One such buffer is held for each upload. */
const readBytesMax = 64 * 1024;

/** One upload, over as many connections as it takes, to the server's confirmation. Starts by itself; `outcome` never rejects. */
// CHAT-RESUME-1, CHAT-UPLOAD-5
export class FileUpload implements Upload {
  readonly task: UploadTask;
  readonly outcome: Promise<DownloadOutcome>;
  readonly #options: FileUploadOptions;
  readonly #rate = new RateMeter();
  readonly #startedAt = performance.now();
  #file: SourceFile | undefined;
  #stream: OutgoingStream | undefined;
  #giveOffer: ((offer: UploadOffer | undefined) => void) | undefined;
  #goOn: (() => void) | undefined;
  #phase: DownloadPhase = 'preparing';
  #isPaused = false;
  #ending: 'stopped' | 'cancelled' | undefined;
  #isOver = false;
  /** Where the first offer began; undefined before it. */
  #resumedBytes: number | undefined;
  /** What the server has, as far as is known: where the newest offer began, and what it has acknowledged since. */
  #sentBytes = 0;
  #arrivedBytes = 0;
  #route: TransferRoute | undefined;
  #reported: DownloadProgress | undefined;

  constructor(task: UploadTask, options: FileUploadOptions) {
    this.task = task;
    this.#options = options;
    this.outcome = this.#run();
  }

  take(offer: UploadOffer): void {
    this.#giveOffer?.(offer);
  }

  pause(): void {
    if (this.#isOver || this.#phase === 'verifying') return;
    this.#isPaused = true;
    this.#reportSoon();
  }

  resume(): void {
    if (this.#isOver || !this.#isPaused) return;
    this.#isPaused = false;
    this.#goOn?.();
    this.#reportSoon();
  }

  interrupt(): void {
    this.#stream?.reset('connection-lost', 'the session was lost');
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
    this.#stream?.reset(how === 'cancelled' ? 'cancelled' : 'connection-lost', how);
    this.#giveOffer?.(undefined);
  }

  async #run(): Promise<DownloadOutcome> {
    // The caller gets its `Upload` before the first thing that can fail.
    await Promise.resolve();
    const timer = setInterval(() => this.#report(), progressIntervalMs);
    try {
      this.#assertGoingOn();
      const file = SourceFile.open(this.task.sourcePath, this.#options.fileSystem);
      this.#file = file;
      this.#report();
      const digests = await file.digest(() => this.#assertGoingOn());
      await this.#send(file, digests);
      const durationMs = performance.now() - this.#startedAt;
      const { size } = file;
      return { kind: 'completed', path: this.task.sourcePath, size, durationMs, sha256: digests.sha256 };
    } catch (error) {
      if (this.#ending !== undefined) return { kind: this.#ending };
      const { code, message } = downloadErrorFrom(error);
      return { kind: 'failed', code, message };
    } finally {
      this.#isOver = true;
      clearInterval(timer);
      this.#file?.close();
    }
  }

  /** Resolves when the server has confirmed the whole file. */
  async #send(file: SourceFile, digests: SourceDigests): Promise<void> {
    let trouble: DownloadError | undefined;
    do {
      const offer = await this.#nextOffer(file, digests, trouble);
      trouble = await this.#sendFrom(offer, file, digests);
    } while (trouble !== undefined);
  }

  #nextOffer(
    { size }: SourceFile,
    { chunkRoot }: SourceDigests,
    trouble: DownloadError | undefined,
  ): Promise<UploadOffer> {
    this.#assertGoingOn();
    this.#enter('waiting');
    const offered = new Promise<UploadOffer>((resolve, reject) => {
      this.#giveOffer = (offer) => {
        this.#giveOffer = undefined;
        if (offer === undefined) reject(new DownloadError('host-failed', 'the upload was ended'));
        else resolve(offer);
      };
    });
    this.#options.listener.onWanted({
      size,
      chunkRoot,
      receivedBytes: this.#sentBytes,
      arrivedBytes: this.#arrivedBytes,
      trouble: trouble && { code: trouble.code, message: trouble.message },
    });
    return offered;
  }

  /** Sends what the server lacks. Returns what interrupted it, if it is worth another offer; throws otherwise. */
  // CHAT-UPLOAD-3
  async #sendFrom(
    offer: UploadOffer,
    file: SourceFile,
    { chunkHashes }: SourceDigests,
  ): Promise<DownloadError | undefined> {
    this.#enter('connecting');
    const { start } = offer;
    if (start > file.size) throw new DownloadError('protocol-violation', 'the server has more than there is');
    this.#resumedBytes ??= start;
    this.#sentBytes = start;
    const stream = this.#options.openStream(offer, (route) => {
      this.#route = route;
      this.#enter('sending');
    });
    this.#stream = stream;
    const listBytes = chunkHashes.byteLength;
    const arrivedBefore = this.#arrivedBytes;
    const watch = () => {
      const bytes = Math.max(0, stream.acknowledgedBytes - listBytes);
      this.#sentBytes = start + bytes;
      this.#arrivedBytes = arrivedBefore + bytes;
    };
    const watching = setInterval(watch, progressIntervalMs);
    try {
      await Promise.race([this.#write(stream, file, chunkHashes, start), rejectionOf(stream.confirmed)]);
      this.#enter('verifying');
      await stream.confirmed;
      return undefined;
    } catch (error) {
      stream.reset('connection-lost', 'the sender failed');
      this.#assertGoingOn();
      const trouble = downloadErrorFrom(error);
      // What has changed here is another file: its digests are worth nothing.
      if (!isWorthAnotherOffer(trouble) || trouble.code === 'source-changed') throw trouble;
      return trouble;
    } finally {
      watch();
      clearInterval(watching);
      this.#stream = undefined;
      this.#goOn = undefined;
    }
  }

  async #write(
    stream: OutgoingStream,
    file: SourceFile,
    chunkHashes: Uint8Array,
    start: number,
  ): Promise<void> {
    const written = (bytes: Uint8Array) => new Promise<void>((resolve) => stream.write(bytes, resolve));
    if (chunkHashes.byteLength > 0) await written(chunkHashes);
    const buffer = Buffer.allocUnsafeSlow(Math.min(readBytesMax, file.size));
    for (let at = start; at < file.size; ) {
      if (this.#isPaused) {
        await new Promise<void>((resolve) => {
          this.#goOn = resolve;
        });
      }
      if (this.#stream !== stream) return;
      const count = file.read(buffer.subarray(0, file.size - at), at);
      await written(buffer.subarray(0, count));
      at += count;
    }
    file.checkUnchanged();
    await new Promise<void>((resolve) => stream.end(resolve));
  }

  #assertGoingOn(): void {
    if (this.#ending !== undefined) throw new DownloadError('host-failed', 'the upload was ended');
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
    const isPausable = this.#phase === 'connecting' || this.#phase === 'sending';
    const progress: DownloadProgress = {
      phase: this.#isPaused && isPausable ? 'paused' : this.#phase,
      receivedBytes: this.#sentBytes,
      resumedBytes: this.#resumedBytes ?? 0,
      size: this.#file?.size,
      bytesPerSecond: this.#rate.record(performance.now(), this.#arrivedBytes),
      changesSeen: 0,
      route: this.#route,
    };
    if (this.#reported !== undefined && isSame(progress, this.#reported)) return;
    this.#reported = progress;
    this.#options.listener.onProgress(progress);
  }
}

/** Rejects when `promise` does; never resolves. */
function rejectionOf(promise: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    promise.catch(reject);
  });
}

function isSame(left: DownloadProgress, right: DownloadProgress): boolean {
  return (
    left.phase === right.phase &&
    left.receivedBytes === right.receivedBytes &&
    left.bytesPerSecond === right.bytesPerSecond &&
    left.route === right.route &&
    left.size === right.size
  );
}
