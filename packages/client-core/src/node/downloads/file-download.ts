import { dirname } from 'node:path';
import type { TargetFileSystem } from '@parley/folders';
import type {
  Download,
  DownloadListener,
  DownloadOffer,
  DownloadTask,
  OfferedDigests,
} from '../../transfers/download.ts';
import type { TransferEnd } from '../../transfers/running-transfer.ts';
import { SOURCE_CHANGES_MAX, WHOLE_TRIES_MAX } from '../limits.ts';
import type { IncomingStream, OpenStream } from '../transfers/incoming-stream.ts';
import { TransferCourse } from '../transfers/transfer-course.ts';
import { TransferError } from '../transfers/transfer-error.ts';
import { removeOrphans } from './orphans.ts';
import { PartialFile } from './partial-file.ts';
import { type AskedBytes, planStream, type StreamPlan } from './stream-plan.ts';

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
  /** The list that is here is not the server's: before anything else that is needed. */
  #isListDoubted = false;
  /** SHA-256 of what was verified. */
  #sha256: Uint8Array | undefined;

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
    this.#file?.abort();
    this.#course.breakOff(this.#stream);
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
      const asked = this.#asked(file);
      const offer = await this.#nextOffer(asked, trouble);
      this.#course.enter('connecting');
      const plan = this.#plan(file, asked, offer);
      trouble = await this.#receive(plan, offer);
      await file.settle();
      this.#course.assertGoingOn();
      const { digests } = plan;
      // Where the server did not know yet what the whole is, or knows of another one, it is asked again.
      if (!file.isComplete || !isOf(file, digests)) continue;
      this.#course.enter('verifying');
      const isWhole = await file.isWhole(digests.sha256);
      this.#course.assertGoingOn();
      this.#sha256 = digests.sha256;
      if (isWhole) return;
      wholeTries += 1;
      // Every chunk is right and the whole is not: what the server said cannot be true.
      if (file.isComplete || wholeTries === WHOLE_TRIES_MAX) throw wholeMismatch();
    }
  }

  // CHAT-DIGEST-1, CHAT-DIGEST-3
  #asked(file: PartialFile): AskedBytes {
    if (this.#isListDoubted) return { chunkRoot: undefined, ranges: [], version: undefined };
    const { description: version } = file;
    return {
      chunkRoot: version?.chunkRoot,
      ranges: file.missing,
      version: version && { size: version.size, modifiedAt: version.modifiedAt },
    };
  }

  #nextOffer(asked: AskedBytes, trouble: TransferError | undefined): Promise<DownloadOffer> {
    return this.#course.nextOffer(trouble, (wish) => this.#options.listener.onWanted({ ...wish, ...asked }));
  }

  #plan(file: PartialFile, asked: AskedBytes, offer: DownloadOffer): StreamPlan {
    const plan = planStream(file, asked, offer, () => {
      this.#isListDoubted = true;
    });
    if (plan.isOther || this.#isListDoubted) this.#sawChange();
    return plan;
  }

  /** Takes what an offer gives. Returns what interrupted it, if it is worth another offer; throws otherwise. */
  async #receive(plan: StreamPlan, offer: DownloadOffer): Promise<TransferError | undefined> {
    const stream = this.#options.openStream(offer, {
      sink: {
        write: (offset, bytes) => {
          this.#course.arrivedBytes += bytes.byteLength;
          plan.take(offset, bytes);
        },
      },
      onEstablished: (route) => this.#course.establish(route, 'receiving'),
    });
    this.#stream = stream;
    if (this.#course.isPaused) stream.pause();
    try {
      await plan.finish(await stream.ended);
      if (offer.digests !== undefined) this.#isListDoubted = false;
      return undefined;
    } catch (error) {
      stream.reset('connection-lost', 'the receiver failed');
      return this.#course.interruptionBy(error);
    } finally {
      this.#stream = undefined;
    }
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
    return { kind: 'completed', path: targetPath, size: file.size ?? 0, durationMs, sha256: this.#sha256 };
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

/** Whether these are the digests of the file whose chunks are here. */
function isOf({ description }: PartialFile, digests: OfferedDigests | undefined): digests is OfferedDigests {
  if (digests === undefined || description?.chunkRoot === undefined) return false;
  return Buffer.compare(digests.chunkRoot, description.chunkRoot) === 0;
}

function wholeMismatch(): TransferError {
  return new TransferError(
    'hash-mismatch',
    'the bytes that arrived are not those that the server announced (sha-256 differs)',
  );
}
