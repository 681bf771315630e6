import type { TransferEnd } from '../transfers/transfer-host.ts';
import type { Upload, UploadListener, UploadOffer, UploadTask } from '../transfers/upload-host.ts';
import type { OpenOutgoingStream, OutgoingStream } from './outgoing-stream.ts';
import { type SourceDigests, SourceFile, type SourceFileSystem } from './source-file.ts';
import { PROGRESS_INTERVAL_MS, TransferCourse } from './transfer-course.ts';
import { TransferError } from './transfer-error.ts';

/** What an upload needs of its engine. */
export interface FileUploadOptions {
  readonly openStream: OpenOutgoingStream;
  readonly fileSystem: SourceFileSystem | undefined;
  readonly listener: UploadListener;
}

/** One such buffer is held for each upload. */
const readBytesMax = 64 * 1024;

/** One upload, over as many connections as it takes, to the server's confirmation. Starts by itself; `outcome` never rejects. */
// CHAT-RESUME-1, CHAT-UPLOAD-5
export class FileUpload implements Upload {
  readonly task: UploadTask;
  readonly outcome: Promise<TransferEnd>;
  readonly #options: FileUploadOptions;
  readonly #course: TransferCourse<UploadOffer>;
  #file: SourceFile | undefined;
  #stream: OutgoingStream | undefined;
  #goOn: (() => void) | undefined;
  /** What the server has, as far as is known: where the newest offer began, and what it has acknowledged since. */
  #sentBytes = 0;

  constructor(task: UploadTask, options: FileUploadOptions) {
    this.task = task;
    this.#options = options;
    this.#course = new TransferCourse('upload', {
      counts: () => ({
        receivedBytes: this.#sentBytes,
        size: this.#file?.size,
        movedBytes: this.#course.arrivedBytes,
      }),
      onProgress: options.listener.onProgress,
    });
    this.outcome = this.#run();
  }

  take(offer: UploadOffer): void {
    this.#course.take(offer);
  }

  pause(): void {
    this.#course.pause();
  }

  resume(): void {
    if (this.#course.resume()) this.#goOn?.();
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
    if (!this.#course.end(how)) return;
    this.#stream?.reset(how === 'cancelled' ? 'cancelled' : 'connection-lost', how);
    this.#course.giveUpWaiting();
  }

  async #run(): Promise<TransferEnd> {
    // The caller gets its `Upload` before the first thing that can fail.
    await Promise.resolve();
    this.#course.begin();
    try {
      this.#course.assertGoingOn();
      const file = SourceFile.open(this.task.sourcePath, this.#options.fileSystem);
      this.#file = file;
      this.#course.report();
      const digests = await file.digest(() => this.#course.assertGoingOn());
      await this.#send(file, digests);
      const { size } = file;
      const { durationMs } = this.#course;
      return { kind: 'completed', path: this.task.sourcePath, size, durationMs, sha256: digests.sha256 };
    } catch (error) {
      return this.#course.outcomeOf(error);
    } finally {
      this.#course.finish();
      this.#file?.close();
    }
  }

  /** Resolves when the server has confirmed the whole file. */
  async #send(file: SourceFile, digests: SourceDigests): Promise<void> {
    let trouble: TransferError | undefined;
    do {
      const offer = await this.#nextOffer(file, digests, trouble);
      trouble = await this.#sendFrom(offer, file, digests);
    } while (trouble !== undefined);
  }

  #nextOffer(
    { size }: SourceFile,
    { chunkRoot, sha256 }: SourceDigests,
    trouble: TransferError | undefined,
  ): Promise<UploadOffer> {
    return this.#course.nextOffer(trouble, (wish) => {
      const elapsedMs = this.#course.durationMs;
      this.#options.listener.onWanted({ ...wish, size, chunkRoot, sha256, elapsedMs });
    });
  }

  /** Sends what the server lacks. Returns what interrupted it, if it is worth another offer; throws otherwise. */
  // CHAT-UPLOAD-3
  async #sendFrom(
    offer: UploadOffer,
    file: SourceFile,
    { chunkHashes }: SourceDigests,
  ): Promise<TransferError | undefined> {
    this.#course.enter('connecting');
    const { start } = offer;
    if (start > file.size) throw new TransferError('protocol-violation', 'the server has more than there is');
    this.#course.resumedBytes ??= start;
    this.#sentBytes = start;
    const stream = this.#options.openStream(offer, (route) => this.#course.establish(route, 'sending'));
    this.#stream = stream;
    const listBytes = chunkHashes.byteLength;
    const arrivedBefore = this.#course.arrivedBytes;
    const watch = () => {
      const bytes = Math.max(0, stream.acknowledgedBytes - listBytes);
      this.#sentBytes = start + bytes;
      this.#course.arrivedBytes = arrivedBefore + bytes;
    };
    const watching = setInterval(watch, PROGRESS_INTERVAL_MS);
    try {
      await Promise.race([this.#write(stream, file, chunkHashes, start), rejectionOf(stream.confirmed)]);
      this.#course.enter('verifying');
      await stream.confirmed;
      return undefined;
    } catch (error) {
      stream.reset('connection-lost', 'the sender failed');
      const trouble = this.#course.interruptionBy(error);
      // What has changed here is another file: its digests are worth nothing.
      if (trouble.code === 'source-changed') throw trouble;
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
      if (this.#course.isPaused) {
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
}

/** Rejects when `promise` does; never resolves. */
function rejectionOf(promise: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    promise.catch(reject);
  });
}
