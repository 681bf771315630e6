import type { LeaveCause, Nickname, RoomKind, RoomName } from '@parley/protocol';
import type { StoredRoom, UserId } from '../history/history-store.ts';
import type { Deadlined } from './deadline-queue.ts';
import { invariant } from './errors.ts';
import type { ConnectionId } from './events.ts';
import { Presence } from './presence.ts';
import type { Session } from './session.ts';

/** Somebody in a room. */
export interface Member {
  readonly session: Session;
  /** Wall-clock time, milliseconds since 1970. */
  readonly joinedAt: number;
  /** Rank by time of joining: 1, 2, 3 … never used twice in this room. */
  readonly rank: number;
}

/** A page of members. */
export interface MemberPage {
  readonly members: readonly Member[];
  /** Rank after which the next page begins; `undefined` on the last one. */
  readonly nextAfterRank: number | undefined;
}

/** One of the two of a conversation. */
export interface Party {
  readonly userId: UserId;
  readonly nickname: Nickname;
}

/** Some people, and where the log of what they say stands. The log itself is in the store. */
export class Room implements Deadlined {
  readonly name: RoomName;
  readonly key: string;
  readonly kind: RoomKind;
  readonly epoch: number;
  /** Rank by time of creation: 1, 2, 3 … */
  readonly rank: number;
  /** The two of a conversation; empty for a public room. */
  parties: readonly Party[];
  topic: string;
  firstSequence: number;
  lastSequence: number;
  readonly presence = new Presence();
  /** When the last `presence` was sent, by the monotonic clock. */
  presenceAt = Number.NEGATIVE_INFINITY;
  deadline = 0;
  deadlineIndex = -1;
  readonly #members = new Map<Session, Member>();
  #recipients: readonly ConnectionId[] | undefined;
  #presenceRecipients: readonly ConnectionId[] | undefined;
  #lastRank = 0;

  constructor(stored: StoredRoom, rank: number) {
    this.name = stored.name;
    this.key = stored.key;
    this.kind = stored.kind;
    this.epoch = stored.epoch;
    this.rank = rank;
    this.parties = stored.users;
    this.topic = stored.topic;
    this.firstSequence = stored.firstSequence;
    this.lastSequence = stored.lastSequence;
  }

  get memberCount(): number {
    return this.#members.size;
  }

  /** Connections of all members who are sent what is said. The list never changes; a change among them makes another one. */
  // CHAT-BEHIND-2
  get recipients(): readonly ConnectionId[] {
    this.#recipients ??= connectionsOf(this.#members.keys(), ({ pace }) => pace !== 'behind');
    return this.#recipients;
  }

  /** Those who are told who comes and goes, in the same manner. */
  // CHAT-BEHIND-1
  get presenceRecipients(): readonly ConnectionId[] {
    this.#presenceRecipients ??= connectionsOf(this.#members.keys(), ({ pace }) => pace === 'live');
    return this.#presenceRecipients;
  }

  /** To be called when the pace of a member has changed. */
  refreshRecipients(): void {
    this.#recipients = undefined;
    this.#presenceRecipients = undefined;
  }

  has(session: Session): boolean {
    return this.#members.has(session);
  }

  /** Whether a user may come in, and know of the room at all. */
  admits(userId: UserId): boolean {
    return this.kind === 'public' || this.parties.some((party) => party.userId === userId);
  }

  /** The other one of a conversation (who may be the same). */
  peerOf(userId: UserId): Nickname | undefined {
    return (this.parties.find((party) => party.userId !== userId) ?? this.parties[0])?.nickname;
  }

  join(session: Session, joinedAt: number): void {
    invariant(!this.#members.has(session), 'a member joins once');
    invariant(session.membership !== undefined, 'a member has a nickname');
    this.#lastRank += 1;
    this.#members.set(session, { session, joinedAt, rank: this.#lastRank });
    this.refreshRecipients();
    this.presence.join(session.membership, joinedAt);
  }

  /** Without a departure nobody is told. */
  leave(
    session: Session,
    departure: { readonly cause: LeaveCause; readonly reason: string; readonly time: number } | undefined,
  ): void {
    if (!this.#members.delete(session)) return;
    this.refreshRecipients();
    if (departure !== undefined && session.membership !== undefined) {
      this.presence.leave(session.membership, departure);
    }
  }

  /** Up to `limit` members who joined after the one of rank `afterRank`, in the order of joining. */
  // CHAT-LIST-1
  page(afterRank: number, limit: number): MemberPage {
    const members: Member[] = [];
    for (const member of this.#members.values()) {
      if (member.rank <= afterRank) continue;
      if (members.length === limit) return { members, nextAfterRank: members.at(-1)?.rank };
      members.push(member);
    }
    return { members, nextAfterRank: undefined };
  }
}

function connectionsOf(sessions: Iterable<Session>, isMeant: (session: Session) => boolean): ConnectionId[] {
  const connectionIds: ConnectionId[] = [];
  for (const session of sessions) if (isMeant(session)) connectionIds.push(session.connectionId);
  return connectionIds;
}
