import {
  CLIENT_MESSAGE_ID_BYTES,
  type ClientMessageId,
  parseMessageText,
  type RoomName,
  type ServerMessageOf,
  USERS_PER_PAGE_MAX,
  type UserSecret,
} from '@parley/protocol';
import type { EffectSink } from '../effect-sink.ts';
import { ClientError, tooManyRequests } from '../errors.ts';
import type { CommandResults } from '../events.ts';
import {
  OFFER_TIMEOUT_MS,
  OUTBOX_MS_MAX,
  PENDING_REQUESTS_MAX,
  RETRY_MS,
  USERS_LISTED_MAX,
} from '../limits.ts';
import type { RoomList } from '../rooms/room.ts';
import { Outbox, type OutboxEntry } from '../session/outbox.ts';
import type { Session } from '../session/session.ts';
import { endOfReturn } from '../session/session-end.ts';
import type { ToldTransfers } from '../transfers/told-transfers.ts';
import type { TransferFailure, TransferStep } from '../transfers/transfer.ts';
import type { TransferList } from '../transfers/transfer-list.ts';
import { downloadRequestFor, uploadRequestFor } from '../transfers/transfer-messages.ts';
import { AccountRequests } from './account-requests.ts';
import { FileRequests } from './file-requests.ts';
import { ModerationRequests } from './moderation-requests.ts';
import { PendingRequests } from './pending-requests.ts';
import { type Answer, commandsOf, isOffer, type Purpose, timeoutMsOf } from './purpose.ts';
import { checked, RoomRequests } from './room-requests.ts';

interface RequestsParts {
  readonly sink: EffectSink;
  readonly session: Session;
  readonly rooms: RoomList;
  readonly transfers: TransferList;
  readonly told: ToldTransfers;
  readonly randomBytes: (count: number) => Uint8Array;
  /** What the server knows this user by. */
  readonly secret: UserSecret;
}

/** Turns wishes into requests, remembers what each was for, and turns answers into results (CHAT-REQUEST-1). */
export class Requests {
  readonly outbox = new Outbox();
  readonly rooms: RoomRequests;
  readonly accounts: AccountRequests;
  readonly moderation: ModerationRequests;
  readonly files: FileRequests;
  readonly #pending = new PendingRequests<Purpose>();
  readonly #parts: RequestsParts;
  /** What the client wants for itself and asks for again at that time, after the server asked for patience or was silent. */
  readonly #later = new Map<string, { readonly at: number; readonly again: (now: number) => void }>();
  /** When to send again what was said, after the server asked for patience. */
  #resendAt: number | undefined;

  constructor(parts: RequestsParts) {
    this.#parts = parts;
    this.rooms = new RoomRequests({
      ...parts,
      add: (purpose, now) => this.#add(purpose, now),
      pending: () => this.#pending.purposes,
      post: (commandId, room, text, now) => this.#post(commandId, room, text, now),
    });
    const { sink, rooms } = parts;
    this.moderation = new ModerationRequests({ sink, rooms, add: (purpose, now) => this.#add(purpose, now) });
    this.files = new FileRequests({ sink, add: (purpose, now) => this.#add(purpose, now) });
    this.accounts = new AccountRequests({
      ...parts,
      add: (purpose, now, timeoutMs) => this.#add(purpose, now, timeoutMs),
    });
  }

  get deadline(): number | undefined {
    const times = [this.#pending.deadline, this.#parts.transfers.deadline, this.#resendAt];
    for (const { at } of this.#later.values()) times.push(at);
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  say(commandId: number, text: string, roomName: string | undefined, now: number): void {
    const { rooms } = this.#parts;
    const room = rooms.find(roomName);
    if (room === undefined) throw new ClientError('not-in-room', `you are not in ${roomName ?? 'any room'}`);
    const words = checked(parseMessageText(text), 'text-invalid');
    if (!this.rooms.queueBehindOpening(commandId, room, words)) this.#post(commandId, room.name, words, now);
  }

  /** `commandId` is undefined when the client asks for itself. */
  listUsers(commandId: number | undefined, roomName: string | undefined, now: number): void {
    const { rooms, session } = this.#parts;
    const room = roomName ?? rooms.home?.name ?? session.room;
    if (room === undefined) throw new ClientError('wrong-state', 'there is no room yet');
    this.#askUsers({ kind: 'users', commandId, room, collected: [] }, undefined, now);
  }

  /** Carries out what the list of transfers wants. */
  apply(steps: readonly TransferStep[], now: number): void {
    const { sink, told } = this.#parts;
    for (const step of steps) {
      switch (step.type) {
        case 'request-offer':
        case 'request-upload-offer': {
          const requestId = this.#add({ kind: 'offer', number: step.number }, now, OFFER_TIMEOUT_MS);
          if (step.type === 'request-offer') sink.send(downloadRequestFor(requestId, step.wanted));
          else sink.send(uploadRequestFor(requestId, step.wanted));
          break;
        }
        // CHAT-TRANSFER-6
        case 'decline-offer': {
          const requestId = this.#add({ kind: 'decline' }, now);
          sink.send({ type: 'cancel-transfer', requestId, transferId: step.transferId });
          break;
        }
        case 'transfer-changed':
          told.tell(step.transfer, now);
          sink.notify(step);
          break;
        default:
          sink.push(step);
      }
    }
  }

  handleAnswer(answer: Answer, now: number): void {
    const purpose = this.#pending.take(answer.requestId);
    // A late answer to a request that was given up; only an offer needs one more word, and a room may have to be left again.
    if (!purpose) {
      this.rooms.handleLateAnswer(answer.requestId);
      if (isOffer(answer)) {
        this.apply([{ type: 'decline-offer', transferId: answer.transferId }], now);
      }
      return;
    }
    if (answer.type === 'failed') {
      this.#refused(purpose, failedError(answer), now);
      return;
    }
    if (!this.#answered(purpose, answer, now)) {
      this.#parts.session.violate(`${answer.type} came as the answer to another kind of request`);
    }
  }

  /** The server has a request for a transfer wait for its turn. */
  // CHAT-QUEUE-1
  handleQueued({ request, transferId }: ServerMessageOf<'transfer-queued'>, now: number): void {
    const purpose = this.#pending.extend(request);
    if (purpose?.kind !== 'offer') this.apply([{ type: 'decline-offer', transferId }], now);
    else this.apply(this.#parts.transfers.handleQueued(purpose.number, transferId), now);
  }

  handleDeadline(now: number): void {
    this.apply(this.#parts.transfers.handleDeadline(now), now);
    for (const [key, { at, again }] of this.#later) {
      if (at > now) continue;
      this.#later.delete(key);
      if (this.#parts.session.state === 'registered') again(now);
    }
    if (this.#resendAt !== undefined && now >= this.#resendAt) {
      this.#resendAt = undefined;
      this.outbox.resume();
      this.#sendOutbox(now);
    }
    for (const { requestId, purpose } of this.#pending.takeOverdue(now)) {
      if (purpose.kind === 'leave-room') this.rooms.awaitLateLeave(requestId, purpose.room);
      this.#refused(purpose, new ClientError('request-timed-out', 'the server did not answer in time'), now);
    }
  }

  /** The connection is lost and will be made again: what was said waits, everything else fails. */
  failAllButMessages(error: ClientError): void {
    this.#parts.rooms.handleConnectionLost();
    this.rooms.handleConnectionLost();
    this.outbox.handleConnectionLost();
    this.#later.clear();
    this.#resendAt = undefined;
    this.#failPending(error);
  }

  /** No answer will come any more. */
  failAll(error: ClientError): void {
    for (const { commandId, clientMessageId } of this.outbox.entries) {
      this.outbox.settle(clientMessageId);
      this.#parts.sink.fail(commandId, error);
    }
    this.#failPending(error);
  }

  /** No answer will come to what was asked; messages have their place in the outbox. */
  #failPending(error: ClientError): void {
    for (const purpose of this.#pending.takeAll()) {
      if (purpose.kind === 'message') continue;
      if (purpose.kind === 'credential') this.accounts.doubt(purpose.credential);
      for (const commandId of commandsOf(purpose)) this.#parts.sink.fail(commandId, error);
    }
  }

  /** Takes over an answer; false when it does not fit the request. */
  #answered(purpose: Purpose, answer: Answer, now: number): boolean {
    const { sink, transfers } = this.#parts;
    switch (purpose.kind) {
      case 'register':
        return answer.type === 'registered' && this.#registered(purpose, answer, now);
      case 'message': {
        if (answer.type !== 'accepted') return false;
        this.outbox.settle(purpose.clientMessageId);
        const { epoch, sequence, time } = answer;
        sink.succeed(purpose.commandId, { epoch, sequence, time } satisfies CommandResults['say']);
        return true;
      }
      case 'users':
        return answer.type === 'users' && this.#usersPage(purpose, answer, now);
      case 'offer':
        if (!isOffer(answer) || !transfers.isOfferFor(purpose.number, answer)) return false;
        this.apply(transfers.handleOffer(purpose.number, answer), now);
        return true;
      case 'decline':
        return answer.type === 'done';
      default:
        return (
          this.accounts.handleAnswer(purpose, answer, now) ??
          this.files.handleAnswer(purpose, answer, now) ??
          this.moderation.handleAnswer(purpose, answer, now) ??
          this.rooms.handleAnswer(purpose, answer, now) ??
          false
        );
    }
  }

  #registered(
    { commandId, credential }: Extract<Purpose, { kind: 'register' }>,
    answer: ServerMessageOf<'registered'>,
    now: number,
  ): boolean {
    const { sink, session, rooms } = this.#parts;
    const { nickname } = answer;
    if (session.state === 'leaving') return true;
    if (!session.handleRegistered(nickname, now)) return false;
    this.accounts.remember(credential);
    const room = session.room;
    if (commandId !== undefined && room !== undefined) {
      sink.succeed(commandId, { nickname, room } satisfies CommandResults['register']);
    }
    // CHAT-REGISTER-3: the lobby and the conversations were entered by themselves.
    const isBack = commandId === undefined;
    for (const one of rooms.all) {
      if (!isBack || one.isEntered) continue;
      // A server that forgot its conversations has this one no more.
      if (one.info.isDirect) rooms.leave(one);
      else this.rooms.rejoin(one, now);
    }
    this.#sendOutbox(now);
    if (isBack) this.files.handleSessionBack(now);
    this.apply(this.#parts.transfers.handleSessionBack(), now);
    return true;
  }

  // CHAT-LIST-1
  #usersPage(
    purpose: Extract<Purpose, { kind: 'users' }>,
    page: ServerMessageOf<'users'>,
    now: number,
  ): boolean {
    const { sink, rooms } = this.#parts;
    const room = rooms.find(purpose.room);
    if (room) rooms.handleUsers(room, page.users, purpose.collected.length === 0);
    const collected = [...purpose.collected, ...page.users];
    const isEnd = page.nextCursor === undefined || page.users.length === 0;
    if (collected.length > USERS_LISTED_MAX) {
      this.#refused(purpose, listTooLong('users', USERS_LISTED_MAX), now);
    } else if (!isEnd) {
      this.#askUsers({ ...purpose, collected }, page.nextCursor, now);
    } else if (purpose.commandId !== undefined) {
      sink.succeed(purpose.commandId, collected satisfies CommandResults['list-users']);
    }
    return true;
  }

  #refused(purpose: Purpose, error: ClientError, now: number): void {
    const { sink, transfers } = this.#parts;
    if (purpose.kind === 'message') {
      this.#messageRefused(purpose, error, now);
      return;
    }
    if (this.#isAskedAgain(purpose, error, now)) return;
    // The connection keeps the order: a server that is slow takes us out before it hears anything else of us.
    const isOutAnyway = error.code === 'request-timed-out' || error.code === 'not-in-room';
    if (purpose.kind === 'leave-room' && isOutAnyway) {
      this.rooms.handleLeft(purpose);
      return;
    }
    const isEntrance = purpose.kind === 'register' || purpose.kind === 'challenge';
    if (isEntrance && purpose.commandId === undefined) {
      if (this.accounts.comeBackOtherwise(error, now)) return;
      this.#parts.session.close(endOfReturn(error, timeoutMsOf(purpose)));
    }
    if (purpose.kind === 'credential' && error.code === 'request-timed-out')
      this.accounts.doubt(purpose.credential);
    if (purpose.kind === 'offer') {
      const failure: TransferFailure = { code: error.code, message: error.message };
      const when = { now, retryAfterMs: error.retryAfterMs };
      this.apply(transfers.handleRefusal(purpose.number, failure, when), now);
    }
    for (const commandId of commandsOf(purpose)) sink.fail(commandId, error);
  }

  /** A message that may be in the log already is not told to have failed: it is tried again, or its fate is unknown. */
  #messageRefused(purpose: Extract<Purpose, { kind: 'message' }>, error: ClientError, now: number): void {
    const { clientMessageId, commandId } = purpose;
    const inDoubt = this.outbox.findInDoubt(clientMessageId);
    const { retryAfterMs } = error;
    if (inDoubt !== undefined && retryAfterMs !== undefined && now < inDoubt.sentAt + OUTBOX_MS_MAX) {
      this.outbox.postpone(clientMessageId);
      this.#resendAt ??= now + retryAfterMs;
      return;
    }
    this.outbox.settle(clientMessageId);
    const words = `the connection was lost before the answer, and then: ${error.message}`;
    const told = inDoubt === undefined ? error : new ClientError('connection-ended', words, { cause: error });
    this.#parts.sink.fail(commandId, told);
  }

  #askUsers(purpose: Extract<Purpose, { kind: 'users' }>, cursor: string | undefined, now: number): void {
    const { room } = purpose;
    const requestId = this.#add(purpose, now);
    this.#parts.sink.send({ type: 'list-users', requestId, room, cursor, limit: USERS_PER_PAGE_MAX });
  }

  /** What the client asked for itself is asked for again, unless the server will not have it. */
  #isAskedAgain(purpose: Purpose, error: ClientError, now: number): boolean {
    const isOwn = purpose.kind === 'catch-up' || purpose.kind === 'users' || purpose.kind === 'enter';
    if (!isOwn || commandsOf(purpose).length > 0) return false;
    const { rooms } = this.#parts;
    const room = rooms.find(purpose.room);
    if (room === undefined) return true;
    const isPassing = error.retryAfterMs !== undefined || error.code === 'request-timed-out';
    if (purpose.kind === 'enter' && !isPassing) rooms.leave(room);
    if (purpose.kind !== 'catch-up' && !isPassing) return true;
    const again = (later: number) => {
      if (purpose.kind === 'users') this.listUsers(undefined, room.name, later);
      else if (purpose.kind === 'enter') this.rooms.rejoin(room, later);
      else {
        room.isFetching = false;
        this.rooms.catchUp(room, later);
      }
    };
    this.#later.set(`${purpose.kind} ${purpose.room}`, { at: now + (error.retryAfterMs ?? RETRY_MS), again });
    return true;
  }

  // CHAT-SAY-4
  #post(commandId: number, room: RoomName, text: string, now: number): void {
    const clientMessageId = this.#parts.randomBytes(CLIENT_MESSAGE_ID_BYTES) as ClientMessageId;
    const entry: OutboxEntry = { commandId, clientMessageId, room, text, sentAt: now };
    // What is said while the connection is away is sent when it is back.
    if (this.outbox.count >= PENDING_REQUESTS_MAX) throw tooManyRequests();
    this.outbox.add(entry);
    this.#sendOutbox(now);
  }

  #sendOutbox(now: number): void {
    if (this.#parts.session.state !== 'registered') return;
    for (let entry = this.outbox.pollUnsent(); entry !== undefined; entry = this.outbox.pollUnsent()) {
      this.#send(entry, now);
    }
  }

  #send({ commandId, clientMessageId, room, text, sentAt }: OutboxEntry, now: number): void {
    const timeoutMs = Math.max(0, sentAt + OUTBOX_MS_MAX - now);
    const requestId = this.#add({ kind: 'message', commandId, clientMessageId }, now, timeoutMs);
    this.#parts.sink.send({ type: 'say', requestId, clientMessageId, room, text });
  }

  #add(purpose: Purpose, now: number, timeoutMs = timeoutMsOf(purpose)): number {
    // What keeps the books with the server straight is never refused; messages are bounded by the outbox.
    const isWish = commandsOf(purpose).length > 0 && purpose.kind !== 'message';
    if (isWish && this.#pending.count >= PENDING_REQUESTS_MAX) {
      throw tooManyRequests();
    }
    return this.#pending.add(purpose, now + timeoutMs);
  }
}

// CHAT-FAILED-1
function failedError({ code, message, retryAfterMs }: ServerMessageOf<'failed'>): ClientError {
  const words = message === '' ? `the server refused: ${code}` : message;
  return new ClientError(code, words, retryAfterMs === undefined ? {} : { retryAfterMs });
}

function listTooLong(what: string, most: number): ClientError {
  return new ClientError('list-too-long', `the server has more than ${most} ${what}`);
}
