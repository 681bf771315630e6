import type { PathHint, StreamConnection } from '@parley/rudp';
import { FAILURE_OUTCOMES } from '../transfers/failure-outcomes.ts';
import type { TransferFailure, TransferHostEvent, TransferOffer } from '../transfers/transfer-host.ts';
import { SourceFile, SourceFileError, type SourceFileSystem } from './source-file.ts';
import { failureOf, resetCodeOf } from './transfer-reset.ts';

/** What a transfer needs of its engine. */
export interface OutgoingTransferOptions {
  readonly fileSystem: SourceFileSystem | undefined;
  readonly onEvent: (event: TransferHostEvent) => void;
  /** The transfer has sent enough to tell what the path is like. */
  readonly onPath: (hint: PathHint) => void;
  /** The transfer has ended, its event is out, its file is closed. */
  readonly onOver: () => void;
}

/** A read of this size costs a few microseconds when the file is cached; one such buffer is held per transfer. */
const readBytesMax = 64 * 1024;

/** A shorter transfer has not left its startup on most paths: what it has measured is too little. */
const pathBytesMin = 1024 * 1024;

/** One offer, from its ticket to its last acknowledged byte. Ends with exactly one event. */
export class OutgoingTransfer {
  readonly offer: TransferOffer;
  readonly #options: OutgoingTransferOptions;
  readonly #expiry: NodeJS.Timeout;
  #connection: StreamConnection | undefined;
  #file: SourceFile | undefined;
  #buffer: Uint8Array | undefined;
  /** The range that is being sent, and where in the file the next read begins. */
  #rangeIndex = 0;
  #offset: number;
  #startedAt = 0;
  #reportedBytes = 0;
  #isOver = false;

  constructor(offer: TransferOffer, options: OutgoingTransferOptions) {
    this.offer = offer;
    this.#options = options;
    this.#offset = offer.ranges[0]?.start ?? 0;
    this.#expiry = setTimeout(() => {
      this.fail('ticket-expired', `nobody came within ${offer.ticketLifetimeMs} ms`);
    }, offer.ticketLifetimeMs);
  }

  /** Nobody has come with the ticket yet. */
  get isWaiting(): boolean {
    return this.#connection === undefined && !this.#isOver;
  }

  /** Bytes of the file that the receiver has acknowledged. */
  get bytesSent(): number {
    const acknowledgedBytes = this.#connection?.acknowledgedBytes ?? 0;
    return Math.max(0, acknowledgedBytes - this.offer.chunkHashes.byteLength);
  }

  /** The ticket was presented: sends the file on `connection`. */
  // CHAT-TRANSFER-4, CHAT-CHUNK-3
  start(connection: StreamConnection): void {
    clearTimeout(this.#expiry);
    this.#connection = connection;
    this.#startedAt = performance.now();
    this.#emit({ type: 'started', transferId: this.offer.transferId });
    connection.on('error', (error) => this.fail(failureOf(error), error.message));
    connection.once('close', () => this.fail('connection-lost', 'the connection was closed'));
    connection.once('finish', () => this.#complete());
    connection.once('data', () => this.fail('connection-lost', 'the receiver sent bytes of its own'));
    try {
      this.#file = SourceFile.open(this.offer, this.#options.fileSystem);
      this.#buffer = Buffer.allocUnsafeSlow(Math.min(readBytesMax, this.offer.size));
      const { chunkHashes } = this.offer;
      if (chunkHashes.byteLength === 0) this.#sendNext();
      else connection.write(chunkHashes, (error) => void (error ?? this.#sendNext()));
    } catch (error) {
      this.#failWith(error);
    }
  }

  /** Tells how far the transfer is, if it got further. */
  reportProgress(): void {
    const { bytesSent } = this;
    if (this.#isOver || bytesSent === this.#reportedBytes) return;
    this.#reportedBytes = bytesSent;
    this.#emit({ type: 'progress', transferId: this.offer.transferId, bytesSent });
  }

  /** Ends the transfer without the rest; does nothing when it is over. */
  fail(reason: TransferFailure, detail: string): void {
    if (this.#isOver) return;
    const { bytesSent } = this;
    this.#end();
    this.#connection?.reset(resetCodeOf(FAILURE_OUTCOMES[reason]), reason);
    this.#emit({ type: 'failed', transferId: this.offer.transferId, bytesSent, reason, detail });
    this.#options.onOver();
  }

  readonly #sendNext = (): void => {
    if (this.#isOver || this.#connection === undefined || this.#buffer === undefined) return;
    try {
      const file = this.#file as SourceFile;
      const { ranges } = this.offer;
      if (this.#offset === ranges[this.#rangeIndex]?.end) {
        this.#rangeIndex += 1;
        this.#offset = ranges[this.#rangeIndex]?.start ?? 0;
      }
      const range = ranges[this.#rangeIndex];
      if (range === undefined) {
        file.checkUnchanged();
        this.#connection.end();
        return;
      }
      const count = file.read(this.#buffer.subarray(0, range.end - this.#offset), this.#offset);
      this.#offset += count;
      // The buffer is free again when the transport has taken it.
      this.#connection.write(this.#buffer.subarray(0, count), (error) => {
        if (!error) this.#sendNext();
      });
    } catch (error) {
      this.#failWith(error);
    }
  };

  #complete(): void {
    if (this.#isOver) return;
    const { bytesSent } = this;
    this.#end();
    const durationMs = performance.now() - this.#startedAt;
    this.#emit({ type: 'completed', transferId: this.offer.transferId, bytesSent, durationMs });
    this.#options.onOver();
  }

  #failWith(error: unknown): void {
    if (error instanceof SourceFileError) this.fail(error.reason, error.message);
    else this.fail('internal-error', error instanceof Error ? error.message : String(error));
  }

  #end(): void {
    this.#isOver = true;
    const hint = this.bytesSent >= pathBytesMin ? this.#connection?.pathHint() : undefined;
    if (hint !== undefined) this.#options.onPath(hint);
    clearTimeout(this.#expiry);
    this.#buffer = undefined;
    this.#file?.close();
  }

  #emit(event: TransferHostEvent): void {
    this.#options.onEvent(event);
  }
}
