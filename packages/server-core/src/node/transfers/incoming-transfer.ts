import { READ_BYTES_MAX } from '@parley/folders';
import type { RateShare, StreamConnection } from '@parley/rudp';
import { FAILURE_OUTCOMES } from '../../transfers/failure-outcomes.ts';
import type { TransferFailure, TransferHostEvent, UploadOffer } from '../../transfers/transfer-host.ts';
import { UploadError } from '../uploads/upload-file.ts';
import type { IncomingContent } from './incoming-content.ts';
import { failureOf, resetCodeOf } from './transfer-reset.ts';

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

/** One upload, from its ticket to the name of its file or folder. Ends with exactly one event. */
export class IncomingTransfer {
  readonly #offer: UploadOffer;
  readonly #options: IncomingTransferOptions;
  readonly #content: IncomingContent;
  readonly #expiry: NodeJS.Timeout;
  #connection: StreamConnection | undefined;
  #startedAt = 0;
  #reportedBytes = 0;
  /** Taken since bytes of the rate were asked for last. */
  #unpaidBytes = 0;
  #isOver = false;
  /** The stream has ended; what came last may still be at work. */
  #hasEnded = false;
  /** Of those that hold the stream back. */
  #holds = 0;

  constructor(offer: UploadOffer, content: IncomingContent, options: IncomingTransferOptions) {
    this.#offer = offer;
    this.#content = content;
    this.#reportedBytes = content.verifiedBytes;
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
    this.#attempt(() => {
      this.#holdUntil(
        connection,
        this.#content.begin?.((bytes) => void connection.write(bytes)),
      );
    });
    connection.on('data', (bytes: Uint8Array) => {
      this.#attempt(() => this.#take(connection, bytes));
      this.#pay(connection, bytes.byteLength);
    });
    connection.once('end', () => {
      this.#hasEnded = true;
      this.#completeIfDone(connection);
    });
  }

  /** Tells how far the transfer is, if it got further. */
  reportProgress(): void {
    const bytesSent = this.#content.verifiedBytes;
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
    const bytesSent = this.#content.verifiedBytes;
    this.#connection?.reset(resetCodeOf(FAILURE_OUTCOMES[reason]), reason);
    const { transferId } = this.#offer;
    const tell = (problem = '') => {
      this.#options.onEvent({ type: 'failed', transferId, bytesSent, reason, detail: detail + problem });
      this.#options.onOver();
    };
    // Whatever the disk says, the transfer ends; what it said goes to the log.
    const notRemoved = (error: unknown) =>
      tell(`; what had come could not be removed: ${(error as Error).message}`);
    try {
      const letting = REASONS_TO_KEEP.has(reason) ? this.#content.keep() : this.#content.discard();
      if (letting === undefined) tell();
      else void letting.then(() => tell(), notRemoved);
    } catch (error) {
      notRemoved(error);
    }
  }

  #take(connection: StreamConnection, bytes: Uint8Array): void {
    this.#holdUntil(connection, this.#content.take(bytes));
  }

  #holdUntil(connection: StreamConnection, room: Promise<void> | undefined): void {
    if (room === undefined) return;
    const release = this.#hold(connection);
    void room.then(release, (error: unknown) => this.#failWith(error));
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
    rateShare.pay(unpaidBytes, this.#hold(connection));
  }

  /** Nothing more is read until what this gives was called, and the same of everybody else who holds it back. */
  #hold(connection: StreamConnection): () => void {
    this.#holds += 1;
    connection.pause();
    return () => {
      this.#holds -= 1;
      if (this.#isOver || this.#holds > 0) return;
      connection.resume();
      this.#completeIfDone(connection);
    };
  }

  #completeIfDone(connection: StreamConnection): void {
    if (this.#hasEnded && this.#holds === 0) this.#attempt(() => this.#complete(connection));
  }

  // CHAT-UPLOAD-4
  #complete(connection: StreamConnection): void {
    const published = this.#content.publish();
    if (published === undefined) this.#confirm(connection);
    else
      void published.then(
        () => this.#confirm(connection),
        (error: unknown) => this.#failWith(error),
      );
  }

  #confirm(connection: StreamConnection): void {
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
      this.#failWith(error);
    }
  }

  #failWith(error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    this.fail(error instanceof UploadError ? error.reason : 'internal-error', detail);
  }
}
