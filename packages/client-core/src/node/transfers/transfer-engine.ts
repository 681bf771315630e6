import * as nodeFileSystem from 'node:fs';
import {
  type FolderFileSystem,
  folderFileSystem,
  type SourceFileSystem as SentFolderFileSystem,
  type TargetFileSystem,
} from '@parley/folders';
import type { connect, RudpConfig, UdpIo } from '@parley/rudp';
import type { Download, DownloadListener, DownloadTask } from '../../transfers/download.ts';
import type { RunningTransfer, TransferEnd, TransferPolicy } from '../../transfers/running-transfer.ts';
import type { TransferHost } from '../../transfers/transfer-host.ts';
import type { Upload, UploadListener, UploadTask } from '../../transfers/upload.ts';
import { FileDownload } from '../downloads/file-download.ts';
import { FolderDownload } from '../downloads/folder-download.ts';
import { FileUploadContent } from '../uploads/file-upload-content.ts';
import { FolderUploadContent } from '../uploads/folder-upload-content.ts';
import { RunningUpload } from '../uploads/running-upload.ts';
import type { SourceFileSystem } from '../uploads/source-file.ts';
import type { OpenReading, OpenStream } from './incoming-stream.ts';
import type { OpenOutgoingStream } from './outgoing-stream.ts';
import { createStreamOpeners } from './stream-opener.ts';
import { TransferRate } from './transfer-rate.ts';

/** Options of `TransferEngine`. */
export interface TransferEngineOptions {
  readonly config?: Partial<RudpConfig> | undefined;
  /** How datagrams reach the system; see `io` of `@parley/rudp`. With `portable` no native code is called, for files neither. */
  readonly io?: UdpIo | undefined;
  /** Where a qlog of each connection is written. */
  readonly qlogDirectory?: string | undefined;
  /** What transfers may use; `auto` unless given. */
  readonly transfers?: TransferPolicy | undefined;
  /** How many bytes a second move at most, in each direction. */
  readonly bytesPerSecondMax?: number | undefined;
  /** Stands in for `node:fs`. */
  readonly fileSystem?: TargetFileSystem;
  /** Stands in for `node:fs` where folders arrive. */
  readonly folderFileSystem?: FolderFileSystem;
  /** Stands in for `node:fs` where files and folders are sent. */
  readonly sourceFileSystem?: SourceFileSystem & SentFolderFileSystem;
  /** Stands in for connections of downloads. */
  readonly openStream?: OpenStream;
  /** Stands in for what opens them. */
  readonly connect?: typeof connect | undefined;
  /** Stands in for connections of downloads of folders. */
  readonly openReading?: OpenReading;
  /** Called with the path of every lock when it is taken. */
  readonly onLocked?: (task: DownloadTask, lockPath: string) => void;
}

/**
 * Runs transfers in the thread of its caller: sockets, disk and hashing. The application uses it through a worker
 * (`WorkerTransferHost`), so that its own event loop never feels a transfer.
 */
export class TransferEngine implements TransferHost {
  readonly #options: TransferEngineOptions;
  readonly #rate: TransferRate;
  readonly #openStream: OpenStream;
  readonly #openReading: OpenReading;
  readonly #openOutgoing: OpenOutgoingStream;
  readonly #downloads = new Set<Download>();
  readonly #uploads = new Set<RunningUpload>();
  #isClosed = false;

  constructor(options: TransferEngineOptions = {}) {
    this.#options = options;
    this.#rate = new TransferRate(options.bytesPerSecondMax);
    const { openIncoming, openReading, openOutgoing } = createStreamOpeners({ ...options, rate: this.#rate });
    this.#openStream = options.openStream ?? openIncoming;
    this.#openReading = options.openReading ?? openReading;
    this.#openOutgoing = openOutgoing;
  }

  /** Downloads that have no outcome yet. */
  get downloadCount(): number {
    return this.#downloads.size;
  }

  download(task: DownloadTask, listener: DownloadListener): Download {
    if (this.#isClosed) return closedTransfer(task);
    const options = {
      openStream: this.#openStream,
      fileSystem: this.#options.fileSystem ?? nodeFileSystem,
      listener,
      onLocked: (lockPath: string) => this.#options.onLocked?.(task, lockPath),
    };
    const download = task.isFolder
      ? new FolderDownload(task, {
          ...options,
          openReading: this.#openReading,
          folderFileSystem:
            this.#options.folderFileSystem ??
            folderFileSystem({ isPortable: this.#options.io === 'portable' }),
        })
      : new FileDownload(task, options);
    this.#downloads.add(download);
    void download.outcome.then(() => this.#downloads.delete(download));
    return download;
  }

  upload(task: UploadTask, listener: UploadListener): Upload {
    if (this.#isClosed) return closedTransfer(task);
    const { sourcePath, folderName } = task;
    const content =
      folderName === undefined
        ? new FileUploadContent(sourcePath, this.#options.sourceFileSystem)
        : new FolderUploadContent(sourcePath, folderName, this.#options.sourceFileSystem);
    const upload = new RunningUpload(task, { openStream: this.#openOutgoing, content, listener });
    this.#uploads.add(upload);
    void upload.outcome.then(() => this.#uploads.delete(upload));
    return upload;
  }

  limitRate(bytesPerSecondMax: number | undefined): void {
    this.#rate.limit(bytesPerSecondMax);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const outcomes = [...this.#downloads, ...this.#uploads].map((download) => {
      download.stop();
      return download.outcome;
    });
    await Promise.all(outcomes);
  }
}

/** The transfer of a host that runs none any more. */
export function closedTransfer<Task>(task: Task): RunningTransfer<Task, unknown> {
  const outcome: TransferEnd = {
    kind: 'failed',
    code: 'host-failed',
    message: 'transfers have been shut down',
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
