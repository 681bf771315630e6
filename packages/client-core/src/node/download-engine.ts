import * as nodeFileSystem from 'node:fs';
import type { RudpConfig, UdpIo } from '@parley/rudp';
import type {
  Download,
  DownloadHost,
  DownloadListener,
  DownloadOutcome,
  DownloadTask,
} from '../transfers/download-host.ts';
import { FileDownload } from './file-download.ts';
import { createStreamOpener, type OpenStream } from './incoming-stream.ts';
import type { TargetFileSystem } from './target-file-system.ts';

/** Options of `DownloadEngine`. */
export interface DownloadEngineOptions {
  readonly config?: Partial<RudpConfig> | undefined;
  /** How datagrams reach the system; see `io` of `@parley/rudp`. */
  readonly io?: UdpIo | undefined;
  /** Where a qlog of each connection is written. */
  readonly qlogDirectory?: string | undefined;
  /** Stands in for `node:fs`. */
  readonly fileSystem?: TargetFileSystem;
  /** Stands in for connections over UDP. */
  readonly openStream?: OpenStream;
  /** Called with the path of every lock when it is taken. */
  readonly onLocked?: (task: DownloadTask, lockPath: string) => void;
}

/**
 * Runs downloads in the thread of its caller: sockets, disk and hashing. The application uses it through a worker
 * (`WorkerDownloadHost`), so that its own event loop never feels a transfer.
 */
export class DownloadEngine implements DownloadHost {
  readonly #options: DownloadEngineOptions;
  readonly #openStream: OpenStream;
  readonly #downloads = new Set<FileDownload>();
  #isClosed = false;

  constructor(options: DownloadEngineOptions = {}) {
    this.#options = options;
    this.#openStream = options.openStream ?? createStreamOpener(options);
  }

  /** Downloads that have no outcome yet. */
  get downloadCount(): number {
    return this.#downloads.size;
  }

  download(task: DownloadTask, listener: DownloadListener): Download {
    if (this.#isClosed) return closedDownload(task);
    const download = new FileDownload(task, {
      openStream: this.#openStream,
      fileSystem: this.#options.fileSystem ?? nodeFileSystem,
      listener,
      onLocked: (lockPath) => this.#options.onLocked?.(task, lockPath),
    });
    this.#downloads.add(download);
    void download.outcome.then(() => this.#downloads.delete(download));
    return download;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const outcomes = [...this.#downloads].map((download) => {
      download.stop();
      return download.outcome;
    });
    await Promise.all(outcomes);
  }
}

/** The download of a host that runs none any more. */
export function closedDownload(task: DownloadTask): Download {
  const outcome: DownloadOutcome = {
    kind: 'failed',
    code: 'host-failed',
    message: 'downloads have been shut down',
  };
  return {
    task,
    outcome: Promise.resolve(outcome),
    take: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    interrupt: () => undefined,
    stop: () => undefined,
    cancel: () => undefined,
  };
}
