import { randomBytes } from 'node:crypto';
import type { SharedFile } from '@parley/folders';
import type { FailureCode, SentFileEntry, Sha256, Ticket, TransferId } from '@parley/protocol';
import type { Effect } from '../../domain/effects.ts';
import type { ServerEvent } from '../../domain/events.ts';
import { FAILURE_OUTCOMES } from '../../transfers/failure-outcomes.ts';
import type {
  TransferFailure,
  TransferHost,
  TransferHostEvent,
  TransferTicket,
} from '../../transfers/transfer-host.ts';
import { CatalogueError } from '../catalogue/catalogue-error.ts';
import type { CatalogueThread } from '../catalogue/catalogue-thread.ts';
import { type FileHasher, HashError } from '../hashing/file-hasher.ts';
import { HASHED_FIRST_BYTES_MAX, TICKET_LIFETIME_MS, TIDY_EVERY_MS } from '../limits.ts';
import type { UploadInbox } from '../uploads/upload-inbox.ts';
import { contentFor, followingContentFor, mayFollow } from './file-offer.ts';
import { FolderDigests } from './folder-digests.ts';
import { FollowedHashes } from './followed-hashes.ts';
import { TransferRefusal } from './transfer-refusal.ts';

type Opening = Extract<Effect, { type: 'open-transfer' }>;
type FolderOpening = Extract<Effect, { type: 'open-folder' }>;
type UploadOpening = Extract<Effect, { type: 'open-upload' }>;
type Discarding = Extract<Effect, { type: 'discard-file' }>;
type Settling = Extract<Effect, { type: 'settle-upload' }>;
type Catalogue = Pick<CatalogueThread, 'find' | 'folderPlace' | 'isFolder' | 'readFolder'>;
type Hasher = Pick<FileHasher, 'known' | 'hash' | 'follow' | 'forget'>;
type ListingSent = Extract<Effect, { type: 'list-sent' }>;
type Forgetting = Extract<Effect, { type: 'forget-user' }>;

/** Brings files and the transfer host together: finds, hashes and offers what the domain wants sent. */
export class TransferDesk {
  readonly #catalogue: Catalogue;
  readonly #hasher: Hasher;
  readonly #hashedFirstBytesMax: number;
  readonly #followed = new FollowedHashes();
  readonly #folderDigests: FolderDigests;
  readonly #inbox: UploadInbox;
  readonly #host: TransferHost;
  readonly #udpPort: number | undefined;
  readonly #onEvent: (event: ServerEvent) => void;
  readonly #onError: (error: unknown) => void;
  readonly #openings = new Map<TransferId, AbortController>();
  #tidying: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** What is being sent, from its offer to its end. */
  readonly #files = new Map<TransferId, readonly SharedFile[]>();

  constructor(options: {
    readonly catalogue: Catalogue;
    readonly hasher: Hasher;
    /** Files up to this size are hashed before they are offered; larger ones while they are sent. */
    readonly hashedFirstBytesMax?: number;
    readonly inbox: UploadInbox;
    readonly host: TransferHost;
    /** What clients are told, when it is not the host's own port. */
    readonly udpPort: number | undefined;
    readonly onEvent: (event: ServerEvent) => void;
    readonly onError: (error: unknown) => void;
  }) {
    this.#catalogue = options.catalogue;
    this.#hasher = options.hasher;
    this.#hashedFirstBytesMax = options.hashedFirstBytesMax ?? HASHED_FIRST_BYTES_MAX;
    this.#folderDigests = new FolderDigests(options.hasher);
    this.#inbox = options.inbox;
    this.#host = options.host;
    this.#udpPort = options.udpPort;
    this.#onEvent = options.onEvent;
    this.#onError = options.onError;
    this.#inbox.onTakeover = (transferId) => this.cancel(transferId, { isKept: true });
    this.#host.onEvent((event) => void this.#handleHostEvent(event));
  }

  /** Prepares a transfer; the event `transfer-opened` or `transfer-refused` follows. */
  // CHAT-TRANSFER-1
  async open(opening: Opening | FolderOpening): Promise<void> {
    const { transferId } = opening;
    const abort = new AbortController();
    this.#openings.set(transferId, abort);
    let event: ServerEvent;
    try {
      event = await (opening.type === 'open-folder'
        ? this.#offerFolder(opening, abort.signal)
        : this.#offer(opening, abort.signal));
    } catch (error) {
      this.#files.delete(transferId);
      this.#followed.end(transferId, { isKept: false });
      event = { type: 'transfer-refused', transferId, ...this.#explain(opening, error) };
    }
    this.#openings.delete(transferId);
    this.#onEvent(event);
    this.#cancelLate(transferId, abort.signal);
  }

  /**
   * Removes what nobody went on with or fetched for too long, and has rooms told of what they should have heard of, now and from time
   * to time. Resolves after the first time.
   */
  // CHAT-UPLOAD-5, CHAT-UPLOAD-8, CHAT-SEND-3
  async startTidying(): Promise<void> {
    this.#tidying = setInterval(() => void this.#tidy(), TIDY_EVERY_MS).unref();
    await this.#tidy();
  }

  /** Makes room for a file and waits for it; the event `upload-opened` or `transfer-refused` follows. */
  // CHAT-UPLOAD-1
  async openUpload(opening: UploadOpening): Promise<void> {
    const { transferId, name, size, chunkRoot, folder, userId: user } = opening;
    const abort = new AbortController();
    this.#openings.set(transferId, abort);
    try {
      const paths = await this.#inbox.reserve(transferId, { ...opening, now: Date.now() });
      const ticket = ticketFor(transferId);
      const upload = { ...ticket, user, ...paths, size, chunkRoot };
      const { start } = await this.#host.expect(folder === undefined ? upload : { ...upload, folder });
      this.#onEvent({ type: 'upload-opened', ...this.#wayOf(ticket), size, start });
      this.#cancelLate(transferId, abort.signal);
    } catch (error) {
      this.#inbox.release(transferId);
      const isRefusal = error instanceof TransferRefusal;
      if (!isRefusal) this.#onError(error);
      const code = isRefusal ? error.code : 'transfers-unavailable';
      const message = isRefusal ? error.message : `${name} cannot be taken now`;
      const retryAfterMs = isRefusal ? error.retryAfterMs : undefined;
      this.#onEvent({ type: 'transfer-refused', transferId, code, message, retryAfterMs });
    } finally {
      this.#openings.delete(transferId);
    }
  }

  /** What was cancelled before the host knew of it ends now. */
  #cancelLate(transferId: TransferId, { aborted, reason }: AbortSignal): void {
    if (aborted) this.#host.cancel(transferId, reason as { readonly isKept: boolean });
  }

  /** Nothing is tidied any more. */
  close(): void {
    clearInterval(this.#tidying);
    this.#isClosed = true;
  }

  /** The server is of use when this fails, too. */
  async #tidy(): Promise<void> {
    try {
      for (const announcement of await this.#inbox.tidy()) {
        if (!this.#isClosed) this.#onEvent({ type: 'upload-found', announcement });
      }
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Does what is to be done about what came; where somebody asked, the event `file-discarded` or `sent-listed` follows. */
  carryOut(effect: Discarding | ListingSent | Settling | Forgetting): Promise<void> {
    switch (effect.type) {
      case 'discard-file':
        return this.#discard(effect);
      case 'list-sent':
        return this.#listSent(effect);
      case 'settle-upload':
        return this.#inbox.settle(effect.path).catch(this.#onError);
      case 'forget-user':
        return this.#inbox.forget(effect).catch(this.#onError);
    }
  }

  // CHAT-SEND-3
  async #discard({ connectionId, requestId, name, userId }: Discarding): Promise<void> {
    let isFound = false;
    try {
      isFound = await this.#inbox.sent.discard(name, userId);
    } catch (error) {
      this.#onError(error);
    }
    this.#onEvent({ type: 'file-discarded', connectionId, requestId, isFound });
  }

  // CHAT-SEND-4
  async #listSent({ connectionId, requestId, userId, nickname }: ListingSent): Promise<void> {
    let files: readonly SentFileEntry[] | undefined;
    try {
      files = await this.#inbox.sent.to(userId, nickname);
    } catch (error) {
      this.#onError(error);
    }
    this.#onEvent({ type: 'sent-listed', connectionId, requestId, files });
  }

  async #handleHostEvent(event: TransferHostEvent): Promise<void> {
    if (event.type === 'completed') await this.#inbox.complete(event.transferId).catch(this.#onError);
    if (event.type === 'completed' || event.type === 'failed') this.#letGoOf(event);
    if (event.type === 'file-differs') this.#doubt(event);
    if (event.type === 'failed') this.#inbox.release(event.transferId);
    if (event.type === 'failed' && event.reason === 'internal-error') this.#onError(new Error(event.detail));
    const serverEvent = toServerEvent(event);
    if (serverEvent !== undefined) this.#onEvent(serverEvent);
  }

  /** Stops preparing a transfer, or has the host end it. */
  // CHAT-TRANSFER-6, CHAT-TRANSFER-7
  cancel(transferId: TransferId, options: { readonly isKept: boolean }): void {
    this.#openings.get(transferId)?.abort(options);
    // Who has lost its connection comes back.
    if (options.isKept) this.#followed.end(transferId, options);
    this.#host.cancel(transferId, options);
  }

  async #offer(opening: Opening, signal: AbortSignal): Promise<ServerEvent> {
    const { transferId, name, nickname, userId, address } = opening;
    const file = (await this.#inbox.sent.find(name, userId)) ?? (await this.#catalogue.find(name));
    if (file === undefined) throw await this.#noFile(name);
    const { path, size, modifiedAt } = file;
    const { digests, ...content } = await this.#contentOf(opening, file, signal);
    const ticket = ticketFor(transferId);
    this.#files.set(transferId, [file]);
    const about = { user: userId, address, name, nickname };
    await this.#host.offer({ ...ticket, path, size, modifiedAt, ...content, ...about });
    return {
      type: 'transfer-opened',
      ...this.#wayOf(ticket),
      size,
      modifiedAt,
      digests,
      bytesToSend: content.ranges.reduce((sum, { start, end }) => sum + end - start, 0),
    };
  }

  /** Who asks for a folder as if it were a file is told how to have it. */
  async #noFile(name: Opening['name']): Promise<TransferRefusal> {
    const isFolder = await this.#catalogue.isFolder(name);
    const message = isFolder
      ? `${name} is a folder: ${name}/ is all that is in it`
      : `no shared file is called ${name}`;
    return new TransferRefusal('file-not-found', message);
  }

  /** What is sent of a file, and its digests, unless these come with the bytes. */
  // CHAT-DIGEST-1
  async #contentOf(opening: Opening, file: SharedFile, signal: AbortSignal) {
    const isLarge = file.size > this.#hashedFirstBytesMax;
    if (isLarge && mayFollow(opening, file) && this.#hasher.known(file) === undefined) {
      const progress = this.#hasher.follow(file, this.#followed.begin(opening.transferId));
      return { ...followingContentFor(opening, file, progress), digests: undefined };
    }
    const found = await this.#hasher.hash(file, signal);
    const digests = { sha256: found.sha256 as Sha256, chunkRoot: found.chunkRoot as Sha256 };
    return { ...contentFor(opening, file, found), digests };
  }

  // CHAT-FOLDER-1
  async #offerFolder(opening: FolderOpening, signal: AbortSignal): Promise<ServerEvent> {
    const { transferId, name, nickname, userId: user, address } = opening;
    const sent = await this.#inbox.sent.folderPlace(name, user);
    const place = sent ?? (await this.#catalogue.folderPlace(name));
    const content = await this.#catalogue.readFolder(place, opening);
    if (content === undefined) {
      throw new TransferRefusal('file-not-found', `no shared folder is called ${name}`);
    }
    const { manifestRoot, manifestBytes, manifest, size } = content;
    const files = await this.#folderDigests.announce(content.files, signal);
    const ticket = ticketFor(transferId);
    this.#files.set(transferId, content.files);
    await this.#host.offer({ ...ticket, user, manifest, files, address, name, nickname });
    const bytesToSend = files.reduce((sum, { size, begun }) => sum + size - (begun?.bytes ?? 0), 0);
    const way = this.#wayOf(ticket);
    return { type: 'folder-opened', ...way, size, manifestRoot, manifestBytes, bytesToSend };
  }

  /** A file that is not what its digests say is hashed anew before it is offered again. */
  // CHAT-CHUNK-6
  #letGoOf(event: Extract<TransferHostEvent, { type: 'completed' | 'failed' }>): void {
    const [file] = this.#files.get(event.transferId) ?? [];
    this.#files.delete(event.transferId);
    const isKept = event.type === 'completed' || event.reason === 'connection-lost';
    this.#followed.end(event.transferId, { isKept });
    const isWrong = event.type === 'failed' && event.reason === 'digest-wrong';
    if (file !== undefined && isWrong) this.#hasher.forget(file);
  }

  /** The same with one of a folder. */
  // CHAT-FOLDER-4
  #doubt({ transferId, path }: Extract<TransferHostEvent, { type: 'file-differs' }>): void {
    const file = this.#files.get(transferId)?.find((one) => one.path === path);
    if (file !== undefined) this.#folderDigests.doubt(file);
  }

  /** What a client has to know to come. */
  #wayOf(ticket: TransferTicket) {
    return { ...ticket, udpPort: this.#udpPort ?? this.#host.address().port };
  }

  #explain(
    { name }: Opening | FolderOpening,
    error: unknown,
  ): { readonly code: FailureCode; readonly message: string } {
    if (error instanceof TransferRefusal) return { code: error.code, message: error.message };
    if (error instanceof CatalogueError && error.code === 'folder-too-large') {
      return { code: 'folder-too-large', message: `${name} holds ${error.message}: get what is in it` };
    }
    if (error instanceof CatalogueError && error.code === 'range-invalid') {
      return { code: 'range-invalid', message: error.message };
    }
    if (error instanceof HashError && error.code === 'cancelled') {
      return { code: 'transfer-not-found', message: 'the transfer was cancelled' };
    }
    if ((error instanceof HashError || error instanceof CatalogueError) && error.code === 'closed') {
      return { code: 'transfers-unavailable', message: 'the server is stopping' };
    }
    if (error instanceof HashError && error.code === 'file-changed') {
      return { code: 'file-unreadable', message: `${name} is being changed, try again later` };
    }
    this.#onError(error);
    // The words of the system name paths, which are not the client's business.
    return { code: 'file-unreadable', message: `${name} cannot be sent now` };
  }
}

function ticketFor(transferId: TransferId): TransferTicket {
  const ticket = new Uint8Array(randomBytes(32)) as Ticket;
  return { transferId, ticket, ticketLifetimeMs: TICKET_LIFETIME_MS };
}

const WORDS: { readonly [Reason in TransferFailure]: string } = {
  cancelled: 'the transfer was cancelled',
  'cancelled-by-receiver': 'the receiver ended the transfer',
  'ticket-expired': 'nobody came for the file in time',
  'connection-lost': 'the connection of the transfer was lost',
  'file-changed': 'the file changed on the server',
  'digest-wrong': 'the file on the server is not what its digests say: it is looked through anew',
  'file-unreadable': 'the server could not read the file',
  'content-mismatch': 'what came is not what was announced',
  'no-space': 'the disk of the server is full',
  'file-exists': 'another file got the name in the meantime',
  'host-closed': 'the server is stopping',
  'internal-error': 'the server made a mistake',
};

// CHAT-TRANSFER-5
function toServerEvent(event: TransferHostEvent): ServerEvent | undefined {
  const { transferId } = event;
  if (event.type === 'started') return { type: 'transfer-started', transferId };
  if (event.type === 'progress' || event.type === 'file-differs') return undefined;
  const { bytesSent } = event;
  if (event.type === 'completed') {
    return { type: 'transfer-ended', transferId, outcome: 'completed', bytesSent, message: '' };
  }
  const { reason } = event;
  const outcome = FAILURE_OUTCOMES[reason];
  return { type: 'transfer-ended', transferId, outcome, bytesSent, message: WORDS[reason] };
}
