import {
  type DepartureEntry,
  type LeaveCause,
  type Nickname,
  type NicknameKey,
  PRESENCE_CHANGES_MAX,
  type RoomName,
  type ServerMessageOf,
} from '@parley/protocol';
import type { UserId } from '../../history/history-store.ts';

/** Who comes or goes. */
interface Person {
  readonly nickname: Nickname;
  readonly key: NicknameKey;
  readonly userId: UserId;
}

interface Departed {
  readonly entry: DepartureEntry;
  readonly userId: UserId;
  /** Number of the change. */
  readonly at: number;
  /** Whether all members were told that the user came. */
  readonly wasKnown: boolean;
}

/**
 * Arrivals and departures of a room since the last `presence`. Who comes and goes again between two of them is not
 * mentioned, nor is the same user who goes and comes back, unless somebody was told of the state in between; so it holds at
 * most two entries for each name.
 */
// CHAT-PRESENCE-1
export class Presence {
  #left = new Map<NicknameKey, Departed>();
  #joined = new Map<
    NicknameKey,
    { readonly nickname: Nickname; readonly joinedAt: number; readonly at: number }
  >();
  #changes = 0;
  /** The last change that a list of members shows. */
  #listed = 0;
  /** The smallest and the largest number of members that somebody who entered was told. */
  #counted: { readonly min: number; readonly max: number } | undefined;

  /** Somebody was told who is there now. */
  noteListed(): void {
    this.#listed = this.#changes;
  }

  /** Somebody entered and was told how many are there. */
  noteCounted(members: number): void {
    const { min, max } = this.#counted ?? { min: members, max: members };
    this.#counted = { min: Math.min(min, members), max: Math.max(max, members) };
  }

  join({ nickname, key, userId }: Person, joinedAt: number): void {
    this.#changes += 1;
    const left = this.#left.get(key);
    const isUnnoticed = left?.userId === userId && left.at > this.#listed && !this.#joined.has(key);
    if (isUnnoticed) this.#left.delete(key);
    if (!isUnnoticed || !left.wasKnown) this.#joined.set(key, { nickname, joinedAt, at: this.#changes });
  }

  leave(
    { nickname, key, userId }: Person,
    departure: { readonly cause: LeaveCause; readonly reason: string; readonly time: number },
  ): void {
    this.#changes += 1;
    const joined = this.#joined.get(key);
    this.#joined.delete(key);
    if (joined !== undefined && joined.at > this.#listed) return;
    const { cause, reason, time } = departure;
    this.#left.set(key, {
      entry: { nickname, cause, reason, time },
      userId,
      at: this.#changes,
      wasKnown: joined === undefined,
    });
  }

  /** What to tell the members, in as many messages as it takes; none when they know. */
  take(room: RoomName, members: number): ServerMessageOf<'presence'>[] {
    const left = Array.from(this.#left.values(), ({ entry }) => entry);
    const joined = Array.from(this.#joined.values(), ({ nickname, joinedAt }) => ({ nickname, joinedAt }));
    const isCountKnown =
      (this.#counted?.min ?? members) === members && (this.#counted?.max ?? members) === members;
    this.#left = new Map();
    this.#joined = new Map();
    this.#counted = undefined;
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
    // Everybody who went is back, and one of them was told a number in between.
    if (messages.length === 0 && !isCountKnown)
      messages.push({ type: 'presence', room, members, left: [], joined: [] });
    return messages;
  }
}
