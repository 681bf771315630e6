import type { TransferId } from '@parley/protocol';
import type { RudpConfig, UdpIo, UdpSocketStatistics } from '@parley/rudp';
import type {
  FolderOffer,
  FolderUploadOffer,
  TransferHostEvent,
  TransferOffer,
  TransferRates,
  UploadOffer,
} from '../../transfers/transfer-host.ts';

/** What the main thread gives the worker at its start. */
export interface TransferWorkerData {
  readonly host: string;
  readonly port: number;
  readonly config: Partial<RudpConfig> | undefined;
  readonly io: UdpIo | undefined;
  readonly qlogDirectory: string | undefined;
  readonly rates: TransferRates | undefined;
}

/** Main thread → worker. */
export type TransferCommand =
  | { readonly type: 'offer'; readonly offer: TransferOffer | FolderOffer }
  | { readonly type: 'expect'; readonly offer: UploadOffer | FolderUploadOffer }
  | { readonly type: 'cancel'; readonly transferId: TransferId; readonly isKept: boolean }
  /** End everything, answer `closed`. */
  | { readonly type: 'close' };

/** Worker → main thread. */
export type TransferReport =
  | {
      readonly type: 'opened';
      readonly host: string;
      readonly port: number;
      readonly tlsPort: number | undefined;
      readonly socket: UdpSocketStatistics;
    }
  /** The socket could not be opened; the worker ends. */
  | { readonly type: 'open-failed'; readonly message: string; readonly code: string | undefined }
  /** `start` is of use for what is expected. */
  | { readonly type: 'offered'; readonly transferId: TransferId; readonly start: number }
  | { readonly type: 'offer-failed'; readonly transferId: TransferId; readonly message: string }
  | { readonly type: 'event'; readonly event: TransferHostEvent }
  | { readonly type: 'closed' };
