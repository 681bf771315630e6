import {
  CLIENT_MESSAGE_ID_BYTES,
  type ClientMessageId,
  FILES_PER_PAGE_MAX,
  type Parsed,
  parseMessageText,
  parseNickname,
  type ServerMessageOf,
  USERS_PER_PAGE_MAX,
} from '@parley/protocol';
import type { EffectSink } from './effect-sink.ts';
import { ClientError, type ClientErrorCode } from './errors.ts';
import type { CommandResults } from './events.ts';
import {
  FILES_LISTED_MAX,
  OFFER_TIMEOUT_MS,
  PENDING_REQUESTS_MAX,
  REQUEST_TIMEOUT_MS,
  USERS_LISTED_MAX,
} from './limits.ts';
import { Outbox } from './outbox.ts';
import { PendingRequests } from './pending-requests.ts';
import { type Answer, commandOf, type Purpose } from './purpose.ts';
import type { Room } from './room.ts';
import type { Session } from './session.ts';
import type { TransferFailure, TransferList, TransferStep } from './transfer-list.ts';

interface RequestsParts {
  readonly sink: EffectSink;
  readonly session: Session;
  readonly room: Room;
  readonly transfers: TransferList;
  readonly randomBytes: (count: number) => Uint8Array;
}

/** Turns wishes into requests, remembers what each was for, and turns answers into results (CHAT-REQUEST-1). */
export class Requests {
  readonly outbox = new Outbox();
  readonly #pending = new PendingRequests<Purpose>();
  readonly #parts: RequestsParts;

  constructor(parts: RequestsParts) {
    this.#parts = parts;
  }

  get deadline(): number | undefined {
    return this.#pending.deadline;
  }

  register(commandId: number, nickname: string, now: number): void {
    const value = parsed(parseNickname(nickname), 'nickname-invalid');
    const requestId = this.#add({ kind: 'register', commandId }, now);
    this.#parts.sink.send({ type: 'register', requestId, nickname: value });
  }

  say(commandId: number, text: string, now: number): void {
    const { session, sink } = this.#parts;
    const room = session.room;
    if (room === undefined) throw new ClientError('wrong-state', 'there is no room yet');
    const checked = parsed(parseMessageText(text), 'text-invalid');
    const { requestId, clientMessageId } = this.#post(commandId, text, undefined, now);
    sink.send({ type: 'say', requestId, clientMessageId, room, text: checked });
  }

  direct(commandId: number, to: string, text: string, now: number): void {
    const nickname = parsed(parseNickname(to), 'nickname-invalid');
    const checked = parsed(parseMessageText(text), 'text-invalid');
    const { requestId, clientMessageId } = this.#post(commandId, text, nickname, now);
    this.#parts.sink.send({ type: 'direct', requestId, clientMessageId, nickname, text: checked });
  }

  /** `commandId` is undefined when the client asks for itself. */
  listUsers(commandId: number | undefined, now: number): void {
    this.#askUsers({ kind: 'users', commandId, collected: [] }, undefined, now);
  }

  listFiles(commandId: number, now: number): void {
    this.#askFiles({ kind: 'files', commandId, collected: [] }, undefined, now);
  }

  /** Carries out what the list of transfers wants. */
  apply(steps: readonly TransferStep[], now: number): void {
    const { sink } = this.#parts;
    for (const step of steps) {
      switch (step.type) {
        case 'request-offer': {
          const requestId = this.#add({ kind: 'offer', number: step.number }, now, OFFER_TIMEOUT_MS);
          sink.send({ type: 'request-transfer', requestId, name: step.name, offset: 0 });
          break;
        }
        // CHAT-TRANSFER-6
        case 'decline-offer': {
          const requestId = this.#add({ kind: 'decline' }, now);
          sink.send({ type: 'cancel-transfer', requestId, transferId: step.transferId });
          break;
        }
        case 'transfer-changed':
          sink.notify(step);
          break;
        default:
          sink.push(step);
      }
    }
  }

  handleAnswer(answer: Answer, now: number): void {
    const purpose = this.#pending.take(answer.requestId);
    // A late answer to a request that was given up; only an offer needs one more word.
    if (!purpose) {
      if (answer.type === 'transfer-offer') {
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

  handleDeadline(now: number): void {
    for (const purpose of this.#pending.takeOverdue(now)) {
      this.#refused(purpose, new ClientError('request-timed-out', 'the server did not answer in time'), now);
    }
  }

  /** No answer will come any more. */
  failAll(error: ClientError): void {
    for (const purpose of this.#pending.takeAll()) {
      const commandId = commandOf(purpose);
      if (commandId !== undefined) this.#parts.sink.fail(commandId, error);
    }
  }

  /** Takes over an answer; false when it does not fit the request. */
  #answered(purpose: Purpose, answer: Answer, now: number): boolean {
    const { sink, transfers } = this.#parts;
    switch (purpose.kind) {
      case 'register':
        return answer.type === 'registered' && this.#registered(purpose.commandId, answer, now);
      case 'message': {
        if (answer.type !== 'accepted') return false;
        this.outbox.settle(purpose.clientMessageId);
        const { epoch, sequence, time } = answer;
        sink.succeed(purpose.commandId, { epoch, sequence, time } satisfies CommandResults['say']);
        return true;
      }
      case 'users':
        return answer.type === 'users' && this.#usersPage(purpose, answer, now);
      case 'files':
        return answer.type === 'files' && this.#filesPage(purpose, answer, now);
      case 'offer':
        if (answer.type !== 'transfer-offer') return false;
        this.apply(transfers.handleOffer(purpose.number, answer), now);
        return true;
      case 'decline':
        return answer.type === 'done';
    }
  }

  #registered(commandId: number, answer: ServerMessageOf<'registered'>, now: number): boolean {
    const { sink, session, room } = this.#parts;
    const { nickname, room: roomName, epoch, sequence } = answer;
    if (session.state === 'leaving') return true;
    if (!session.handleRegistered(nickname, roomName, now)) return false;
    room.view.enter(epoch, sequence);
    sink.succeed(commandId, { nickname, room: roomName } satisfies CommandResults['register']);
    this.listUsers(undefined, now);
    return true;
  }

  // CHAT-LIST-1
  #usersPage(
    purpose: Extract<Purpose, { kind: 'users' }>,
    page: ServerMessageOf<'users'>,
    now: number,
  ): boolean {
    const { sink, room } = this.#parts;
    room.handleUsers(page.users, purpose.collected.length === 0);
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

  // CHAT-LIST-2
  #filesPage(
    purpose: Extract<Purpose, { kind: 'files' }>,
    page: ServerMessageOf<'files'>,
    now: number,
  ): boolean {
    const collected = [...purpose.collected, ...page.files];
    const isEnd = page.nextCursor === undefined || page.files.length === 0;
    if (collected.length > FILES_LISTED_MAX) {
      this.#refused(purpose, listTooLong('files', FILES_LISTED_MAX), now);
    } else if (!isEnd) {
      this.#askFiles({ ...purpose, collected }, page.nextCursor, now);
    } else {
      this.#parts.sink.succeed(purpose.commandId, collected satisfies CommandResults['list-files']);
    }
    return true;
  }

  #refused(purpose: Purpose, error: ClientError, now: number): void {
    const { sink, transfers } = this.#parts;
    if (purpose.kind === 'message') this.outbox.settle(purpose.clientMessageId);
    if (purpose.kind === 'offer') {
      const failure: TransferFailure = { code: error.code, message: error.message };
      this.apply(transfers.handleRefusal(purpose.number, failure), now);
    }
    const commandId = commandOf(purpose);
    if (commandId !== undefined) sink.fail(commandId, error);
  }

  #askUsers(purpose: Extract<Purpose, { kind: 'users' }>, cursor: string | undefined, now: number): void {
    const { session, sink } = this.#parts;
    const room = session.room;
    if (room === undefined) throw new ClientError('wrong-state', 'there is no room yet');
    const requestId = this.#add(purpose, now);
    sink.send({ type: 'list-users', requestId, room, cursor, limit: USERS_PER_PAGE_MAX });
  }

  #askFiles(purpose: Extract<Purpose, { kind: 'files' }>, cursor: string | undefined, now: number): void {
    const requestId = this.#add(purpose, now);
    this.#parts.sink.send({ type: 'list-files', requestId, cursor, limit: FILES_PER_PAGE_MAX });
  }

  // CHAT-SAY-4
  #post(commandId: number, text: string, to: string | undefined, now: number) {
    const clientMessageId = this.#parts.randomBytes(CLIENT_MESSAGE_ID_BYTES) as ClientMessageId;
    const requestId = this.#add({ kind: 'message', commandId, clientMessageId }, now);
    this.outbox.add({ clientMessageId, text, to, sentAt: now });
    return { requestId, clientMessageId };
  }

  #add(purpose: Purpose, now: number, timeoutMs = REQUEST_TIMEOUT_MS): number {
    // What keeps the books with the server straight is never refused.
    if (
      this.#pending.count >= PENDING_REQUESTS_MAX &&
      purpose.kind !== 'offer' &&
      purpose.kind !== 'decline'
    ) {
      throw new ClientError(
        'too-many-requests',
        `${PENDING_REQUESTS_MAX} requests wait for the server already`,
      );
    }
    return this.#pending.add(purpose, now + timeoutMs);
  }
}

function parsed<T>(result: Parsed<T>, code: ClientErrorCode): T {
  if (!result.ok) throw new ClientError(code, result.problem);
  return result.value;
}

// CHAT-FAILED-1
function failedError({ code, message, retryAfterMs }: ServerMessageOf<'failed'>): ClientError {
  const words = message === '' ? `the server refused: ${code}` : message;
  return new ClientError(code, words, retryAfterMs === undefined ? {} : { retryAfterMs });
}

function listTooLong(what: string, most: number): ClientError {
  return new ClientError('list-too-long', `the server has more than ${most} ${what}`);
}
