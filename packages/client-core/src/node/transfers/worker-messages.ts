import type { RudpConfig, UdpIo } from '@parley/rudp';
import type { DownloadOffer, DownloadTask, WantedBytes } from '../../transfers/download.ts';
import type { TransferEnd, TransferPolicy, TransferProgress } from '../../transfers/running-transfer.ts';
import type { UploadOffer, UploadTask, WantedUpload } from '../../transfers/upload.ts';

/** What the main thread gives the worker at its start. */
export interface TransferWorkerData {
  readonly config: Partial<RudpConfig> | undefined;
  readonly io: UdpIo | undefined;
  readonly qlogDirectory: string | undefined;
  readonly transfers: TransferPolicy | undefined;
  readonly bytesPerSecondMax: number | undefined;
}

/** Main thread → worker. `id` is the main thread's own number of a transfer. */
export type WorkerCommand =
  | { readonly type: 'download'; readonly id: number; readonly task: DownloadTask }
  | { readonly type: 'upload'; readonly id: number; readonly task: UploadTask }
  | { readonly type: 'take'; readonly id: number; readonly offer: DownloadOffer }
  | { readonly type: 'take-upload'; readonly id: number; readonly offer: UploadOffer }
  | { readonly type: 'pause' | 'resume' | 'interrupt' | 'stop' | 'cancel'; readonly id: number }
  | { readonly type: 'limit-rate'; readonly bytesPerSecondMax: number | undefined }
  /** Load and rehearse what the first transfer needs. */
  | { readonly type: 'prepare' }
  /** Stop everything, answer `closed`. */
  | { readonly type: 'close' };

/** Worker → main thread. */
export type WorkerReport =
  | { readonly type: 'locked'; readonly id: number; readonly lockPath: string }
  | { readonly type: 'wanted'; readonly id: number; readonly wanted: WantedBytes }
  | { readonly type: 'wanted-upload'; readonly id: number; readonly wanted: WantedUpload }
  | { readonly type: 'progress'; readonly id: number; readonly progress: TransferProgress }
  | { readonly type: 'outcome'; readonly id: number; readonly outcome: TransferEnd }
  | { readonly type: 'closed' };
