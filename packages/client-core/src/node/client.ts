import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { FileEntry, LogEntry, Nickname, RoomEntry, SearchHit, UserEntry } from '@parley/protocol';
import { ChatClient } from '../domain/chat-client.ts';
import { connectedBefore } from '../domain/errors.ts';
import type {
  Acceptance,
  ClientCommand,
  ClientEffect,
  ClientEvent,
  ClientNotification,
  CommandResults,
  FileView,
  RoomInfo,
  ServerInfo,
} from '../domain/events.ts';
import type { RoomMessage } from '../domain/rooms/room-view.ts';
import type { Credential } from '../domain/session/credential.ts';
import type { OutboxEntry } from '../domain/session/outbox.ts';
import type { SessionEnd } from '../domain/session/session-end.ts';
import type { SessionState } from '../domain/session/session-state.ts';
import type { Transfer, TransferPriority } from '../domain/transfers/transfer.ts';
import { AccountCommands } from './account-commands.ts';
import type { ParleyClientOptions } from './client-options.ts';
import { CommandWaiters } from './command-waiters.ts';
import { ChatConnection, type ChatConnectionListener } from './connection/chat-connection.ts';
import { resolveDownloadTarget } from './downloads/download-target.ts';
import { ModerationCommands } from './moderation-commands.ts';
import { SessionEndedError } from './session-ended-error.ts';
import { OrderedResults } from './transfers/ordered-results.ts';
import type { QueuedTransfer } from './transfers/queued-transfer.ts';
import { TransferDesk } from './transfers/transfer-desk.ts';
import { createWorkerTransferHost } from './transfers/worker-transfer-host.ts';
import { SentFiles } from './uploads/sent-files.ts';
import { resolveUploadSource, type UploadOptions } from './uploads/upload-source.ts';

/** The listeners of a client: one name for each kind of notification, and `notification` for all of them. */
export type ParleyClientEvents = {
  [Type in ClientNotification['type']]: [notification: Extract<ClientNotification, { type: Type }>];
} & { notification: [notification: ClientNotification] };

/** Makes a client; `connect` begins. */
export function createParleyClient(options: ParleyClientOptions): ParleyClient {
  return new ParleyClient(options);
}

/**
 * One session with a server. Commands are promises that reject with `ClientError`; everything that happens
 * by itself is an event. The session ends once, with a `closed` event that says how; make a new client then.
 */
export class ParleyClient extends EventEmitter<ParleyClientEvents> {
  /** Resolves when the session is over and nothing of it is left: no timer, no thread, no half file. */
  readonly closed: Promise<SessionEnd>;
  /** The account of the user. */
  readonly account = new AccountCommands((command) => this.#command(command));
  /** For those in charge of a room, or of the server. */
  readonly moderation = new ModerationCommands((command) => this.#command(command));
  /** What one user has sent to another. */
  readonly sent = new SentFiles((command) => this.#command(command));
  readonly #options: ParleyClientOptions;
  readonly #core: ChatClient;
  readonly #waiters = new CommandWaiters();
  readonly #desk: TransferDesk;
  readonly #events: ClientEvent[] = [];
  #isHandling = false;
  /** Transfers are numbered in the order in which they were asked for, however long the disk takes for each. */
  readonly #places = new OrderedResults();
  #settleClosed: (end: SessionEnd) => void = () => {};
  #greeted: Promise<ServerInfo> | undefined;
  #connection: ChatConnection | undefined;
  /** Resolves when nothing is left of the connections that there were. */
  #disconnected: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  /** When it fires. */
  #timerAt = 0;
  readonly #connectionListener: ChatConnectionListener = {
    onConnected: (fingerprint) => this.#handle({ type: 'connected', fingerprint }),
    onMessage: (message) => this.#handle({ type: 'received', message }),
    onTrouble: (trouble) => this.#handle({ type: 'connection-ended', trouble }),
  };

  constructor(options: ParleyClientOptions) {
    super();
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    const { agent = 'parley-client-core', secret, reconnects, transfersOpenMax } = options;
    this.#desk = new TransferDesk({
      createHost: options.createTransferHost ?? createWorkerTransferHost,
      server: () => ({ host: this.#connection?.remoteAddress ?? options.host, tcpPort: options.port }),
      onEvent: (event) => this.#handle(event),
    });
    this.#core = new ChatClient({ agent, randomBytes, secret, reconnects, transfersOpenMax });
  }

  get state(): SessionState {
    return this.#core.session.state;
  }

  /** Undefined until a nickname was accepted. */
  get nickname(): Nickname | undefined {
    return this.#core.session.nickname;
  }

  /** Undefined until the server answered. */
  get server(): ServerInfo | undefined {
    return this.#core.session.server;
  }

  /** Undefined while the session lasts. */
  get end(): SessionEnd | undefined {
    return this.#core.session.end;
  }

  /** Where the client is, in the order of entering. */
  get rooms(): readonly RoomInfo[] {
    return this.#core.rooms.all.map(({ info }) => info);
  }

  /** A room where the client is, by its name in whatever case; undefined for any other. */
  room(name: string): RoomInfo | undefined {
    return this.#core.rooms.find(name)?.info;
  }

  /** Who is in a room, in the order of arrival, as far as this client was told. */
  roomUsers(room?: string): readonly UserEntry[] {
    return this.#core.rooms.find(room)?.users.all ?? [];
  }

  /** The newest messages of a room, oldest first. */
  messages(room?: string): readonly RoomMessage[] {
    return this.#core.rooms.find(room)?.view.messages ?? [];
  }

  /** The message of that number in a room's log, if it is among the newest ones. */
  message(room: string, sequence: number): RoomMessage | undefined {
    return this.#core.rooms.find(room)?.view.find(sequence);
  }

  /** What was said and not accepted yet, oldest first. */
  get outbox(): readonly OutboxEntry[] {
    return this.#core.outbox.entries;
  }

  get transfers(): readonly Transfer[] {
    return this.#core.transfers.all;
  }

  /** Connects, and says what the server is. Rejects with a `SessionEndedError` when the session ends before, with a `ClientError` when it was called already. */
  async connect(): Promise<ServerInfo> {
    if (this.#greeted !== undefined) throw connectedBefore();
    this.#greeted = new Promise<ServerInfo>((resolve, reject) => {
      this.once('server-greeted', ({ server }) => resolve(server));
      this.once('closed', ({ end }) => reject(new SessionEndedError(end)));
    });
    if (this.#options.preparesTransfers) this.#desk.prepare();
    this.#handle({ type: 'started' });
    return await this.#greeted;
  }

  /** Asks for a nickname and the place in the room. May be tried again when it is refused. */
  register(nickname: string): Promise<CommandResults['register']> {
    return this.#command({ type: 'register', nickname });
  }

  /** Comes in as the user of an account; a token says by itself of which. May be tried again when it is refused. */
  login(nickname: string, credential: Credential): Promise<CommandResults['login']> {
    return this.#command({ type: 'login', nickname, credential });
  }

  /** Says something to a room (the first one unless given); resolves when the server has it for good. */
  say(text: string, room?: string): Promise<Acceptance> {
    return this.#command({ type: 'say', text, room });
  }

  /** Goes into a room. */
  join(room: string): Promise<RoomInfo> {
    return this.#command({ type: 'join', room });
  }

  /** Makes a room and goes into it. */
  createRoom(room: string, topic = ''): Promise<RoomInfo> {
    return this.#command({ type: 'create-room', room, topic });
  }

  /** Goes out of a room, with words for the others in it. */
  leaveRoom(room: string, reason = ''): Promise<undefined> {
    return this.#command({ type: 'leave-room', room, reason });
  }

  /** Gives a room another topic; an empty one takes it away. */
  setTopic(room: string, topic: string): Promise<Acceptance> {
    return this.#command({ type: 'set-topic', room, topic });
  }

  /** Asks the server for its public rooms. */
  listRooms(): Promise<readonly RoomEntry[]> {
    return this.#command({ type: 'list-rooms' });
  }

  /** Asks for the page of a room's log before a place, or the newest one; oldest first. */
  history(room: string, before?: number): Promise<readonly LogEntry[]> {
    return this.#command({ type: 'read-history', room, direction: 'before', sequence: before });
  }

  /** Asks for the page of a room's log behind a place: the next entries that are kept, oldest first. */
  historyAfter(room: string, after: number): Promise<readonly LogEntry[]> {
    return this.#command({ type: 'read-history', room, direction: 'after', sequence: after });
  }

  /** Searches in the rooms where the client is: words, `from:`, `in:`, `before:`, `after:`, `has:file`. Newest first. */
  search(query: string): Promise<readonly SearchHit[]> {
    return this.#command({ type: 'search', query });
  }

  /** Gives an own message another text. */
  edit(room: string, sequence: number, text: string): Promise<Acceptance> {
    return this.#command({ type: 'edit', room, sequence, text });
  }

  /** Takes the text of an own message back. */
  deleteMessage(room: string, sequence: number): Promise<Acceptance> {
    return this.#command({ type: 'delete', room, sequence });
  }

  /** Remembers at the server up to where the user has read. */
  markRead(room: string, sequence: number): Promise<undefined> {
    return this.#command({ type: 'mark-read', room, sequence });
  }

  /** Says something to one user; resolves when the server has it. */
  direct(nickname: string, text: string): Promise<Acceptance> {
    return this.#command({ type: 'direct', nickname, text });
  }

  /** Asks the server who is in a room. */
  users(room?: string): Promise<readonly UserEntry[]> {
    return this.#command({ type: 'list-users', room });
  }

  /** Asks the server for its files, all pages of them. */
  files(view: FileView = {}): Promise<readonly FileEntry[]> {
    return this.#command({ type: 'list-files', ...view });
  }

  /** Has the server tell when its files change, as `files-changed`; a lost connection does not end that. */
  watchFiles(isWatching: boolean): Promise<undefined> {
    return this.#command({ type: 'watch-files', isWatching });
  }

  /** Asks the server for a sign of life; gives how long that took, in milliseconds. */
  measureRoundTrip(): Promise<number> {
    return this.#command({ type: 'measure-round-trip' });
  }

  /**
   * Queues the download of a file, or of everything below a folder when `name` ends with a slash. `to` is a folder or the
   * new name; see `resolveDownloadTarget`. What an earlier download to the same target has left is kept and continued. Rejects
   * when the target cannot be; what happens later is in the transfer's snapshots. `from` is who has sent it.
   */
  async download(name: string, to?: string, from?: string): Promise<QueuedTransfer> {
    const { downloadFolder: folder } = this.#options;
    const targetPath = await this.#places.after(resolveDownloadTarget({ name, folder, to }));
    return this.#queued(await this.#command({ type: 'download', name, targetPath, from }));
  }

  /**
   * Queues the upload of the file or folder at `path`, which may be relative to the download folder, to the shared folder, under its own name
   * unless another is given; `room` is told when it is there. Rejects when there is no such thing; the rest is in snapshots.
   */
  async upload(path: string, options: UploadOptions = {}): Promise<QueuedTransfer> {
    const source = resolveUploadSource(this.#options.downloadFolder, path, options.name);
    const { path: sourcePath, name } = await this.#places.after(source);
    return this.#queued(await this.#command({ type: 'upload', name, sourcePath, room: options.room }));
  }

  /** Uploads a file or a folder for one user, here or with an account, who is told in the conversation by what name to `download` it. */
  async send(nickname: string, path: string, name?: string): Promise<QueuedTransfer> {
    const { room } = await this.#command({ type: 'open-direct', nickname });
    return this.upload(path, { name, room });
  }

  /** Stops a transfer for a while; the server keeps it open. */
  pauseTransfer(number: number): Promise<Transfer> {
    return this.#command({ type: 'pause-transfer', number });
  }

  resumeTransfer(number: number): Promise<Transfer> {
    return this.#command({ type: 'resume-transfer', number });
  }

  /** Says which of the transfers that wait is next: the most urgent, then the oldest. */
  prioritizeTransfer(number: number, priority: TransferPriority): Promise<Transfer> {
    return this.#command({ type: 'prioritize-transfer', number, priority });
  }

  /** Has a room told how far a transfer is, until it is over: `room-progress` for all who are there, this client too. */
  tellProgress(number: number, room: string): Promise<Transfer> {
    return this.#command({ type: 'tell-progress', number, room });
  }

  /** Bytes a second that files move at most from now on, in each direction; undefined for as many as there are. */
  limitRate(bytesPerSecondMax: number | undefined): void {
    this.#desk.limitRate(bytesPerSecondMax);
  }

  /** Ends a transfer; nothing of it stays on the disk, here or at the server. */
  cancelTransfer(number: number): Promise<Transfer> {
    return this.#command({ type: 'cancel-transfer', number });
  }

  /** Says goodbye and ends the session. Resolves when it is over; open downloads end, and what has arrived is kept. */
  async leave(reason = ''): Promise<void> {
    if (this.state !== 'closed' && this.state !== 'leaving') await this.#command({ type: 'leave', reason });
    await this.closed;
  }

  /** Ends the session at once, without a goodbye. */
  abandon(): void {
    this.#handle({ type: 'abandoned' });
  }

  #command<Command extends ClientCommand>(command: Command): Promise<CommandResults[Command['type']]> {
    return this.#waiters.add((commandId) => this.#handle({ type: 'command', commandId, command }));
  }

  #queued(transfer: Transfer): QueuedTransfer {
    const now = this.#core.transfers.get(transfer.number) ?? transfer;
    return { transfer, finished: this.#desk.finished(now) };
  }

  /** A listener may give commands: those wait until what was before them is carried out. */
  #handle(event: ClientEvent): void {
    this.#events.push(event);
    if (this.#isHandling) return;
    this.#isHandling = true;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) {
        for (const effect of this.#core.handle(next, performance.now())) this.#carryOut(effect);
      }
    } finally {
      this.#isHandling = false;
      this.#armTimer();
    }
  }

  #carryOut(effect: ClientEffect): void {
    switch (effect.type) {
      case 'send':
        this.#connection?.send(effect.message);
        break;
      case 'connect':
        this.#connection = new ChatConnection(this.#options, this.#connectionListener);
        this.#disconnected = Promise.all([this.#disconnected, this.#connection.closed]);
        break;
      case 'end-connection':
        this.#connection?.end();
        break;
      case 'command-succeeded':
      case 'command-failed':
        this.#waiters.settle(effect);
        break;
      case 'notify':
        this.#notify(effect.notification);
        break;
      default:
        this.#desk.carryOut(effect);
    }
  }

  #notify(notification: ClientNotification): void {
    if (notification.type === 'transfer-changed') this.#desk.handleChange(notification.transfer);
    // That each type carries its own notification is more than the checker can follow.
    const emitter: EventEmitter = this as unknown as EventEmitter;
    emitter.emit(notification.type, notification);
    emitter.emit('notification', notification);
    if (notification.type === 'closed') void this.#release(notification.end);
  }

  async #release(end: SessionEnd): Promise<void> {
    await Promise.all([this.#desk.close(), this.#disconnected]);
    this.#settleClosed(end);
  }

  /** A deadline moves away with every message that comes: a timer that is set for an earlier time stays, and looks again then. */
  #armTimer(): void {
    const { deadline } = this.#core;
    if (deadline !== undefined && this.#timer !== undefined && this.#timerAt <= deadline) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (deadline === undefined) return;
    const delayMs = Math.max(0, Math.ceil(deadline - performance.now()));
    this.#timerAt = performance.now() + delayMs;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#handle({ type: 'deadline' });
    }, delayMs);
  }
}
