import { createHash } from 'node:crypto';
import {
  ArrivingFiles,
  type ExpectedFiles,
  type FolderFileSystem,
  FolderProgress,
  FolderStream,
  type FolderStreamTaker,
  FolderTarget,
  filesOfRanges,
  type LeftOver,
  readLeftOvers,
} from '@parley/folders';
import {
  DecodeError,
  decodeFolderManifest,
  FOLDER_LIST_PLACE,
  FOLDER_MANIFEST_BYTES_MAX,
  type FolderEntry,
  RANGES_PER_REQUEST_MAX,
  type Sha256,
} from '@parley/protocol';
import type { Download, DownloadOffer, DownloadTask, WantedBytes } from '../../transfers/download.ts';
import { folderOutcome } from '../../transfers/folder-outcome.ts';
import type { TransferEnd } from '../../transfers/running-transfer.ts';
import { SOURCE_CHANGES_MAX } from '../limits.ts';
import type { IncomingStream, OpenReading } from '../transfers/incoming-stream.ts';
import { TransferCourse } from '../transfers/transfer-course.ts';
import { TransferError } from '../transfers/transfer-error.ts';
import { FileDownload, type FileDownloadOptions } from './file-download.ts';

/** What the download of a folder needs of its engine. */
export interface FolderDownloadOptions extends FileDownloadOptions {
  readonly openReading: OpenReading;
  readonly folderFileSystem: FolderFileSystem;
}

/** One folder, over as many connections as it takes. Starts by itself; `outcome` never rejects. */
// CHAT-FOLDER-7
export class FolderDownload implements Download {
  readonly task: DownloadTask;
  readonly outcome: Promise<TransferEnd>;
  readonly #options: FolderDownloadOptions;
  readonly #course: TransferCourse<DownloadOffer>;
  #target: FolderTarget | undefined;
  #folder: FolderProgress | undefined;
  #manifestRoot: Uint8Array | undefined;
  /** The first bytes of a list that did not come whole, and its digest. */
  #begunList: { readonly root: Uint8Array; readonly bytes: Uint8Array } | undefined;
  #stream: IncomingStream | undefined;
  /** A file that is fetched by itself, and how much of it is there. */
  #inner: Download | undefined;
  #innerBytes = 0;
  #arriving: ArrivingFiles | undefined;

  constructor(task: DownloadTask, options: FolderDownloadOptions) {
    this.task = task;
    this.#options = options;
    this.#course = new TransferCourse('download', {
      counts: () => {
        const receivedBytes = this.#hereBytes + this.#innerBytes;
        const movedBytes = receivedBytes - (this.#course.resumedBytes ?? 0);
        return { receivedBytes, size: this.#folder?.size, movedBytes };
      },
      onProgress: options.listener.onProgress,
    });
    this.outcome = this.#run();
  }

  take(offer: DownloadOffer): void {
    if (this.#inner !== undefined) this.#inner.take(offer);
    else this.#course.take(offer);
  }

  pause(): void {
    if (!this.#course.pause()) return;
    this.#stream?.pause();
    this.#inner?.pause();
  }

  resume(): void {
    if (!this.#course.resume()) return;
    this.#stream?.resume();
    this.#inner?.resume();
  }

  interrupt(): void {
    this.#course.breakOff(this.#stream);
    this.#inner?.interrupt();
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
    if (how === 'cancelled') this.#inner?.cancel();
    else this.#inner?.stop();
    this.#course.giveUpWaiting();
  }

  async #run(): Promise<TransferEnd> {
    // The caller gets its `Download` before the first thing that can fail.
    await Promise.resolve();
    this.#course.begin();
    try {
      this.#course.assertGoingOn();
      const target = FolderTarget.open(this.task.targetPath, this.#options.folderFileSystem);
      this.#target = target;
      const arriving = new ArrivingFiles(target);
      this.#arriving = arriving;
      this.#options.onLocked(target.lockPath);
      await this.#recall(target, arriving);
      const folder = await this.#fetchSmall(target, arriving);
      await this.#fetchLarge(target, folder);
      await target.finish(folder.entries);
      return folderOutcome(folder, this.task.targetPath, this.#course.durationMs);
    } catch (error) {
      return await this.#failed(error);
    } finally {
      this.#course.finish();
    }
  }

  /** Looks at what an earlier life has left. */
  async #recall(target: FolderTarget, arriving: ArrivingFiles): Promise<void> {
    const manifest = target.recall();
    if (manifest === undefined) return;
    try {
      this.#adopt(target, manifest);
    } catch (error) {
      // Killed while it was written: the server has it.
      if (!(error instanceof TransferError) || error.code !== 'protocol-violation') throw error;
    }
    if (this.#folder !== undefined) await this.#recallBegun(target, arriving, this.#folder);
    this.#course.resumedBytes = this.#hereBytes;
  }

  /** Looks at what is there of files that are not whole. */
  async #recallBegun(
    target: FolderTarget,
    arriving: ArrivingFiles,
    folder: FolderProgress,
  ): Promise<ReadonlyMap<number, LeftOver>> {
    const left = await readLeftOvers(target, folder.missingFiles, this.#options.folderFileSystem);
    this.#course.assertGoingOn();
    arriving.goOnFrom(left);
    return left;
  }

  /** Resolves when nothing is missing that travels in the stream of the folder. */
  async #fetchSmall(target: FolderTarget, arriving: ArrivingFiles): Promise<FolderProgress> {
    let trouble: TransferError | undefined;
    for (;;) {
      const folder = this.#folder;
      const left = folder && (await this.#recallBegun(target, arriving, folder));
      const missing = folder && missingPlaces(folder, left);
      if (folder !== undefined && missing?.ranges.length === 0) return folder;
      // With something there already, the list tells first what is missing.
      const wanted = missing ?? { ranges: target.isEmpty ? undefined : [], ...this.#begunWish };
      const offer = await this.#nextOffer({ chunkRoot: this.#knownRoot, ...wanted }, trouble);
      const layout = this.#plan(target, arriving, offer, wanted);
      trouble = await this.#receive(layout, arriving, offer);
      await arriving.settle();
      this.#course.assertGoingOn();
    }
  }

  #nextOffer(
    wanted: Pick<WantedBytes, 'chunkRoot' | 'ranges' | 'begun'>,
    trouble: TransferError | undefined,
  ): Promise<DownloadOffer> {
    return this.#course.nextOffer(trouble, (wish) => this.#options.listener.onWanted({ ...wish, ...wanted }));
  }

  /** Takes what an offer gives. Returns what interrupted it, if it is worth another offer; throws otherwise. */
  async #receive(
    layout: FolderStream,
    arriving: ArrivingFiles,
    offer: DownloadOffer,
  ): Promise<TransferError | undefined> {
    this.#course.enter('connecting');
    const stream = this.#options.openReading(offer, {
      reader: {
        take: (bytes) => {
          this.#course.arrivedBytes += bytes.byteLength;
          if (!layout.take(bytes)) throw tooMuch();
          // The disk may be slower than the network.
          return arriving.room();
        },
      },
      onEstablished: (route) => this.#course.establish(route, 'receiving'),
    });
    this.#stream = stream;
    if (this.#course.isPaused) stream.pause();
    try {
      await stream.ended;
      if (!layout.isComplete)
        throw new TransferError('size-mismatch', 'the server ended the folder too early');
      return undefined;
    } catch (error) {
      stream.reset('connection-lost', 'the receiver failed');
      return this.#course.interruptionBy(error);
    } finally {
      this.#stream = undefined;
      this.#keepBegun(layout, offer);
      arriving.drop();
    }
  }

  /** What the stream of an offer holds, and where it goes. */
  // CHAT-FOLDER-3
  #plan(
    target: FolderTarget,
    arriving: ArrivingFiles,
    offer: DownloadOffer,
    { ranges: wanted, begun }: Pick<WantedBytes, 'ranges' | 'begun'>,
  ): FolderStream {
    const known = this.#knownRoot;
    const { manifestBytes = 0, digests } = offer;
    const offered = digests?.chunkRoot ?? new Uint8Array(0);
    const isKnown = known !== undefined && Buffer.compare(known, offered) === 0;
    const list = isKnown && this.#manifestRoot === undefined ? this.#begunList?.bytes : undefined;
    if (manifestBytes > FOLDER_MANIFEST_BYTES_MAX || (list?.byteLength ?? -1) >= manifestBytes) {
      const words = `the server announces a list of ${manifestBytes} bytes, which cannot be`;
      throw new TransferError('protocol-violation', words);
    }
    const expected = (ranges: WantedBytes['ranges']): ExpectedFiles => {
      const entries = this.#folder?.entries ?? [];
      const froms = new Map(begun && [[begun.place, begun.bytes]]);
      return { entries, indexes: filesOfRanges(entries, ranges), froms };
    };
    const taker: FolderStreamTaker = {
      takeManifest: (bytes) => {
        if (known !== undefined && !isKnown) this.#sawChange();
        if (Buffer.compare(createHash('sha256').update(bytes).digest(), offered) !== 0) {
          throw new TransferError('hash-mismatch', 'the list that the server sent is not the announced one');
        }
        this.#adopt(target, bytes);
        target.keep(bytes);
        return expected(known === undefined || isKnown ? wanted : []);
      },
      beginFile: (index, from) => this.#folder && arriving.begin(this.#folder, index, from),
      takeBytes: (_index, bytes) => arriving.write(bytes),
      endFile: (index, isUnchanged, digest) =>
        this.#folder && arriving.end(this.#folder, index, { isUnchanged, digest }),
      missFile: (index) => this.#folder?.handleVainTry(index),
    };
    if (isKnown && list === undefined) return new FolderStream(taker, 0, { expected: expected(wanted) });
    return new FolderStream(taker, manifestBytes, { begun: list });
  }

  /** A long list on a line that breaks would never come whole, were it not gone on with. */
  // CHAT-FOLDER-13
  #keepBegun({ begunManifest }: FolderStream, { digests }: DownloadOffer): void {
    if (begunManifest === undefined || digests === undefined) return;
    this.#begunList = { root: digests.chunkRoot, bytes: begunManifest };
  }

  /** Of the list that is here, be it in part. */
  get #knownRoot(): Uint8Array | undefined {
    return this.#manifestRoot ?? this.#begunList?.root;
  }

  get #begunWish(): Pick<WantedBytes, 'begun'> {
    if (this.#begunList === undefined) return {};
    const { bytes } = this.#begunList;
    const sha256 = new Uint8Array(createHash('sha256').update(bytes).digest()) as Sha256;
    return { begun: { place: FOLDER_LIST_PLACE, bytes: bytes.byteLength, sha256 } };
  }

  /** Another list than before: what stands in the target is compared with it. */
  #adopt(target: FolderTarget, manifest: Uint8Array): void {
    const entries = readManifest(manifest);
    this.#manifestRoot = createHash('sha256').update(manifest).digest();
    this.#begunList = undefined;
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
      this.#course.assertGoingOn();
      if (outcome.kind === 'completed') {
        target.dress(entry);
        folder.settle(index, 'done');
      } else if (outcome.kind === 'failed' && outcome.code === 'target-exists') folder.settle(index, 'taken');
      else if (outcome.kind === 'failed')
        throw new TransferError(outcome.code, `${entry.path}: ${outcome.message}`);
      this.#innerBytes = 0;
    }
  }

  async #fetchOne(target: FolderTarget, entry: FolderEntry): Promise<TransferEnd> {
    const before = this.#course.arrivedBytes;
    const options = this.#options;
    this.#inner = new FileDownload(
      { targetPath: target.pathOf(entry) },
      {
        ...options,
        onLocked: () => undefined,
        listener: {
          onWanted: (wanted) => {
            this.#course.arrivedBytes = before + wanted.arrivedBytes;
            options.listener.onWanted({
              ...wanted,
              file: entry.path,
              arrivedBytes: this.#course.arrivedBytes,
              receivedBytes: this.#hereBytes + wanted.receivedBytes,
            });
          },
          onProgress: (progress) => {
            this.#course.follow(progress);
            this.#innerBytes = progress.receivedBytes;
          },
        },
      },
    );
    if (this.#course.isPaused) this.#inner.pause();
    const outcome = await this.#inner.outcome;
    this.#inner = undefined;
    return outcome;
  }

  /** Bytes that are there of files that come in the stream, and of others that are whole. */
  get #hereBytes(): number {
    return (this.#folder?.doneBytes ?? 0) + (this.#arriving?.partBytes ?? 0);
  }

  #sawChange(): void {
    const changesSeen = ++this.#course.changesSeen;
    if (changesSeen <= SOURCE_CHANGES_MAX) return;
    const words = `the folder changed ${changesSeen} times on the server while it was fetched`;
    throw new TransferError('source-changed', `${words}: try again when it is at rest`);
  }

  async #failed(error: unknown): Promise<TransferEnd> {
    await this.#arriving?.settle().catch(() => undefined);
    const outcome = this.#course.outcomeOf(error);
    if (outcome.kind === 'cancelled' || this.#folder === undefined) this.#target?.discard();
    else this.#target?.close();
    return outcome;
  }
}

/** What is asked for next: of two files that are begun the second one is left to the next request. */
// CHAT-FOLDER-7
function missingPlaces(folder: FolderProgress, left: ReadonlyMap<number, LeftOver> = new Map()) {
  const [first, second] = left;
  const ranges = folder.missing(RANGES_PER_REQUEST_MAX, second?.[0]);
  const [place, { bytes, hash }] = first ?? [0, { bytes: 0, hash: undefined }];
  const isAsked = ranges.some(({ start, end }) => start <= place && place < end);
  if (hash === undefined || !isAsked) return { ranges };
  return { ranges, begun: { place, bytes, sha256: hash.copy().digest() as Uint8Array as Sha256 } };
}

function readManifest(bytes: Uint8Array): readonly FolderEntry[] {
  try {
    return decodeFolderManifest(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new TransferError(
      'protocol-violation',
      `the server's list of the folder is none: ${error.message}`,
      error,
    );
  }
}

function tooMuch(): TransferError {
  return new TransferError(
    'size-mismatch',
    'the server sent more than it had announced: get the folder again',
  );
}
