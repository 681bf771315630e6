import type { RudpConfig, UdpIo } from '@parley/rudp';
import type {
  Download,
  DownloadHost,
  DownloadOutcome,
  DownloadProgress,
  DownloadRequest,
} from '../transfers/download-host.ts';
import { FileDownload } from './file-download.ts';
import type { TargetFileSystem } from './part-file.ts';

/** Options of `DownloadEngine`. */
export interface DownloadEngineOptions {
  readonly config?: Partial<RudpConfig> | undefined;
  /** How datagrams reach the system; see `io` of `@parley/rudp`. */
  readonly io?: UdpIo | undefined;
  /** Where a qlog of each download is written. */
  readonly qlogDirectory?: string | undefined;
  /** Stands in for `node:fs`. */
  readonly fileSystem?: TargetFileSystem;
  /** Called with the path of every part file when it is created. */
  readonly onPartCreated?: (request: DownloadRequest, path: string) => void;
}

/**
 * Runs downloads in the thread of its caller: sockets, disk and hashing. The application uses it through a worker
 * (`WorkerDownloadHost`), so that its own event loop never feels a transfer.
 */
export class DownloadEngine implements DownloadHost {
  readonly #options: DownloadEngineOptions;
  readonly #downloads = new Set<FileDownload>();
  #isClosed = false;

  constructor(options: DownloadEngineOptions = {}) {
    this.#options = options;
  }

  /** Downloads that have no outcome yet. */
  get downloadCount(): number {
    return this.#downloads.size;
  }

  download(request: DownloadRequest, onProgress?: (progress: DownloadProgress) => void): Download {
    if (this.#isClosed) return closedDownload(request);
    const download = new FileDownload(request, {
      config: this.#options.config,
      io: this.#options.io,
      qlogDirectory: this.#options.qlogDirectory,
      fileSystem: this.#options.fileSystem,
      onProgress: onProgress ?? (() => undefined),
      onPartCreated: (path) => this.#options.onPartCreated?.(request, path),
    });
    this.#downloads.add(download);
    void download.outcome.then(() => this.#downloads.delete(download));
    return download;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const outcomes = [...this.#downloads].map((download) => {
      download.cancel();
      return download.outcome;
    });
    await Promise.all(outcomes);
  }
}

/** The download of a host that runs none any more. */
export function closedDownload(request: DownloadRequest): Download {
  const outcome: DownloadOutcome = {
    kind: 'failed',
    code: 'host-failed',
    message: 'downloads have been shut down',
  };
  return {
    request,
    outcome: Promise.resolve(outcome),
    pause: () => undefined,
    resume: () => undefined,
    cancel: () => undefined,
  };
}
