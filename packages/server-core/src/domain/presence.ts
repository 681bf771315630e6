import {
  type DepartureEntry,
  type LeaveCause,
  type Nickname,
  type NicknameKey,
  PRESENCE_CHANGES_MAX,
  type RoomName,
  type ServerMessageOf,
} from '@parley/protocol';
import type { UserId } from '../history/history-store.ts';

/** Who comes or goes. */
interface Person {
  readonly nickname: Nickname;
  readonly key: NicknameKey;
  readonly userId: UserId;
}

/**
 * Arrivals and departures of a room since the last `presence`. Who comes and goes again between two of them is not
 * mentioned, nor is the same user who goes and comes back; so it holds at most two entries for each name.
 */
// CHAT-PRESENCE-1
export class Presence {
  #left = new Map<NicknameKey, { readonly entry: DepartureEntry; readonly userId: UserId }>();
  #joined = new Map<NicknameKey, { readonly nickname: Nickname; readonly joinedAt: number }>();

  get isEmpty(): boolean {
    return this.#left.size === 0 && this.#joined.size === 0;
  }

  join({ nickname, key, userId }: Person, joinedAt: number): void {
    if (this.#left.get(key)?.userId === userId && !this.#joined.has(key)) this.#left.delete(key);
    else this.#joined.set(key, { nickname, joinedAt });
  }

  leave(
    { nickname, key, userId }: Person,
    departure: { readonly cause: LeaveCause; readonly reason: string; readonly time: number },
  ): void {
    if (this.#joined.delete(key)) return;
    const { cause, reason, time } = departure;
    this.#left.set(key, { entry: { nickname, cause, reason, time }, userId });
  }

  /** What to tell the members, in as many messages as it takes. */
  take(room: RoomName, members: number): ServerMessageOf<'presence'>[] {
    const left = Array.from(this.#left.values(), ({ entry }) => entry);
    const joined = Array.from(this.#joined.values());
    this.#left = new Map();
    this.#joined = new Map();
    const messages: ServerMessageOf<'presence'>[] = [];
    for (let at = 0; at < left.length; at += PRESENCE_CHANGES_MAX) {
      const part = left.slice(at, at + PRESENCE_CHANGES_MAX);
      messages.push({ type: 'presence', room, members, left: part, joined: [] });
    }
    for (let at = 0; at < joined.length; at += PRESENCE_CHANGES_MAX) {
      const part = joined.slice(at, at + PRESENCE_CHANGES_MAX);
      const last = messages.at(-1);
      if (at === 0 && last !== undefined) messages[messages.length - 1] = { ...last, joined: part };
      else messages.push({ type: 'presence', room, members, left: [], joined: part });
    }
    return messages;
  }
}
