import type {
  Download,
  DownloadHost,
  DownloadListener,
  DownloadOffer,
  DownloadOutcome,
  DownloadProgress,
  DownloadTask,
  WantedBytes,
} from '../../src/index.ts';

/** What a download wants of which nothing is there. */
export const EVERYTHING: WantedBytes = {
  chunkRoot: undefined,
  ranges: undefined,
  receivedBytes: 0,
  arrivedBytes: 0,
  trouble: undefined,
};

/** A download that does what the test says; it asks for an offer by itself once. */
export class FakeDownload implements Download {
  readonly task: DownloadTask;
  readonly outcome: Promise<DownloadOutcome>;
  readonly calls: string[] = [];
  readonly offers: DownloadOffer[] = [];
  readonly #listener: DownloadListener;
  end: (outcome: DownloadOutcome) => void = () => {};

  constructor(task: DownloadTask, listener: DownloadListener) {
    this.task = task;
    this.#listener = listener;
    this.outcome = new Promise((resolve) => {
      this.end = resolve;
    });
    queueMicrotask(() => this.want(EVERYTHING));
  }

  report(progress: Pick<DownloadProgress, 'phase' | 'receivedBytes' | 'size' | 'bytesPerSecond'>): void {
    this.#listener.onProgress({ resumedBytes: 0, changesSeen: 0, ...progress });
  }

  want(wanted: WantedBytes): void {
    this.#listener.onWanted(wanted);
  }

  take(offer: DownloadOffer): void {
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

/** Keeps the downloads that were asked for, in order. */
export class FakeDownloadHost implements DownloadHost {
  readonly downloads: FakeDownload[] = [];
  isClosed = false;

  download(task: DownloadTask, listener: DownloadListener): Download {
    const download = new FakeDownload(task, listener);
    this.downloads.push(download);
    return download;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const download of this.downloads) download.stop();
  }
}
