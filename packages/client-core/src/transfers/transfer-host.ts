import type { Download, DownloadListener, DownloadTask } from './download.ts';
import type { Upload, UploadListener, UploadTask } from './upload.ts';

/**
 * Runs downloads and uploads. The application holds one for its lifetime; the usual one keeps sockets and disk in a worker thread
 * (`createWorkerTransferHost`), and tests may give their own.
 */
export interface TransferHost {
  /** Several may run at once. */
  download(task: DownloadTask, listener: DownloadListener): Download;
  /** The same with a file that is sent. */
  upload(task: UploadTask, listener: UploadListener): Upload;
  /** Somebody may want bytes soon: what the first transfer would wait for is done before it. */
  prepare?(): void;
  /** Bytes a second that move at most, in each direction, from now on; undefined for as many as there are. */
  limitRate?(bytesPerSecondMax: number | undefined): void;
  /** Stops what runs, frees the worker. What is begun afterwards has a failed outcome. */
  close(): Promise<void>;
}
