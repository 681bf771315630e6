import type {
  Download,
  DownloadListener,
  DownloadOffer,
  DownloadTask,
  RunningTransfer,
  TransferEnd,
  TransferHost,
  TransferProgress,
  Upload,
  UploadListener,
  UploadOffer,
  UploadTask,
  WantedBytes,
  WantedUpload,
} from '../../src/index.ts';

/** What a download wants of which nothing is there. */
export const EVERYTHING: WantedBytes = {
  chunkRoot: undefined,
  ranges: undefined,
  receivedBytes: 0,
  arrivedBytes: 0,
  trouble: undefined,
};

/** What an upload wants whose file has a thousand bytes. */
export const WHOLE_FILE: WantedUpload = {
  size: 1_000,
  chunkRoot: new Uint8Array(32).fill(9),
  sha256: new Uint8Array(32).fill(10),
  leftOut: [],
  elapsedMs: 5,
  receivedBytes: 0,
  arrivedBytes: 0,
  trouble: undefined,
};

/** A transfer that does what the test says; it asks for an offer by itself once. */
abstract class FakeTransfer<Task, Offer, Wanted> implements RunningTransfer<Task, Offer> {
  readonly task: Task;
  readonly outcome: Promise<TransferEnd>;
  readonly calls: string[] = [];
  readonly offers: Offer[] = [];
  readonly #listener: TransferListener<Wanted>;
  end: (outcome: TransferEnd) => void = () => {};

  constructor(task: Task, listener: TransferListener<Wanted>, wanted: Wanted) {
    this.task = task;
    this.#listener = listener;
    this.outcome = new Promise((resolve) => {
      this.end = resolve;
    });
    queueMicrotask(() => this.want(wanted));
  }

  report(progress: Pick<TransferProgress, 'phase' | 'receivedBytes' | 'size' | 'bytesPerSecond'>): void {
    this.#listener.onProgress({ resumedBytes: 0, changesSeen: 0, route: 'udp', ...progress });
  }

  want(wanted: Wanted): void {
    this.#listener.onWanted(wanted);
  }

  take(offer: Offer): void {
    this.offers.push(offer);
  }

  pause(): void {
    this.calls.push('pause');
  }

  resume(): void {
    this.calls.push('resume');
  }

  interrupt(): void {
    this.calls.push('interrupt');
  }

  stop(): void {
    this.calls.push('stop');
    this.end({ kind: 'stopped' });
  }

  cancel(): void {
    this.calls.push('cancel');
    this.end({ kind: 'cancelled' });
  }
}

interface TransferListener<Wanted> {
  readonly onProgress: DownloadListener['onProgress'];
  readonly onWanted: (wanted: Wanted) => void;
}

export class FakeDownload extends FakeTransfer<DownloadTask, DownloadOffer, WantedBytes> {
  constructor(task: DownloadTask, listener: DownloadListener) {
    super(task, listener, EVERYTHING);
  }
}

/** Of a file of a thousand bytes. */
export class FakeUpload extends FakeTransfer<UploadTask, UploadOffer, WantedUpload> {
  constructor(task: UploadTask, listener: UploadListener) {
    super(task, listener, WHOLE_FILE);
  }
}

/** Keeps the transfers that were asked for, in order. */
export class FakeTransferHost implements TransferHost {
  readonly downloads: FakeDownload[] = [];
  readonly uploads: FakeUpload[] = [];
  isClosed = false;

  download(task: DownloadTask, listener: DownloadListener): Download {
    const download = new FakeDownload(task, listener);
    this.downloads.push(download);
    return download;
  }

  upload(task: UploadTask, listener: UploadListener): Upload {
    const upload = new FakeUpload(task, listener);
    this.uploads.push(upload);
    return upload;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const transfer of [...this.downloads, ...this.uploads]) transfer.stop();
  }
}
