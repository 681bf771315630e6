import {
  parseFileName,
  parseFilePath,
  type ServerMessage,
  USER_SECRET_BYTES,
  type UserSecret,
} from '@parley/protocol';
import { assertPossible } from './command-states.ts';
import { EffectSink } from './effect-sink.ts';
import { ClientError } from './errors.ts';
import type { ClientCommand, ClientEffect, ClientEvent } from './events.ts';
import { isAnswer } from './requests/purpose.ts';
import { Requests } from './requests/requests.ts';
import { RoomList } from './rooms/room.ts';
import { Reconnect } from './session/reconnect.ts';
import { RoundTrip } from './session/round-trip.ts';
import { Session } from './session/session.ts';
import { describeSessionEnd, endFromTrouble, type SessionEnd } from './session/session-end.ts';
import { ToldTransfers } from './transfers/told-transfers.ts';
import {
  failureAtEnd,
  isFolderName,
  overAlready,
  type Transfer,
  type TransferStep,
  unknownTransfer,
} from './transfers/transfer.ts';
import { TransferList } from './transfers/transfer-list.ts';
import { isTransferOver } from './transfers/transfer-state.ts';

/** What a client has to be given. */
export interface ChatClientOptions {
  /** Name and version of the program, which the server may log; cut to 64 bytes. */
  readonly agent: string;
  /** Unpredictable bytes, for message ids. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** What the server knows this user by: whoever has it, is it. A new one unless given. */
  readonly secret?: UserSecret | undefined;
  /** Whether to come back by itself when the connection is lost, or how often to try in vain at most. */
  readonly reconnects?: boolean | number | undefined;
  /** Transfers that are open at the server at a time; the others wait. */
  readonly transfersOpenMax?: number | undefined;
}

/**
 * The whole of a chat client without any I/O: feed it what happens, do what it says, and call it again when
 * `deadline` has come. It keeps what its user wants to see (room, users, transfers) up to date.
 *
 *     for (const effect of client.handle(event, now)) carryOut(effect);
 *     armTimer(client.deadline);
 */
export class ChatClient {
  readonly #sink = new EffectSink();
  readonly #session: Session;
  readonly #roundTrip = new RoundTrip(this.#sink);
  readonly #rooms: RoomList;
  readonly #reconnect: Reconnect | undefined;
  readonly #transfers: TransferList;
  readonly #told: ToldTransfers;
  readonly #requests: Requests;
  readonly #leaveCommands: number[] = [];
  #isClosedTold = false;

  constructor(options: ChatClientOptions) {
    this.#session = new Session(this.#sink, options.agent);
    this.#rooms = new RoomList(this.#sink);
    this.#transfers = new TransferList(options.transfersOpenMax);
    this.#told = new ToldTransfers(this.#sink, this.#session);
    const { reconnects, randomBytes } = options;
    const attemptsMax = typeof reconnects === 'number' ? reconnects : undefined;
    if (reconnects) this.#reconnect = new Reconnect(randomBytes, attemptsMax);
    this.#requests = new Requests({
      sink: this.#sink,
      session: this.#session,
      rooms: this.#rooms,
      transfers: this.#transfers,
      told: this.#told,
      randomBytes: options.randomBytes,
      secret: options.secret ?? (options.randomBytes(USER_SECRET_BYTES) as UserSecret),
    });
  }

  /** State, server, nickname, end. */
  get session(): Omit<Session, `handle${string}` | 'leave' | 'retreat' | 'close' | 'violate'> {
    return this.#session;
  }

  /** Where the client is, what was said there, and by whom. */
  get rooms(): Pick<RoomList, 'all' | 'home' | 'find'> {
    return this.#rooms;
  }

  get transfers(): Pick<TransferList, 'all' | 'get'> {
    return this.#transfers;
  }

  /** What was said and not accepted yet. */
  get outbox(): Requests['outbox'] {
    return this.#requests.outbox;
  }

  /** When a `deadline` event is due, on the clock of `now`. */
  get deadline(): number | undefined {
    const session = this.#session.deadline;
    const requests = this.#requests.deadline;
    if (session === undefined || requests === undefined) return session;
    return Math.min(session, requests);
  }

  handle(event: ClientEvent, now: number): ClientEffect[] {
    this.#dispatch(event, now);
    const { end } = this.#session;
    if (end !== undefined && !this.#comesBack(end, now)) this.#tellClosed(now);
    return this.#sink.drain();
  }

  #dispatch(event: ClientEvent, now: number): void {
    switch (event.type) {
      case 'started':
        this.#session.handleStarted(now);
        break;
      case 'connected':
        this.#session.handleConnected(now, event.fingerprint);
        break;
      case 'received':
        this.#received(event.message, now);
        break;
      case 'connection-ended': {
        const isOurs = this.#session.state === 'leaving' && event.trouble.kind !== 'not-parley';
        this.#session.close(isOurs ? { kind: 'left' } : endFromTrouble(event.trouble));
        break;
      }
      case 'deadline':
        this.#requests.handleDeadline(now);
        this.#session.handleDeadline(now);
        break;
      case 'command':
        this.#command(event.commandId, event.command, now);
        break;
      case 'transfer-progress':
        this.#requests.apply(this.#transfers.handleProgress(event.number, event.progress), now);
        break;
      case 'download-wanted':
      case 'upload-wanted':
        this.#requests.apply(this.#transfers.handleWanted(event.number, event.wanted, now), now);
        break;
      case 'transfer-settled':
        this.#requests.apply(this.#transfers.handleOutcome(event.number, event.outcome), now);
        break;
      case 'abandoned':
        this.#session.close({ kind: 'abandoned' });
        break;
    }
  }

  /** Whether the end of the connection is not the end of the session. */
  #comesBack(end: SessionEnd, now: number): boolean {
    // Who leaves does not come back, whatever ended the connection first.
    if (this.#session.nickname === undefined || this.#leaveCommands.length > 0) return false;
    const delayMs = this.#reconnect?.delayAfter(end);
    if (delayMs === undefined) return false;
    const error = new ClientError('connection-ended', describeSessionEnd(end));
    this.#requests.failAllButMessages(error);
    this.#roundTrip.fail(error);
    const failure = { code: 'connection-ended', message: error.message } as const;
    this.#requests.apply(this.#transfers.handleSessionLost(failure), now);
    this.#session.retreat(now + delayMs, now);
    this.#sink.notify({ type: 'connection-lost', end, retryAfterMs: delayMs });
    return true;
  }

  #received(message: ServerMessage, now: number): void {
    if (this.#session.state === 'closed') return;
    if (message.type === 'pong') {
      this.#session.handlePong(message.nonce, now);
      this.#roundTrip.handlePong(message.nonce, now);
    }
    this.#session.handleSignOfLife(now);
    if (isAnswer(message)) {
      this.#requests.handleAnswer(message, now);
      return;
    }
    const own = this.#session.nickname;
    switch (message.type) {
      case 'hello-ok':
        this.#session.handleHelloOk(message, now);
        if (this.#session.state === 'choosing-nickname') this.#requests.accounts.comeBack(now);
        break;
      case 'ping':
        this.#session.handlePing(message.nonce);
        break;
      case 'pong':
        return;
      case 'goodbye':
        this.#session.handleGoodbye(message);
        break;
      case 'message': {
        const room = this.#rooms.handleMessage(message, own);
        if (room) this.#requests.rooms.catchUp(room, now);
        break;
      }
      case 'entered': {
        const room = this.#rooms.handleEntered(message);
        this.#requests.rooms.catchUp(room, now);
        this.#reconnect?.succeed();
        this.#requests.listUsers(undefined, room.name, now);
        break;
      }
      case 'presence':
        this.#rooms.handlePresence(message, own);
        break;
      case 'read-marker':
        this.#sink.notify({ type: 'read-marker', room: message.room, sequence: message.sequence });
        break;
      case 'server-draining':
      case 'files-changed':
      case 'role-changed':
        this.#sink.notify(message);
        break;
      case 'progress': {
        const { type: _, ...progress } = message;
        this.#sink.notify({ type: 'room-progress', progress });
        break;
      }
      case 'progress-refused': {
        const { line: number, code, message: words } = message;
        this.#told.end(number);
        this.#sink.notify({ type: 'progress-refused', number, code, message: words });
        break;
      }
      case 'removed':
      case 'muted':
      case 'invited':
        this.#requests.moderation.handleNotice(message);
        break;
      case 'transfer-queued':
        this.#requests.handleQueued(message, now);
        break;
      case 'transfer-ended':
        this.#requests.apply(this.#transfers.handleServerEnd(message, now), now);
        break;
    }
  }

  #command(commandId: number, command: ClientCommand, now: number): void {
    try {
      assertPossible(command, this.#session.state);
      this.#carryOut(commandId, command, now);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      this.#sink.fail(commandId, error);
    }
  }

  #carryOut(commandId: number, command: ClientCommand, now: number): void {
    switch (command.type) {
      case 'register':
      case 'login':
      case 'create-account':
      case 'set-password':
      case 'delete-account':
      case 'add-key':
      case 'create-token':
      case 'list-credentials':
      case 'revoke-credential':
        this.#requests.accounts.carryOut(commandId, command, now);
        break;
      case 'moderate':
      case 'set-role':
      case 'configure-room':
      case 'invite-user':
      case 'list-roles':
      case 'list-bans':
      case 'create-invite':
      case 'set-emergency':
      case 'read-audit':
        this.#requests.moderation.carryOut(commandId, command, now);
        break;
      case 'say':
        this.#requests.say(commandId, command.text, command.room, now);
        break;
      case 'list-users':
        this.#requests.listUsers(commandId, command.room, now);
        break;
      case 'list-files':
      case 'watch-files':
        this.#requests.files.carryOut(commandId, command, now);
        break;
      case 'measure-round-trip':
        this.#roundTrip.measure(commandId, now);
        break;
      case 'download':
        this.#download(commandId, command, now);
        break;
      case 'upload':
        this.#upload(commandId, command, now);
        break;
      case 'pause-transfer':
        this.#stepTransfer(commandId, command.number, this.#transfers.pause(command.number), now);
        break;
      case 'resume-transfer':
        this.#stepTransfer(commandId, command.number, this.#transfers.resume(command.number), now);
        break;
      case 'cancel-transfer':
        this.#stepTransfer(commandId, command.number, this.#transfers.cancel(command.number), now);
        break;
      case 'prioritize-transfer': {
        const { number, priority } = command;
        this.#stepTransfer(commandId, number, this.#transfers.prioritize(number, priority), now);
        break;
      }
      case 'tell-progress':
        this.#tellProgress(commandId, command, now);
        break;
      case 'leave':
        this.#leaveCommands.push(commandId);
        this.#requests.apply(this.#transfers.endAll(undefined), now);
        this.#session.leave(command.reason, now);
        break;
      default:
        this.#requests.rooms.carryOut(commandId, command, now);
    }
  }

  #download(commandId: number, command: Extract<ClientCommand, { type: 'download' }>, now: number): void {
    // A folder is told by the slash at the end of its name.
    const name = parseFilePath(command.name.replace(/\/$/, ''));
    if (!name.ok) throw new ClientError('file-name-invalid', name.problem);
    const { targetPath, from } = command;
    this.#addTransfer(commandId, { direction: 'download', name: command.name, targetPath, from }, now);
  }

  // CHAT-UPLOAD-1
  #upload(commandId: number, command: Extract<ClientCommand, { type: 'upload' }>, now: number): void {
    const name = parseFileName(command.name.replace(/\/$/, ''));
    if (!name.ok) throw new ClientError('file-name-invalid', name.problem);
    const { sourcePath, room } = command;
    const ownName = isFolderName(command.name) ? `${name.value}/` : name.value;
    const about = {
      direction: 'upload',
      name: ownName,
      targetPath: ownName,
      sourcePath,
      room,
    } as const;
    this.#addTransfer(commandId, about, now);
  }

  #addTransfer(commandId: number, about: Parameters<TransferList['add']>[0], now: number): void {
    const { transfer, steps } = this.#transfers.add(about);
    this.#sink.succeed(commandId, transfer);
    this.#requests.apply(steps, now);
  }

  // CHAT-PROGRESS-1
  #tellProgress(
    commandId: number,
    { number, room: name }: Extract<ClientCommand, { type: 'tell-progress' }>,
    now: number,
  ): void {
    const transfer = this.#transfers.get(number);
    if (transfer === undefined) throw unknownTransfer(number);
    if (isTransferOver(transfer.state)) throw overAlready(transfer);
    const room = this.#rooms.find(name);
    if (room === undefined) throw new ClientError('not-in-room', `you are not in ${name}`);
    this.#told.begin(transfer, room.name, now);
    this.#sink.succeed(commandId, transfer);
  }

  #stepTransfer(commandId: number, number: number, steps: readonly TransferStep[], now: number): void {
    this.#requests.apply(steps, now);
    this.#sink.succeed(commandId, this.#transfers.get(number));
  }

  /** Nothing stays open behind a session that is over. */
  #tellClosed(now: number): void {
    const end = this.#session.end;
    if (this.#isClosedTold || !end) return;
    this.#isClosedTold = true;
    const message = describeSessionEnd(end);
    const wasWanted = end.kind === 'left' || end.kind === 'abandoned';
    const failureOf = wasWanted ? undefined : (transfer: Transfer) => failureAtEnd(transfer, end);
    this.#requests.apply(this.#transfers.endAll(failureOf), now);
    const error = new ClientError('connection-ended', message);
    this.#requests.failAll(error);
    this.#roundTrip.fail(error);
    for (const commandId of this.#leaveCommands) this.#sink.succeed(commandId, undefined);
    this.#sink.notify({ type: 'closed', end });
  }
}
