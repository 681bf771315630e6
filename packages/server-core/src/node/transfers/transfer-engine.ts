import { type FolderFileSystem, folderFileSystem, type SourceFileSystem } from '@parley/folders';
import type { TransferId } from '@parley/protocol';
import type {
  ListenTlsOptions,
  PathHint,
  RudpConfig,
  RudpListener,
  StreamConnection,
  TlsListener,
  UdpIo,
  UdpSocketStatistics,
} from '@parley/rudp';
import {
  derivePreSharedKey,
  listen as listenOverUdp,
  listenTls,
  SharedRate,
  windowsForRate,
} from '@parley/rudp';
import type {
  FolderOffer,
  FolderUploadOffer,
  TransferHost,
  TransferHostEvent,
  TransferOffer,
  TransferRates,
  UploadOffer,
} from '../../transfers/transfer-host.ts';
import { DOOR_HOST, TLS_HANDSHAKE_MS, TLS_TRANSFERS_MAX } from '../limits.ts';
import { UploadError, UploadFile, type UploadFileSystem } from '../uploads/upload-file.ts';
import { UploadFolder } from '../uploads/upload-folder.ts';
import { IncomingTransfer, type IncomingTransferOptions } from './incoming-transfer.ts';
import { KnownPaths } from './known-paths.ts';
import { OutgoingTransfer, type OutgoingTransferOptions } from './outgoing-transfer.ts';
import { resetCodeOf } from './transfer-reset.ts';

/** Options of `openTransferEngine`. */
export interface TransferEngineOptions {
  /** Address of the UDP socket. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly config?: Partial<RudpConfig> | undefined;
  /** How datagrams reach the system; see `io` of `@parley/rudp`. With `portable` no native code is called, for files neither. */
  readonly io?: UdpIo | undefined;
  /** Where a qlog of each transfer is written. */
  readonly qlogDirectory?: string | undefined;
  readonly rates?: TransferRates | undefined;
  /** Stands in for `node:fs`. */
  readonly fileSystem?: SourceFileSystem;
  /** Stands in for `node:fs` where single files are taken. */
  readonly uploadFileSystem?: UploadFileSystem;
  /** Stands in for `node:fs` where folders arrive. */
  readonly folderFileSystem?: FolderFileSystem;
  /** Stands in for the one of `@parley/rudp`; then nothing is taken over TLS. */
  readonly listen?: typeof listenOverUdp;
  /** The UDP endpoint stopped because of a bug: nothing is sent any more. */
  readonly onFailure?: (error: Error) => void;
}

/** What an engine holds; all zero when nothing is on. */
export interface TransferEngineCounters {
  /** Offers without an end: waiting for their ticket, or being sent. */
  readonly transfers: number;
  /** Tickets that open something. */
  readonly tickets: number;
  /** UDP connections, those included whose transfer is over and that are being closed. */
  readonly connections: number;
}

interface KnownTicket {
  readonly key: Uint8Array;
  readonly transfer: EngineTransfer;
}

type EngineTransfer = OutgoingTransfer | IncomingTransfer;

/** What both kinds of transfers tell the engine. */
type TransferParts = Pick<OutgoingTransferOptions & IncomingTransferOptions, 'onEvent' | 'onOver'>;

/** A few times a second, as the port promises. */
const PROGRESS_INTERVAL_MS = 250;

/** Opens the sockets; rejects with the `socket-failed` of `@parley/rudp`. */
export async function openTransferEngine(options: TransferEngineOptions): Promise<TransferEngine> {
  const tickets = new Map<string, KnownTicket>();
  const paths = new KnownPaths();
  const listen = options.listen ?? listenOverUdp;
  const acceptPreSharedKey = (identity: Uint8Array) => {
    const identityHex = hex(identity);
    const ticket = tickets.get(identityHex);
    if (ticket === undefined) return undefined;
    const { key, transfer } = ticket;
    // RUDP-PSK-1, CHAT-TCP-3
    const consume = (): void => void tickets.delete(identityHex);
    const address = transfer instanceof OutgoingTransfer ? transfer.offer.address : undefined;
    const pathHint = paths.recall(address, performance.now());
    return { key, context: transfer, consume, pathHint };
  };
  const listener = await listen({
    host: options.host,
    port: options.port,
    config: { ...windowsForRate(uploadRateOf(options)), ...options.config },
    ...(options.io ? { io: options.io } : {}),
    ...(options.qlogDirectory ? { qlogDirectory: options.qlogDirectory } : {}),
    acceptPreSharedKey,
  });
  const engine = new TransferEngine({ listener, tickets, paths, options });
  // What stands in for UDP knows no sockets.
  if (options.listen === undefined) await engine.listenTls(acceptPreSharedKey);
  return engine;
}

/** Sends files in the thread of its caller; the application uses it through a worker (`openWorkerTransferHost`). */
export class TransferEngine implements TransferHost {
  readonly #listener: RudpListener;
  readonly #tickets: Map<string, KnownTicket>;
  readonly #paths: KnownPaths;
  readonly #options: TransferEngineOptions;
  readonly #downloadRate: SharedRate | undefined;
  readonly #uploadRate: SharedRate | undefined;
  readonly #transfers = new Map<TransferId, EngineTransfer>();
  #onEvent: (event: TransferHostEvent) => void = () => undefined;
  #tlsListener: TlsListener | undefined;
  #progressTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(parts: {
    listener: RudpListener;
    tickets: Map<string, KnownTicket>;
    paths: KnownPaths;
    options: TransferEngineOptions;
  }) {
    this.#listener = parts.listener;
    this.#tickets = parts.tickets;
    this.#paths = parts.paths;
    this.#options = parts.options;
    const { download, upload } = parts.options.rates ?? {};
    this.#downloadRate = download && new SharedRate(download);
    this.#uploadRate = upload && new SharedRate(upload);
    this.#listener.on('connection', (connection) => this.#handleConnection(connection));
    this.#listener.on('error', (error) => parts.options.onFailure?.(error));
  }

  /** Takes transfers over TLS too. */
  async listenTls(acceptPreSharedKey: ListenTlsOptions['acceptPreSharedKey']): Promise<void> {
    this.#tlsListener = await listenTls({
      // Only the door of the chat port leads here.
      host: DOOR_HOST,
      port: 0,
      connectionsMax: TLS_TRANSFERS_MAX,
      handshakeTimeoutMs: TLS_HANDSHAKE_MS,
      acceptPreSharedKey,
      onConnection: (connection) => this.#handleConnection(connection),
    });
  }

  /** For tests and statistics. */
  get counters(): TransferEngineCounters {
    return {
      transfers: this.#transfers.size,
      tickets: this.#tickets.size,
      connections: this.#listener.connectionCount,
    };
  }

  /** Figures of the socket. */
  socketStatistics(): UdpSocketStatistics {
    return this.#listener.socketStatistics();
  }

  address(): { readonly host: string; readonly port: number } {
    return this.#listener.address();
  }

  tlsPort(): number | undefined {
    return this.#tlsListener?.port;
  }

  onEvent(listener: (event: TransferHostEvent) => void): void {
    this.#onEvent = listener;
  }

  async offer(offer: TransferOffer | FolderOffer): Promise<void> {
    const { fileSystem } = this.#options;
    const onPath = (hint: PathHint) => this.#paths.remember(offer.address, hint, performance.now());
    this.#add(offer, (parts) => {
      const rateShare = this.#downloadRate?.join(offer.user);
      return new OutgoingTransfer(offer, { ...parts, rateShare, fileSystem, onPath });
    });
  }

  // CHAT-UPLOAD-5
  async expect(upload: UploadOffer | FolderUploadOffer): Promise<{ readonly start: number }> {
    const content =
      'folder' in upload
        ? UploadFolder.open(
            upload,
            this.#options.folderFileSystem ??
              folderFileSystem({ isPortable: this.#options.io === 'portable' }),
          )
        : await UploadFile.open(upload, this.#options.uploadFileSystem);
    // CHAT-FOLDER-14
    const start = content instanceof UploadFolder ? content.listBytes : content.verifiedBytes;
    if (this.#isClosed) {
      await content.keep();
      throw new UploadError('internal-error', 'the host is closed');
    }
    this.#add(upload, (parts) => {
      const rateShare = this.#uploadRate?.join(upload.user);
      return new IncomingTransfer(upload, content, { ...parts, rateShare });
    });
    return { start };
  }

  cancel(transferId: TransferId, { isKept }: { readonly isKept: boolean }): void {
    const transfer = this.#transfers.get(transferId);
    if (isKept && transfer instanceof IncomingTransfer) {
      transfer.fail('connection-lost', 'the session of the sender has ended');
    } else transfer?.fail('cancelled', 'cancelled by the server');
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const transfer of this.#transfers.values()) transfer.fail('host-closed', 'the host was closed');
    this.#tlsListener?.close();
    await this.#listener.close();
  }

  /** Makes the transfer, and its ticket known until one of the two ends. */
  #add(
    { transferId, ticket }: TransferOffer | FolderOffer | UploadOffer,
    create: (parts: TransferParts) => EngineTransfer,
  ) {
    const { identity, key } = derivePreSharedKey(ticket);
    const identityHex = hex(identity);
    const transfer = create({
      onEvent: (event) => this.#onEvent(event),
      onOver: () => {
        this.#tickets.delete(identityHex);
        this.#transfers.delete(transferId);
        if (this.#transfers.size === 0) this.#stopProgress();
      },
    });
    this.#tickets.set(identityHex, { key, transfer });
    this.#transfers.set(transferId, transfer);
    this.#progressTimer ??= setInterval(() => this.#reportProgress(), PROGRESS_INTERVAL_MS);
  }

  /** A ticket opens one connection, unless the offer has ended while its handshake was under way. */
  // CHAT-TRANSFER-3
  #handleConnection(connection: StreamConnection): void {
    const transfer = connection.context as EngineTransfer;
    connection.on('error', () => undefined);
    if (transfer.isWaiting) transfer.start(connection);
    else connection.reset(resetCodeOf('ticket-expired'), 'the ticket has expired or was revoked');
  }

  #reportProgress(): void {
    for (const transfer of this.#transfers.values()) transfer.reportProgress();
  }

  #stopProgress(): void {
    clearInterval(this.#progressTimer);
    this.#progressTimer = undefined;
  }
}

/** Bytes per second of one upload at most; undefined without a limit. */
function uploadRateOf({ rates }: TransferEngineOptions): number | undefined {
  const { bytesPerSecondMax: all, bytesPerSecondPerOwnerMax: owner } = rates?.upload ?? {};
  return all === undefined || owner === undefined ? (all ?? owner) : Math.min(all, owner);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
