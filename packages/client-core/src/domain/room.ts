import { type Nickname, nicknameKey, type ServerMessageOf, type UserEntry } from '@parley/protocol';
import type { EffectSink } from './effect-sink.ts';
import { RoomView } from './room-view.ts';
import { UserList } from './user-list.ts';

/** The room as this client sees it: what is said in it and who is there. */
export class Room {
  readonly view = new RoomView();
  readonly users = new UserList();
  readonly #sink: EffectSink;

  constructor(sink: EffectSink) {
    this.#sink = sink;
  }

  // CHAT-SAY-2
  handleMessage(message: ServerMessageOf<'message'>, own: Nickname | undefined): void {
    const update = this.view.handleMessage(message, isSame(message.from, own));
    if (update.gap) this.#sink.notify({ type: 'gap', gap: update.gap });
    if (update.message) this.#sink.notify({ type: 'message', message: update.message });
  }

  handleDirectMessage(received: ServerMessageOf<'direct-message'>, own: Nickname | undefined): void {
    const { time, from, to, text } = received;
    const message = { time, from, to, text, isOwn: isSame(from, own) };
    this.#sink.notify({ type: 'direct-message', message });
  }

  handleJoined({ nickname, time }: ServerMessageOf<'joined'>): void {
    this.users.join({ nickname, joinedAt: time });
    this.#sink.notify({ type: 'user-joined', nickname, time });
    this.#sink.notify({ type: 'users-changed' });
  }

  handleLeft({ nickname, cause, reason, time }: ServerMessageOf<'left'>): void {
    this.users.leave(nickname);
    this.#sink.notify({ type: 'user-left', nickname, cause, reason, time });
    this.#sink.notify({ type: 'users-changed' });
  }

  handleUsers(users: readonly UserEntry[], isFirstPage: boolean): void {
    this.users.applyPage(users, isFirstPage);
    this.#sink.notify({ type: 'users-changed' });
  }
}

function isSame(left: Nickname, right: Nickname | undefined): boolean {
  return right !== undefined && nicknameKey(left) === nicknameKey(right);
}
