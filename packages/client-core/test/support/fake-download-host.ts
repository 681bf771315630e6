import type {
  Download,
  DownloadHost,
  DownloadOutcome,
  DownloadProgress,
  DownloadRequest,
} from '../../src/index.ts';

/** A download that does what the test says. */
export class FakeDownload implements Download {
  readonly request: DownloadRequest;
  readonly outcome: Promise<DownloadOutcome>;
  readonly calls: string[] = [];
  readonly report: (progress: DownloadProgress) => void;
  end: (outcome: DownloadOutcome) => void = () => {};

  constructor(request: DownloadRequest, report: (progress: DownloadProgress) => void) {
    this.request = request;
    this.report = report;
    this.outcome = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  pause(): void {
    this.calls.push('pause');
  }

  resume(): void {
    this.calls.push('resume');
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

  download(request: DownloadRequest, onProgress: (progress: DownloadProgress) => void = () => {}): Download {
    const download = new FakeDownload(request, onProgress);
    this.downloads.push(download);
    return download;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const download of this.downloads) download.cancel();
  }
}
