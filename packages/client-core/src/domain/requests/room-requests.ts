import {
  CLIENT_MESSAGE_ID_BYTES,
  type ClientMessageId,
  ENTRIES_PER_PAGE_MAX,
  HITS_PER_PAGE_MAX,
  LEAVE_REASON_BYTES_MAX,
  type MessageText,
  type Nickname,
  nicknameKey,
  type Parsed,
  parseMessageText,
  parseNickname,
  parseRoomName,
  parseTopic,
  ROOMS_PER_PAGE_MAX,
  type RoomName,
} from '@parley/protocol';
import type { EffectSink } from '../effect-sink.ts';
import { ClientError, type ClientErrorCode, tooManyRequests } from '../errors.ts';
import type { ClientCommand, CommandResults } from '../events.ts';
import { fittingText } from '../fitting-text.ts';
import { PENDING_REQUESTS_MAX } from '../limits.ts';
import type { Room, RoomList } from '../rooms/room.ts';
import type { Session } from '../session/session.ts';
import { sentItem } from '../transfers/sent-item.ts';
import { pathOfName } from '../transfers/transfer.ts';
import { type Answer, commandsOf, type Purpose } from './purpose.ts';

/** What the requests about rooms work with. */
export interface RoomRequestsParts {
  readonly sink: EffectSink;
  readonly session: Session;
  readonly rooms: RoomList;
  readonly randomBytes: (count: number) => Uint8Array;
  /** Gives a request its number. */
  readonly add: (purpose: Purpose, now: number) => number;
  /** What the requests without an answer are for. */
  readonly pending: () => readonly Purpose[];
  /** Says something, for a command that waits. */
  readonly post: (commandId: number, room: RoomName, text: string, now: number) => void;
}

type OpenDirect = Extract<Purpose, { kind: 'open-direct' }>;
type CommandOf<Type extends ClientCommand['type']> = Extract<ClientCommand, { type: Type }>;

/** The commands that this part carries out. */
export type RoomCommand = CommandOf<
  | 'direct'
  | 'open-direct'
  | 'join'
  | 'create-room'
  | 'leave-room'
  | 'set-topic'
  | 'list-rooms'
  | 'read-history'
  | 'search'
  | 'edit'
  | 'delete'
  | 'mark-read'
  | 'discard-file'
  | 'list-sent'
>;

/** Requests about rooms and their logs, and what their answers mean. */
export class RoomRequests {
  readonly #parts: RoomRequestsParts;
  /** Rooms that were left without waiting for the server's word, by the number of the request. */
  readonly #lateLeaves = new Map<number, string>();

  constructor(parts: RoomRequestsParts) {
    this.#parts = parts;
  }

  carryOut(commandId: number, command: RoomCommand, now: number): void {
    const { sink } = this.#parts;
    const add = (purpose: Purpose) => this.#parts.add(purpose, now);
    switch (command.type) {
      case 'direct':
        this.#direct(commandId, command, now);
        break;
      case 'open-direct':
        this.#openDirect(commandId, command, now);
        break;
      // CHAT-SEND-3
      case 'discard-file': {
        const requestId = add({ kind: 'done', commandId });
        const name = pathOfName(command.name);
        sink.send({ type: 'discard-file', requestId, name });
        break;
      }
      // CHAT-SEND-4
      case 'list-sent':
        sink.send({ type: 'list-sent', requestId: add({ kind: 'sent', commandId }) });
        break;
      case 'join': {
        const room = checked(parseRoomName(command.room), 'room-name-invalid');
        sink.send({ type: 'join-room', requestId: add({ kind: 'enter', commandId, room }), room });
        break;
      }
      case 'create-room': {
        const room = checked(parseRoomName(command.room), 'room-name-invalid');
        const topic = checked(parseTopic(command.topic), 'topic-invalid');
        const requestId = add({ kind: 'enter', commandId, room });
        sink.send({ type: 'create-room', requestId, room, topic });
        break;
      }
      case 'leave-room': {
        const { name: room } = this.#room(command.room);
        const requestId = add({ kind: 'leave-room', commandId, room });
        const reason = fittingText(command.reason, LEAVE_REASON_BYTES_MAX);
        sink.send({ type: 'leave-room', requestId, room, reason });
        break;
      }
      case 'list-rooms':
        this.#askRooms({ kind: 'rooms', commandId, collected: [] }, undefined, now);
        break;
      case 'read-history': {
        const { name: room, view } = this.#room(command.room);
        const { epoch, sequence: newest } = view.position;
        const { direction, sequence = newest + 1 } = command;
        const requestId = add({ kind: 'history', commandId });
        const limit = ENTRIES_PER_PAGE_MAX;
        sink.send({ type: 'read-history', requestId, room, direction, epoch, sequence, limit });
        break;
      }
      case 'search': {
        const requestId = add({ kind: 'search', commandId });
        const { query } = command;
        sink.send({ type: 'search', requestId, query, cursor: undefined, limit: HITS_PER_PAGE_MAX });
        break;
      }
      case 'mark-read': {
        const { name: room } = this.#room(command.room);
        const { sequence } = command;
        sink.send({ type: 'mark-read', requestId: add({ kind: 'done', commandId }), room, sequence });
        break;
      }
      default:
        this.#change(commandId, command, now);
        break;
    }
  }

  /** Asks for what this client knows to be missing, one page at a time. */
  // CHAT-LOG-4, CHAT-HISTORY-1
  catchUp(room: Room, now: number): void {
    if (room.isFetching || room.view.missing <= 0) return;
    room.isFetching = true;
    const { epoch, sequence } = room.view.position;
    const requestId = this.#parts.add({ kind: 'catch-up', room: room.name }, now);
    const limit = ENTRIES_PER_PAGE_MAX;
    const request = { room: room.name, direction: 'after', epoch, sequence, limit } as const;
    this.#parts.sink.send({ type: 'read-history', requestId, ...request });
  }

  /** Goes into a room again after a reconnect. */
  rejoin(room: Room, now: number): void {
    const requestId = this.#parts.add({ kind: 'enter', commandId: undefined, room: room.name }, now);
    this.#parts.sink.send({ type: 'join-room', requestId, room: room.name });
  }

  /** Takes over an answer; false when it does not fit the request, undefined when the request is not of this part. */
  handleAnswer(purpose: Purpose, answer: Answer, now: number): boolean | undefined {
    const { sink, rooms, session } = this.#parts;
    switch (purpose.kind) {
      case 'enter':
        if (answer.type !== 'done') return false;
        if (purpose.commandId !== undefined) sink.succeed(purpose.commandId, rooms.find(purpose.room)?.info);
        return true;
      case 'leave-room':
        this.handleLeft(purpose);
        return answer.type === 'done';
      case 'open-direct': {
        const room = rooms.directWith(purpose.nickname);
        if (answer.type !== 'done' || room === undefined) return false;
        for (const commandId of purpose.openers) sink.succeed(commandId, room.info);
        for (const { commandId, text } of purpose.messages) this.#postOrFail(commandId, room.name, text, now);
        return true;
      }
      case 'done':
        sink.succeed(purpose.commandId, undefined);
        return answer.type === 'done';
      case 'entry': {
        if (answer.type !== 'accepted') return false;
        const { epoch, sequence, time } = answer;
        sink.succeed(purpose.commandId, { epoch, sequence, time });
        return true;
      }
      case 'rooms':
        if (answer.type !== 'rooms') return false;
        this.#roomsPage(purpose, answer, now);
        return true;
      case 'history':
        if (answer.type !== 'history') return false;
        sink.succeed(purpose.commandId, answer.entries);
        return true;
      case 'search':
        if (answer.type !== 'search-results') return false;
        sink.succeed(purpose.commandId, answer.hits);
        return true;
      case 'sent':
        if (answer.type !== 'sent-files') return false;
        sink.succeed(purpose.commandId, answer.files.map(sentItem) satisfies CommandResults['list-sent']);
        return true;
      case 'catch-up': {
        if (answer.type !== 'history') return false;
        const room = rooms.find(purpose.room);
        if (room === undefined) return true;
        room.isFetching = false;
        rooms.handleHistory(room, answer, session.nickname);
        this.catchUp(room, now);
        return true;
      }
      default:
        return undefined;
    }
  }

  /** The server has not answered in time: the room counts as left, and its answer is still to come. */
  awaitLateLeave(requestId: number, room: string): void {
    this.#lateLeaves.set(requestId, room);
  }

  /** What was sent before that answer may have brought the room back: the server was slow, and we were in it still. */
  // CHAT-ENTER-3
  handleLateAnswer(requestId: number): void {
    const name = this.#lateLeaves.get(requestId);
    if (name === undefined) return;
    this.#lateLeaves.delete(requestId);
    const room = this.#parts.rooms.find(name);
    if (room) this.#parts.rooms.leave(room);
  }

  /** No late answer will come any more. */
  handleConnectionLost(): void {
    this.#lateLeaves.clear();
  }

  /** The client is out of a room, as it asked. */
  handleLeft({ room: name, commandId }: Extract<Purpose, { kind: 'leave-room' }>): void {
    const { sink, rooms } = this.#parts;
    const room = rooms.find(name);
    if (room) rooms.leave(room);
    sink.succeed(commandId, undefined);
  }

  // CHAT-DIRECT-1
  #direct(commandId: number, { nickname: to, text }: CommandOf<'direct'>, now: number): void {
    const nickname = checked(parseNickname(to), 'nickname-invalid');
    const words = checked(parseMessageText(text), 'text-invalid');
    const room = this.#parts.rooms.directWith(nickname);
    if (room !== undefined && !this.#isOpening(nickname)) {
      this.#parts.post(commandId, room.name, words, now);
      return;
    }
    this.#open(nickname, { messages: [{ commandId, text: words }], openers: [] }, now);
  }

  /** What is said in a conversation that is being opened comes after what it is opened for: whether it has to wait for that. */
  queueBehindOpening(commandId: number, { info }: Room, text: MessageText): boolean {
    const opening = this.#parts
      .pending()
      .find((one) => info.peer !== undefined && isOpeningOf(one, info.peer as Nickname));
    if (opening?.kind !== 'open-direct' || opening.messages.length === 0) return false;
    if (commandsOf(opening).length >= PENDING_REQUESTS_MAX) throw tooManyRequests();
    opening.messages.push({ commandId, text });
    return true;
  }

  // CHAT-DIRECT-1
  #openDirect(commandId: number, { nickname: to }: CommandOf<'open-direct'>, now: number): void {
    const nickname = checked(parseNickname(to), 'nickname-invalid');
    const room = this.#parts.rooms.directWith(nickname);
    if (room !== undefined && !this.#isOpening(nickname)) this.#parts.sink.succeed(commandId, room.info);
    else this.#open(nickname, { messages: [], openers: [commandId] }, now);
  }

  #isOpening(nickname: Nickname): boolean {
    return this.#parts.pending().some((one) => isOpeningOf(one, nickname));
  }

  /** Has a conversation opened. What is wanted meanwhile waits, also when the other one opens it in the meantime. */
  #open(nickname: Nickname, waiting: Pick<OpenDirect, 'messages' | 'openers'>, now: number): void {
    const opening = this.#parts.pending().find((one) => isOpeningOf(one, nickname));
    if (opening?.kind !== 'open-direct') {
      const requestId = this.#parts.add({ kind: 'open-direct', nickname, ...waiting }, now);
      this.#parts.sink.send({ type: 'open-direct', requestId, nickname });
      return;
    }
    if (commandsOf(opening).length >= PENDING_REQUESTS_MAX) throw tooManyRequests();
    opening.messages.push(...waiting.messages);
    opening.openers.push(...waiting.openers);
  }

  /** Outside of a command nobody catches what a full outbox throws. */
  #postOrFail(commandId: number, room: RoomName, text: MessageText, now: number): void {
    try {
      this.#parts.post(commandId, room, text, now);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      this.#parts.sink.fail(commandId, error);
    }
  }

  #change(commandId: number, command: CommandOf<'set-topic' | 'edit' | 'delete'>, now: number): void {
    const { sink, randomBytes } = this.#parts;
    const { name: room } = this.#room(command.room);
    const clientMessageId = randomBytes(CLIENT_MESSAGE_ID_BYTES) as ClientMessageId;
    if (command.type === 'set-topic') {
      const topic = checked(parseTopic(command.topic), 'topic-invalid');
      const requestId = this.#parts.add({ kind: 'entry', commandId }, now);
      sink.send({ type: 'set-topic', requestId, clientMessageId, room, topic });
      return;
    }
    const { sequence } = command;
    if (command.type === 'delete') {
      const requestId = this.#parts.add({ kind: 'entry', commandId }, now);
      sink.send({ type: 'delete', requestId, clientMessageId, room, sequence });
      return;
    }
    const text = checked(parseMessageText(command.text), 'text-invalid');
    const requestId = this.#parts.add({ kind: 'entry', commandId }, now);
    sink.send({ type: 'edit', requestId, clientMessageId, room, sequence, text });
  }

  #askRooms(purpose: Extract<Purpose, { kind: 'rooms' }>, cursor: string | undefined, now: number): void {
    const requestId = this.#parts.add(purpose, now);
    this.#parts.sink.send({ type: 'list-rooms', requestId, cursor, limit: ROOMS_PER_PAGE_MAX });
  }

  // CHAT-LIST-5
  #roomsPage(
    purpose: Extract<Purpose, { kind: 'rooms' }>,
    page: Extract<Answer, { type: 'rooms' }>,
    now: number,
  ): void {
    const collected = [...purpose.collected, ...page.rooms];
    if (page.nextCursor === undefined || page.rooms.length === 0) {
      this.#parts.sink.succeed(purpose.commandId, collected);
    } else {
      this.#askRooms({ ...purpose, collected }, page.nextCursor, now);
    }
  }

  #room(name: string): Room {
    const room = this.#parts.rooms.find(name);
    if (room === undefined) throw new ClientError('not-in-room', `you are not in ${name}`);
    return room;
  }
}

/** What a parser made of an input, or its complaint as an error. */
export function checked<T>(result: Parsed<T>, code: ClientErrorCode): T {
  if (!result.ok) throw new ClientError(code, result.problem);
  return result.value;
}

function isOpeningOf(purpose: Purpose, nickname: Nickname): boolean {
  return purpose.kind === 'open-direct' && nicknameKey(purpose.nickname) === nicknameKey(nickname);
}
