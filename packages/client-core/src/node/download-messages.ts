import type { RudpConfig, UdpIo } from '@parley/rudp';
import type { DownloadOutcome, DownloadProgress, DownloadRequest } from '../transfers/download-host.ts';

/** What the main thread gives the worker at its start. */
export interface DownloadWorkerData {
  readonly config: Partial<RudpConfig> | undefined;
  readonly io: UdpIo | undefined;
  readonly qlogDirectory: string | undefined;
}

/** Main thread → worker. `id` is the main thread's own number of a download. */
export type DownloadCommand =
  | { readonly type: 'download'; readonly id: number; readonly request: DownloadRequest }
  | { readonly type: 'pause' | 'resume' | 'cancel'; readonly id: number }
  /** Cancel everything, answer `closed`. */
  | { readonly type: 'close' };

/** Worker → main thread. */
export type DownloadReport =
  | { readonly type: 'part-created'; readonly id: number; readonly path: string }
  | { readonly type: 'progress'; readonly id: number; readonly progress: DownloadProgress }
  | { readonly type: 'outcome'; readonly id: number; readonly outcome: DownloadOutcome }
  | { readonly type: 'closed' };
