import type { TransferEnd } from '../../transfers/running-transfer.ts';
import type { Upload, UploadListener, UploadOffer, UploadTask } from '../../transfers/upload.ts';
import { SOURCE_CHANGES_MAX } from '../limits.ts';
import type { OpenOutgoingStream, OutgoingStream } from '../transfers/outgoing-stream.ts';
import { PROGRESS_INTERVAL_MS, TransferCourse } from '../transfers/transfer-course.ts';
import type { TransferError } from '../transfers/transfer-error.ts';
import type { UploadContent } from './upload-content.ts';

/** What an upload needs of its engine. */
export interface RunningUploadOptions {
  readonly openStream: OpenOutgoingStream;
  readonly content: UploadContent;
  readonly listener: UploadListener;
}

/** One upload, over as many connections as it takes, to the server's confirmation. Starts by itself; `outcome` never rejects. */
// CHAT-RESUME-1, CHAT-UPLOAD-5
export class RunningUpload implements Upload {
  readonly task: UploadTask;
  readonly outcome: Promise<TransferEnd>;
  readonly #options: RunningUploadOptions;
  readonly #course: TransferCourse<UploadOffer>;
  #stream: OutgoingStream | undefined;
  #goOn: (() => void) | undefined;
  /** What the server has, as far as is known: where the newest offer began, and what it has acknowledged since. */
  #sentBytes = 0;

  constructor(task: UploadTask, options: RunningUploadOptions) {
    this.task = task;
    this.#options = options;
    this.#course = new TransferCourse('upload', {
      counts: () => ({
        receivedBytes: this.#sentBytes,
        size: options.content.size,
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
    this.#course.breakOff(this.#stream);
  }

  stop(): void {
    this.#end('stopped');
  }

  cancel(): void {
    this.#end('cancelled');
  }

  #end(how: 'stopped' | 'cancelled'): void {
    if (!this.#course.end(how)) return;
    this.#course.breakOff(this.#stream);
    this.#course.giveUpWaiting();
  }

  async #run(): Promise<TransferEnd> {
    // The caller gets its `Upload` before the first thing that can fail.
    await Promise.resolve();
    this.#course.begin();
    const { content } = this.#options;
    try {
      await this.#send();
      this.#sentBytes = content.size ?? 0;
      const { sha256, leftOut, size = 0 } = content;
      const { durationMs } = this.#course;
      return { kind: 'completed', path: this.task.sourcePath, size, durationMs, sha256, leftOut };
    } catch (error) {
      return this.#course.outcomeOf(error);
    } finally {
      this.#course.finish();
      content.close();
    }
  }

  /** Resolves when the server has confirmed all of it. */
  async #send(): Promise<void> {
    await this.#prepare();
    let trouble: TransferError | undefined;
    for (;;) {
      const offer = await this.#nextOffer(trouble);
      const interruption = await this.#sendFrom(offer);
      if (interruption === undefined) return;
      trouble = interruption.trouble;
      // What has changed here is another file: its digests are worth nothing.
      if (trouble?.code === 'source-changed') {
        this.#course.changesSeen += 1;
        if (!this.#options.content.isRereadable || this.#course.changesSeen > SOURCE_CHANGES_MAX)
          throw trouble;
        await this.#prepare();
      }
    }
  }

  async #prepare(): Promise<void> {
    this.#course.assertGoingOn();
    this.#course.enter('preparing');
    await this.#options.content.prepare(() => this.#course.assertGoingOn());
  }

  #nextOffer(trouble: TransferError | undefined): Promise<UploadOffer> {
    const { content, listener } = this.#options;
    return this.#course.nextOffer(trouble, (wish) => {
      const elapsedMs = this.#course.durationMs;
      const { announced, sha256, leftOut } = content;
      listener.onWanted({ ...wish, ...announced, sha256, leftOut, elapsedMs });
    });
  }

  /** Sends what the server lacks. Returns what interrupted it, if it is worth another offer; nothing when all is there; throws otherwise. */
  async #sendFrom(offer: UploadOffer): Promise<{ readonly trouble: TransferError | undefined } | undefined> {
    this.#course.enter('connecting');
    const content = this.#options.content.begin(offer);
    const stream = this.#options.openStream(offer, {
      onEstablished: (route) => this.#course.establish(route, 'sending'),
      onAnswer: (bytes) => content.handleAnswer(bytes),
    });
    this.#stream = stream;
    const arrivedBefore = this.#course.arrivedBytes;
    const watch = () => {
      const bytes = content.movedBytes(stream.acknowledgedBytes);
      this.#course.resumedBytes ??= content.resumedBytes;
      this.#sentBytes = (content.resumedBytes ?? 0) + bytes;
      this.#course.arrivedBytes = arrivedBefore + bytes;
    };
    watch();
    const watching = setInterval(watch, PROGRESS_INTERVAL_MS);
    const pieces = content.pieces();
    try {
      await Promise.race([this.#write(stream, pieces), rejectionOf(stream.confirmed)]);
      this.#course.enter('verifying');
      await stream.confirmed;
      return undefined;
    } catch (error) {
      stream.reset('connection-lost', 'the sender failed');
      return { trouble: this.#course.interruptionBy(error) };
    } finally {
      watch();
      clearInterval(watching);
      // A stream that broke asks for no more, and what the pieces are read from stays open until then.
      void pieces.return().catch(() => undefined);
      this.#stream = undefined;
      this.#goOn = undefined;
    }
  }

  async #write(stream: OutgoingStream, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const bytes of pieces) {
      if (this.#course.isPaused) {
        await new Promise<void>((resolve) => {
          this.#goOn = resolve;
        });
      }
      if (this.#stream !== stream) return;
      await new Promise<void>((resolve) => stream.write(bytes, resolve));
    }
    await new Promise<void>((resolve) => stream.end(resolve));
  }
}

/** Rejects when `promise` does; never resolves. */
function rejectionOf(promise: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    promise.catch(reject);
  });
}
