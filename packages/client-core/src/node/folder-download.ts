import { createHash } from 'node:crypto';
import {
  DecodeError,
  decodeFolderManifest,
  type FolderEntry,
  RANGES_PER_REQUEST_MAX,
} from '@parley/protocol';
import type {
  Download,
  DownloadOffer,
  DownloadOutcome,
  DownloadPhase,
  DownloadProgress,
  DownloadTask,
  TransferRoute,
  WantedBytes,
} from '../transfers/download-host.ts';
import { folderOutcome } from '../transfers/folder-outcome.ts';
import { FolderProgress } from '../transfers/folder-progress.ts';
import {
  type ExpectedFiles,
  FolderStream,
  type FolderStreamTaker,
  filesOfRanges,
} from '../transfers/folder-stream.ts';
import { ArrivingFiles } from './arriving-files.ts';
import { DownloadError, downloadErrorFrom, isWorthAnotherOffer } from './download-failure.ts';
import { FileDownload, type FileDownloadOptions } from './file-download.ts';
import { type FolderFileSystem, FolderTarget } from './folder-target.ts';
import type { IncomingStream, OpenReading } from './incoming-stream.ts';
import { SOURCE_CHANGES_MAX } from './limits.ts';
import { RateMeter } from './rate-meter.ts';

/** What the download of a folder needs of its engine. */
export interface FolderDownloadOptions extends FileDownloadOptions {
  readonly openReading: OpenReading;
  readonly folderFileSystem: FolderFileSystem;
}

/** Ten times a second is what an eye can follow. */
const progressIntervalMs = 100;

/** One folder, over as many connections as it takes. Starts by itself; `outcome` never rejects. */
// CHAT-FOLDER-7
export class FolderDownload implements Download {
  readonly task: DownloadTask;
  readonly outcome: Promise<DownloadOutcome>;
  readonly #options: FolderDownloadOptions;
  readonly #rate = new RateMeter();
  readonly #startedAt = performance.now();
  #target: FolderTarget | undefined;
  #folder: FolderProgress | undefined;
  #manifestRoot: Uint8Array | undefined;
  #stream: IncomingStream | undefined;
  #giveOffer: ((offer: DownloadOffer | undefined) => void) | undefined;
  /** A file that is fetched by itself, and how much of it is there. */
  #inner: Download | undefined;
  #innerBytes = 0;
  #arriving: ArrivingFiles | undefined;
  #phase: DownloadPhase = 'preparing';
  #isPaused = false;
  #ending: 'stopped' | 'cancelled' | undefined;
  #isOver = false;
  #resumedBytes = 0;
  #arrivedBytes = 0;
  #changesSeen = 0;
  #route: TransferRoute | undefined;

  constructor(task: DownloadTask, options: FolderDownloadOptions) {
    this.task = task;
    this.#options = options;
    this.outcome = this.#run();
  }

  take(offer: DownloadOffer): void {
    if (this.#inner !== undefined) this.#inner.take(offer);
    else this.#giveOffer?.(offer);
  }

  pause(): void {
    if (this.#isOver) return;
    this.#isPaused = true;
    this.#stream?.pause();
    this.#inner?.pause();
    setImmediate(() => this.#report());
  }

  resume(): void {
    this.#isPaused = false;
    this.#stream?.resume();
    this.#inner?.resume();
  }

  interrupt(): void {
    this.#stream?.reset('the session was lost');
    this.#inner?.interrupt();
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
    this.#stream?.reset(how);
    if (how === 'cancelled') this.#inner?.cancel();
    else this.#inner?.stop();
    this.#giveOffer?.(undefined);
  }

  async #run(): Promise<DownloadOutcome> {
    // The caller gets its `Download` before the first thing that can fail.
    await Promise.resolve();
    const timer = setInterval(() => this.#report(), progressIntervalMs);
    try {
      this.#assertGoingOn();
      const target = FolderTarget.open(this.task.targetPath, this.#options.folderFileSystem);
      this.#target = target;
      const arriving = new ArrivingFiles(target);
      this.#arriving = arriving;
      this.#options.onLocked(target.lockPath);
      this.#recall(target);
      const folder = await this.#fetchSmall(target, arriving);
      await this.#fetchLarge(target, folder);
      target.finish(folder.entries);
      const durationMs = performance.now() - this.#startedAt;
      return folderOutcome(folder, this.task.targetPath, durationMs);
    } catch (error) {
      return await this.#failed(error);
    } finally {
      this.#isOver = true;
      clearInterval(timer);
    }
  }

  /** Looks at what an earlier life has left. */
  #recall(target: FolderTarget): void {
    const manifest = target.recall();
    if (manifest === undefined) return;
    try {
      this.#adopt(target, manifest);
    } catch (error) {
      // Killed while it was written: the server has it.
      if (!(error instanceof DownloadError) || error.code !== 'protocol-violation') throw error;
    }
    this.#resumedBytes = this.#folder?.doneBytes ?? 0;
  }

  /** Resolves when nothing is missing that travels in the stream of the folder. */
  async #fetchSmall(target: FolderTarget, arriving: ArrivingFiles): Promise<FolderProgress> {
    let trouble: DownloadError | undefined;
    for (;;) {
      const ranges = this.#folder?.missing(RANGES_PER_REQUEST_MAX);
      if (this.#folder !== undefined && ranges?.length === 0) return this.#folder;
      // With something there already, the list tells first what is missing.
      const wanted = ranges ?? (target.isEmpty ? undefined : []);
      const offer = await this.#nextOffer({ chunkRoot: this.#manifestRoot, ranges: wanted }, trouble);
      const layout = this.#plan(target, arriving, offer, wanted);
      trouble = await this.#receive(layout, arriving, offer);
      await arriving.settle();
      this.#assertGoingOn();
    }
  }

  #nextOffer(
    wanted: Pick<WantedBytes, 'chunkRoot' | 'ranges'>,
    trouble: DownloadError | undefined,
  ): Promise<DownloadOffer> {
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
      ...wanted,
      receivedBytes: this.#folder?.doneBytes ?? 0,
      arrivedBytes: this.#arrivedBytes,
      trouble: trouble && { code: trouble.code, message: trouble.message },
    });
    return offered;
  }

  /** Takes what an offer gives. Returns what interrupted it, if it is worth another offer; throws otherwise. */
  async #receive(
    layout: FolderStream,
    arriving: ArrivingFiles,
    offer: DownloadOffer,
  ): Promise<DownloadError | undefined> {
    this.#enter('connecting');
    const stream = this.#options.openReading(offer, {
      reader: {
        take: (bytes) => {
          this.#arrivedBytes += bytes.byteLength;
          if (!layout.take(bytes)) throw tooMuch();
          // The disk may be slower than the network.
          return arriving.room();
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
      await stream.ended;
      if (!layout.isComplete)
        throw new DownloadError('size-mismatch', 'the server ended the folder too early');
      return undefined;
    } catch (error) {
      stream.reset('the receiver failed');
      this.#assertGoingOn();
      const trouble = downloadErrorFrom(error);
      if (!isWorthAnotherOffer(trouble)) throw trouble;
      return trouble;
    } finally {
      this.#stream = undefined;
      arriving.drop();
    }
  }

  /** What the stream of an offer holds, and where it goes. */
  // CHAT-FOLDER-3
  #plan(
    target: FolderTarget,
    arriving: ArrivingFiles,
    offer: DownloadOffer,
    wanted: WantedBytes['ranges'],
  ): FolderStream {
    const known = this.#manifestRoot;
    const isKnown = known !== undefined && Buffer.compare(known, offer.chunkRoot) === 0;
    const expected = (ranges: WantedBytes['ranges']): ExpectedFiles => {
      const entries = this.#folder?.entries ?? [];
      return { entries, indexes: filesOfRanges(entries, ranges) };
    };
    const taker: FolderStreamTaker = {
      takeManifest: (bytes) => {
        if (known !== undefined) this.#sawChange();
        if (Buffer.compare(createHash('sha256').update(bytes).digest(), offer.chunkRoot) !== 0) {
          throw new DownloadError('hash-mismatch', 'the list that the server sent is not the announced one');
        }
        this.#adopt(target, bytes);
        target.keep(bytes);
        return expected(known === undefined ? wanted : []);
      },
      beginFile: (index) => this.#folder && arriving.begin(this.#folder, index),
      takeBytes: (_index, bytes) => arriving.write(bytes),
      endFile: (index, isUnchanged, digest) =>
        this.#folder && arriving.end(this.#folder, index, { isUnchanged, digest }),
      missFile: (index) => this.#folder?.handleVainTry(index),
    };
    if (isKnown) return new FolderStream(taker, 0, expected(wanted));
    return new FolderStream(taker, offer.manifestBytes ?? 0);
  }

  /** Another list than before: what stands in the target is compared with it. */
  #adopt(target: FolderTarget, manifest: Uint8Array): void {
    const entries = readManifest(manifest);
    this.#manifestRoot = createHash('sha256').update(manifest).digest();
    this.#folder = new FolderProgress(entries, (entry) => {
      const standing = entry.kind === 'folder' ? target.makeFolder(entry) : target.standingOf(entry);
      return standing === 'different' ? 'taken' : standing;
    });
  }

  /** The files that are too large for the stream, one after the other, each as any file is fetched. */
  async #fetchLarge(target: FolderTarget, folder: FolderProgress): Promise<void> {
    for (let index = folder.nextLarge; index !== undefined; index = folder.nextLarge) {
      const entry = folder.entries[index] as FolderEntry;
      const outcome = await this.#fetchOne(target, entry);
      this.#assertGoingOn();
      if (outcome.kind === 'completed') {
        target.dress(entry);
        folder.settle(index, 'done');
      } else if (outcome.kind === 'failed' && outcome.code === 'target-exists') folder.settle(index, 'taken');
      else if (outcome.kind === 'failed')
        throw new DownloadError(outcome.code, `${entry.path}: ${outcome.message}`);
      this.#innerBytes = 0;
    }
  }

  async #fetchOne(target: FolderTarget, entry: FolderEntry): Promise<DownloadOutcome> {
    const before = this.#arrivedBytes;
    const { folder, options } = { folder: this.#folder, options: this.#options };
    this.#inner = new FileDownload(
      { targetPath: target.pathOf(entry) },
      {
        ...options,
        onLocked: () => undefined,
        listener: {
          onWanted: (wanted) => {
            this.#arrivedBytes = before + wanted.arrivedBytes;
            options.listener.onWanted({
              ...wanted,
              file: entry.path,
              arrivedBytes: this.#arrivedBytes,
              receivedBytes: (folder?.doneBytes ?? 0) + wanted.receivedBytes,
            });
          },
          onProgress: ({ phase, receivedBytes, route }) => {
            this.#route = route ?? this.#route;
            if (phase !== 'verifying') this.#phase = phase;
            this.#innerBytes = receivedBytes;
          },
        },
      },
    );
    if (this.#isPaused) this.#inner.pause();
    const outcome = await this.#inner.outcome;
    this.#inner = undefined;
    return outcome;
  }

  #sawChange(): void {
    this.#changesSeen += 1;
    if (this.#changesSeen <= SOURCE_CHANGES_MAX) return;
    const words = `the folder changed ${this.#changesSeen} times on the server while it was fetched`;
    throw new DownloadError('source-changed', `${words}: try again when it is at rest`);
  }

  #assertGoingOn(): void {
    if (this.#ending !== undefined) throw new DownloadError('host-failed', 'the download was ended');
  }

  async #failed(error: unknown): Promise<DownloadOutcome> {
    await this.#arriving?.settle().catch(() => undefined);
    if (this.#ending === 'cancelled' || this.#folder === undefined) this.#target?.discard();
    else this.#target?.close();
    if (this.#ending !== undefined) return { kind: this.#ending };
    const { code, message } = downloadErrorFrom(error);
    return { kind: 'failed', code, message };
  }

  #enter(phase: DownloadPhase): void {
    this.#phase = phase;
    this.#report();
  }

  #report(): void {
    if (this.#isOver) return;
    const isPausable = this.#phase === 'connecting' || this.#phase === 'receiving';
    const receivedBytes = (this.#folder?.doneBytes ?? 0) + this.#innerBytes;
    const progress: DownloadProgress = {
      phase: this.#isPaused && isPausable ? 'paused' : this.#phase,
      receivedBytes,
      resumedBytes: this.#resumedBytes,
      size: this.#folder?.size,
      bytesPerSecond: this.#rate.record(performance.now(), receivedBytes - this.#resumedBytes),
      changesSeen: this.#changesSeen,
      route: this.#route,
    };
    this.#options.listener.onProgress(progress);
  }
}

function readManifest(bytes: Uint8Array): readonly FolderEntry[] {
  try {
    return decodeFolderManifest(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DownloadError(
      'protocol-violation',
      `the server's list of the folder is none: ${error.message}`,
      error,
    );
  }
}

function tooMuch(): DownloadError {
  return new DownloadError(
    'size-mismatch',
    'the server sent more than it had announced: get the folder again',
  );
}
