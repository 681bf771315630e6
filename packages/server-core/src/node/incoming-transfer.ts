import type { RateShare, StreamConnection } from '@parley/rudp';
import { FAILURE_OUTCOMES } from '../transfers/failure-outcomes.ts';
import type { TransferFailure, TransferHostEvent, UploadOffer } from '../transfers/transfer-host.ts';
import { READ_BYTES_MAX } from './outgoing-content.ts';
import { failureOf, resetCodeOf } from './transfer-reset.ts';
import { UploadError, type UploadFile } from './upload-file.ts';

/** What an upload needs of its engine. */
export interface IncomingTransferOptions {
  /** What the transfer may move of a limited rate. */
  readonly rateShare: RateShare | undefined;
  readonly onEvent: (event: TransferHostEvent) => void;
  /** The transfer has ended, its event is out, nothing of it is open. */
  readonly onOver: () => void;
}

/** After these the sender may want to go on; after the others it said no, or what it sent is worth nothing. */
const REASONS_TO_KEEP: ReadonlySet<TransferFailure> = new Set([
  'ticket-expired',
  'connection-lost',
  'host-closed',
  'internal-error',
]);

/** One upload, from its ticket to the name of its file. Ends with exactly one event. */
export class IncomingTransfer {
  readonly #offer: UploadOffer;
  readonly #options: IncomingTransferOptions;
  readonly #file: UploadFile;
  readonly #expiry: NodeJS.Timeout;
  #connection: StreamConnection | undefined;
  #startedAt = 0;
  #reportedBytes = 0;
  /** Taken since bytes of the rate were asked for last. */
  #unpaidBytes = 0;
  #isOver = false;

  constructor(offer: UploadOffer, file: UploadFile, options: IncomingTransferOptions) {
    this.#offer = offer;
    this.#file = file;
    this.#reportedBytes = file.verifiedBytes;
    this.#options = options;
    this.#expiry = setTimeout(() => {
      this.fail('ticket-expired', `nobody came within ${offer.ticketLifetimeMs} ms`);
    }, offer.ticketLifetimeMs);
  }

  /** Nobody has come with the ticket yet. */
  get isWaiting(): boolean {
    return this.#connection === undefined && !this.#isOver;
  }

  /** The ticket was presented: takes the file from `connection`. */
  start(connection: StreamConnection): void {
    clearTimeout(this.#expiry);
    this.#connection = connection;
    this.#startedAt = performance.now();
    this.#options.onEvent({ type: 'started', transferId: this.#offer.transferId });
    connection.on('error', (error) => this.fail(failureOf(error), error.message));
    connection.once('close', () => this.fail('connection-lost', 'the connection was closed'));
    connection.on('data', (bytes: Uint8Array) => {
      this.#attempt(() => this.#file.take(bytes));
      this.#pay(connection, bytes.byteLength);
    });
    connection.once('end', () => this.#attempt(() => this.#complete(connection)));
  }

  /** Tells how far the transfer is, if it got further. */
  reportProgress(): void {
    const bytesSent = this.#file.verifiedBytes;
    if (this.#isOver || bytesSent === this.#reportedBytes) return;
    this.#reportedBytes = bytesSent;
    this.#options.onEvent({ type: 'progress', transferId: this.#offer.transferId, bytesSent });
  }

  /** Ends the transfer without the rest; does nothing when it is over. */
  // CHAT-TRANSFER-9
  fail(reason: TransferFailure, detail: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#expiry);
    this.#options.rateShare?.leave();
    const bytesSent = this.#file.verifiedBytes;
    this.#connection?.reset(resetCodeOf(FAILURE_OUTCOMES[reason]), reason);
    const detailOfRemoval = this.#letGoOfFile(reason);
    const { transferId } = this.#offer;
    this.#options.onEvent({
      type: 'failed',
      transferId,
      bytesSent,
      reason,
      detail: detail + detailOfRemoval,
    });
    this.#options.onOver();
  }

  /** Nothing more is read, and so no more credit is granted, before what came is paid for. */
  // CHAT-RATE-1
  #pay(connection: StreamConnection, byteLength: number): void {
    const { rateShare } = this.#options;
    if (rateShare === undefined || this.#isOver) return;
    this.#unpaidBytes += byteLength;
    if (this.#unpaidBytes < Math.min(rateShare.pieceBytesMax, READ_BYTES_MAX)) return;
    const unpaidBytes = this.#unpaidBytes;
    this.#unpaidBytes = 0;
    connection.pause();
    rateShare.take(unpaidBytes, () => connection.resume());
  }

  // CHAT-UPLOAD-4
  #complete(connection: StreamConnection): void {
    this.#file.publish();
    this.#isOver = true;
    this.#options.rateShare?.leave();
    connection.end();
    const { transferId, size } = this.#offer;
    const durationMs = performance.now() - this.#startedAt;
    this.#options.onEvent({ type: 'completed', transferId, bytesSent: size, durationMs });
    this.#options.onOver();
  }

  #attempt(run: () => void): void {
    if (this.#isOver) return;
    try {
      run();
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.fail(error instanceof UploadError ? error.reason : 'internal-error', detail);
    }
  }

  /** Whatever the disk says, the transfer ends; what it said goes to the log. */
  // CHAT-UPLOAD-5
  #letGoOfFile(reason: TransferFailure): string {
    try {
      if (REASONS_TO_KEEP.has(reason)) this.#file.keep();
      else this.#file.discard();
      return '';
    } catch (error) {
      return `; what had come could not be removed: ${(error as Error).message}`;
    }
  }
}
