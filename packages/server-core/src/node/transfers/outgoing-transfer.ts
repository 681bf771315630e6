import { type AnnouncedFile, FolderContent, SourceFileError, type SourceFileSystem } from '@parley/folders';
import type { PathHint, RateShare, StreamConnection } from '@parley/rudp';
import { FAILURE_OUTCOMES } from '../../transfers/failure-outcomes.ts';
import type {
  FolderOffer,
  TransferFailure,
  TransferHostEvent,
  TransferOffer,
} from '../../transfers/transfer-host.ts';
import { WrongDigestError } from './chunk-check.ts';
import { ContentSource } from './content-source.ts';
import { FileContent } from './file-content.ts';
import { FollowingContent } from './following-content.ts';
import type { OutgoingContent } from './outgoing-content.ts';
import { failureOf, resetCodeOf } from './transfer-reset.ts';

/** What a transfer needs of its engine. */
export interface OutgoingTransferOptions {
  readonly fileSystem: SourceFileSystem | undefined;
  /** What the transfer may move of a limited rate. */
  readonly rateShare: RateShare | undefined;
  readonly onEvent: (event: TransferHostEvent) => void;
  /** The transfer has sent enough to tell what the path is like. */
  readonly onPath: (hint: PathHint) => void;
  /** The transfer has ended, its event is out, its file is closed. */
  readonly onOver: () => void;
}

/** A shorter transfer has not left its startup on most paths: what it has measured is too little. */
const PATH_BYTES_MIN = 1024 * 1024;

/** One offer, from its ticket to its last acknowledged byte. Ends with exactly one event. */
export class OutgoingTransfer {
  readonly offer: TransferOffer | FolderOffer;
  readonly #content: OutgoingContent;
  readonly #options: OutgoingTransferOptions;
  readonly #expiry: NodeJS.Timeout;
  #connection: StreamConnection | undefined;
  #buffer: Uint8Array | undefined;
  #startedAt = 0;
  #reportedBytes = 0;
  #isOver = false;

  constructor(offer: TransferOffer | FolderOffer, options: OutgoingTransferOptions) {
    this.offer = offer;
    this.#options = options;
    const { fileSystem } = options;
    this.#content = 'files' in offer ? this.#folderContent(offer) : fileContent(offer, fileSystem);
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
    return Math.max(0, acknowledgedBytes - this.#content.overheadBytes);
  }

  /** The ticket was presented: sends the content on `connection`. */
  // CHAT-TRANSFER-4
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
      this.#content.open();
      const { rateShare } = this.#options;
      if (rateShare === undefined) this.#sendAll(connection);
      else {
        this.#buffer = Buffer.allocUnsafeSlow(Math.min(this.#content.bufferBytes, rateShare.pieceBytesMax));
        this.#sendNext(connection, rateShare);
      }
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

  #folderContent({ transferId, manifest, files }: FolderOffer): FolderContent {
    const onTrouble = ({ path }: AnnouncedFile, { reason }: SourceFileError) => {
      // CHAT-FOLDER-4
      if (reason === 'digest-wrong') this.#emit({ type: 'file-differs', transferId, path });
    };
    return new FolderContent({ manifest, files, onTrouble }, this.#options.fileSystem);
  }

  /** The connection asks for the content when it can leave. */
  #sendAll(connection: StreamConnection): void {
    const source = new ContentSource(this.#content, () => setImmediate(() => connection.sendOn()));
    connection.sendFrom({
      read: (target) => {
        if (this.#isOver) return 0;
        try {
          return source.read(target);
        } catch (error) {
          // The connection is in the middle of a packet here.
          process.nextTick(() => this.#failWith(error));
          return 0;
        }
      },
    });
  }

  /** The content goes when it is its turn in a rate that others share. */
  #sendNext(connection: StreamConnection, rateShare: RateShare): void {
    if (this.#isOver || this.#buffer === undefined) return;
    const sendNext = () => this.#sendNext(connection, rateShare);
    try {
      const bytes = this.#content.read(this.#buffer);
      if (bytes === undefined) connection.end();
      else if (bytes.byteLength === 0) setImmediate(sendNext);
      else rateShare.takeEach(bytes, (piece, next) => this.#send(connection, piece, next), sendNext);
    } catch (error) {
      this.#failWith(error);
    }
  }

  #send(connection: StreamConnection, bytes: Uint8Array, next: () => void): void {
    // The buffer is free again when the transport has taken it.
    connection.write(bytes, (error) => {
      if (!error) next();
    });
  }

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
    else if (error instanceof WrongDigestError) this.fail('digest-wrong', error.message);
    else this.fail('internal-error', error instanceof Error ? error.message : String(error));
  }

  #end(): void {
    this.#isOver = true;
    const hint = this.bytesSent >= PATH_BYTES_MIN ? this.#connection?.pathHint() : undefined;
    if (hint !== undefined) this.#options.onPath(hint);
    clearTimeout(this.#expiry);
    this.#buffer = undefined;
    this.#options.rateShare?.leave();
    this.#content.close();
  }

  #emit(event: TransferHostEvent): void {
    this.#options.onEvent(event);
  }
}

function fileContent(offer: TransferOffer, fileSystem: SourceFileSystem | undefined): OutgoingContent {
  const { following } = offer;
  if (following === undefined) return new FileContent(offer, fileSystem);
  return new FollowingContent(offer, following, fileSystem);
}
