import {
  type Nickname,
  nicknameKey,
  type RoomName,
  roomNameKey,
  type ServerMessageOf,
  type UserEntry,
} from '@parley/protocol';
import type { EffectSink } from '../effect-sink.ts';
import type { RoomInfo } from '../events.ts';
import { type RoomUpdate, RoomView, type SeenEntry } from './room-view.ts';
import { UserList } from './user-list.ts';

/** One room as this client sees it: what is said in it and who is there. */
export class Room {
  readonly name: RoomName;
  readonly view: RoomView;
  readonly users = new UserList();
  info: RoomInfo;
  /** Whether a page of the log is on its way. */
  isFetching = false;
  /** Whether the server told on this connection that the client is in it. */
  isEntered = false;

  constructor(info: RoomInfo & { readonly room: RoomName }) {
    this.name = info.room;
    this.info = info;
    this.view = new RoomView(info.room);
  }
}

/** All rooms that this client is in. */
export class RoomList {
  readonly #rooms = new Map<string, Room>();
  readonly #sink: EffectSink;
  #home: Room | undefined;

  constructor(sink: EffectSink) {
    this.#sink = sink;
  }

  /** In the order of entering. */
  get all(): readonly Room[] {
    return Array.from(this.#rooms.values());
  }

  /** Where the client is when nothing else is said: the first room that it entered. */
  get home(): Room | undefined {
    return this.#home;
  }

  /** The room of that name, in whatever case; `home` when none is named. */
  find(name: string | undefined): Room | undefined {
    return name === undefined ? this.#home : this.#rooms.get(roomNameKey(name as RoomName));
  }

  /** The conversation with somebody, if it was opened. */
  directWith(nickname: Nickname): Room | undefined {
    const key = nicknameKey(nickname);
    return this.all.find(({ info }) => info.peer !== undefined && nicknameKey(info.peer as Nickname) === key);
  }

  // CHAT-ENTER-1
  handleEntered(message: ServerMessageOf<'entered'>): Room {
    const { room: name, kind, peer, topic, members, epoch, first, sequence: last } = message;
    const info = { room: name, isDirect: kind === 'direct', peer, topic, members };
    const known = this.find(name);
    const room = known ?? new Room(info);
    room.info = info;
    room.isEntered = true;
    this.#rooms.set(roomNameKey(name), room);
    this.#home ??= room;
    const update = room.view.handleEntered({ epoch, first, last });
    if (update.gap) this.#sink.notify({ type: 'gap', gap: update.gap });
    if (known === undefined) this.#sink.notify({ type: 'room-entered', room: info });
    return room;
  }

  /** Nothing that was asked for comes any more, and the server does not know where the client was. */
  handleConnectionLost(): void {
    for (const room of this.#rooms.values()) {
      room.isFetching = false;
      room.isEntered = false;
    }
  }

  /** The client went out of a room. */
  leave(room: Room): void {
    this.#rooms.delete(roomNameKey(room.name));
    if (this.#home === room) this.#home = this.all[0];
    this.#sink.notify({ type: 'room-left', room: room.name });
  }

  // CHAT-SAY-2, CHAT-LOG-6
  handleMessage(message: ServerMessageOf<'message'>, own: Nickname | undefined): Room | undefined {
    const room = this.find(message.room);
    // Of which log it would be is said by `entered`.
    if (!room?.isEntered) return undefined;
    this.#show(room, room.view.handleEntry({ ...message, editedAt: undefined }), own);
    return room;
  }

  // CHAT-HISTORY-1
  handleHistory(room: Room, page: ServerMessageOf<'history'>, own: Nickname | undefined): void {
    this.#show(room, room.view.handleHistory(page, page.entries), own);
  }

  // CHAT-PRESENCE-1, CHAT-PRESENCE-2
  handlePresence(message: ServerMessageOf<'presence'>, own: Nickname | undefined): void {
    const room = this.find(message.room);
    if (room === undefined) return;
    room.info = { ...room.info, members: message.members };
    for (const { nickname, cause, reason, time } of message.left) {
      room.users.leave(nickname);
      if (isSame(nickname, own)) continue;
      this.#sink.notify({ type: 'user-left', room: room.name, nickname, cause, reason, time });
    }
    for (const { nickname, joinedAt } of message.joined) {
      const isKnown = room.users.has(nickname);
      room.users.join({ nickname, joinedAt });
      if (isKnown || isSame(nickname, own)) continue;
      this.#sink.notify({ type: 'user-joined', room: room.name, nickname, time: joinedAt });
    }
    this.#sink.notify({ type: 'users-changed' });
  }

  handleUsers(room: Room, users: readonly UserEntry[], isFirstPage: boolean): void {
    room.users.applyPage(users, isFirstPage);
    this.#sink.notify({ type: 'users-changed' });
  }

  #show(room: Room, update: RoomUpdate, own: Nickname | undefined): void {
    if (update.gap) this.#sink.notify({ type: 'gap', gap: update.gap });
    for (const entry of update.entries) this.#showEntry(room, entry, own);
  }

  // CHAT-LOG-2
  #showEntry(room: Room, entry: SeenEntry, own: Nickname | undefined): void {
    const { epoch } = room.view.position;
    const { sequence, time, from, text, editedAt, kind, target } = entry;
    const isOwn = isSame(from, own);
    switch (kind) {
      case 'text': {
        const message = { room: room.name, epoch, sequence, time, from, text, editedAt, isOwn };
        room.view.keep(message);
        const { peer } = room.info;
        if (peer === undefined) this.#sink.notify({ type: 'message', message });
        else {
          const to = isOwn || own === undefined ? peer : own;
          this.#sink.notify({
            type: 'direct-message',
            message: { room: room.name, sequence, time, from, to, text, isOwn },
          });
        }
        return;
      }
      case 'edit':
      case 'delete': {
        room.view.change(target, text, time);
        this.#sink.notify({ type: 'message-changed', room: room.name, from, sequence: target, text, time });
        return;
      }
      case 'topic':
        room.info = { ...room.info, topic: text ?? '' };
        this.#sink.notify({ type: 'topic-changed', room: room.name, from, topic: text ?? '', time });
        return;
      case 'unknown':
        return;
    }
  }
}

function isSame(left: Nickname, right: Nickname | undefined): boolean {
  if (left === right) return true;
  return right !== undefined && nicknameKey(left) === nicknameKey(right);
}
