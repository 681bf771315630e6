import type { Transfer } from '../../domain/transfers/transfer.ts';

/** A download, or an upload, that was queued. */
export interface QueuedTransfer {
  readonly transfer: Transfer;
  /** The last snapshot: completed, failed or cancelled. Never rejects. */
  readonly finished: Promise<Transfer>;
}
