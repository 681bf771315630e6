import type { TransferId } from '@parley/protocol';
import type {
  TransferFailure,
  TransferHost,
  TransferHostEvent,
  TransferOffer,
  UploadOffer,
} from '../../src/transfers/transfer-host.ts';

/** A transfer host that moves nothing: the test says what becomes of each transfer. */
export class FakeTransferHost implements TransferHost {
  /** Offers that have not ended. */
  readonly open = new Map<TransferId, TransferOffer>();
  /** Files that are awaited. */
  readonly awaited = new Set<TransferId>();
  /** Every offer ever made, in order. */
  readonly offers: TransferOffer[] = [];
  /** Every file that was ever awaited, in order. */
  readonly expected: UploadOffer[] = [];
  /** Set to have the next offers refused. */
  offerError: Error | undefined;
  /** The host looks through what is left of earlier attempts until then. */
  looked: Promise<void> | undefined;
  /** Called when a transfer is to end, known or not. */
  onCancel: () => void = () => {};
  isClosed = false;
  #listener: (event: TransferHostEvent) => void = () => {};

  address(): { readonly host: string; readonly port: number } {
    return { host: '127.0.0.1', port: 40_000 };
  }

  tlsPort(): number | undefined {
    return undefined;
  }

  async offer(offer: TransferOffer): Promise<void> {
    if (this.offerError !== undefined) throw this.offerError;
    this.offers.push(offer);
    this.open.set(offer.transferId, offer);
  }

  async expect(upload: UploadOffer): Promise<{ readonly start: number }> {
    if (this.offerError !== undefined) throw this.offerError;
    this.expected.push(upload);
    await this.looked;
    this.awaited.add(upload.transferId);
    return { start: 0 };
  }

  cancel(transferId: TransferId): void {
    this.onCancel();
    this.fail(transferId, 'cancelled');
  }

  onEvent(listener: (event: TransferHostEvent) => void): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {
    for (const transferId of [...this.open.keys(), ...this.awaited]) this.fail(transferId, 'host-closed');
    this.isClosed = true;
  }

  /** The receiver came with the ticket. */
  start(transferId: TransferId): void {
    this.#listener({ type: 'started', transferId });
  }

  /** A file of a folder was read that is not what its digest says. */
  differ(transferId: TransferId, path: string): void {
    this.#listener({ type: 'file-differs', transferId, path });
  }

  /** The receiver has acknowledged everything; or a file that was awaited is there. */
  complete(transferId: TransferId): void {
    const offer = this.open.get(transferId);
    const upload = this.awaited.has(transferId)
      ? this.expected.find((one) => one.transferId === transferId)
      : undefined;
    if (offer === undefined && upload === undefined) return;
    this.open.delete(transferId);
    this.awaited.delete(transferId);
    const bytesSent = offer
      ? offer.ranges.reduce((sum, { start, end }) => sum + end - start, 0)
      : upload?.size;
    this.#listener({ type: 'completed', transferId, bytesSent: bytesSent ?? 0, durationMs: 10 });
  }

  /** The transfer failed. */
  fail(transferId: TransferId, reason: TransferFailure): void {
    if (!this.open.delete(transferId) && !this.awaited.delete(transferId)) return;
    this.#listener({ type: 'failed', transferId, bytesSent: 0, reason, detail: `the test says ${reason}` });
  }
}
