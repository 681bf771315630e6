import type { LeaveCause, Nickname, RoomKind, RoomName } from '@parley/protocol';
import type { StoredRoom, UserId } from '../../history/history-store.ts';
import type { Deadlined } from '../deadline-queue.ts';
import { invariant } from '../errors.ts';
import type { ConnectionId } from '../events.ts';
import type { Membership, Session } from '../sessions/session.ts';
import { ProgressLines } from '../transfers/progress-lines.ts';
import { Presence } from './presence.ts';

/** Somebody in a room, with however many devices. */
interface Member {
  readonly membership: Membership;
  readonly sessions: Set<Session>;
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
  readonly progress = new ProgressLines();
  /** When the last `presence` was sent, by the monotonic clock. */
  presenceAt = Number.NEGATIVE_INFINITY;
  /** In slow mode, when users wrote last, by the monotonic clock, the oldest first. */
  readonly wroteAt = new Map<UserId, number>();
  deadline = 0;
  deadlineIndex = -1;
  readonly #members = new Map<UserId, Member>();
  readonly #sessions = new Set<Session>();
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

  /** Users, not their devices. */
  get memberCount(): number {
    return this.#members.size;
  }

  get members(): readonly Membership[] {
    return Array.from(this.#members.values(), ({ membership }) => membership);
  }

  /** Connections of all members who are sent what is said. The list never changes; a change among them makes another one. */
  // CHAT-BEHIND-2
  get recipients(): readonly ConnectionId[] {
    this.#recipients ??= connectionsOf(this.#sessions, ({ pace }) => pace !== 'behind');
    return this.#recipients;
  }

  /** Those who are told who comes and goes, in the same manner. */
  // CHAT-BEHIND-1
  get presenceRecipients(): readonly ConnectionId[] {
    this.#presenceRecipients ??= connectionsOf(this.#sessions, ({ pace }) => pace === 'live');
    return this.#presenceRecipients;
  }

  /** Connections of all members, however slowly they read. */
  get connections(): readonly ConnectionId[] {
    return connectionsOf(this.#sessions, () => true);
  }

  /** To be called when the pace of a member has changed. */
  refreshRecipients(): void {
    this.#recipients = undefined;
    this.#presenceRecipients = undefined;
  }

  has(session: Session): boolean {
    return this.#sessions.has(session);
  }

  /** Whether a user may come in, and know of the room at all. */
  admits(userId: UserId): boolean {
    return this.kind === 'public' || this.parties.some((party) => party.userId === userId);
  }

  /** The other one of a conversation (who may be the same). */
  peerOf(userId: UserId): Nickname | undefined {
    return (this.parties.find((party) => party.userId !== userId) ?? this.parties[0])?.nickname;
  }

  /** The others are told of a user, not of each device. */
  // CHAT-DEVICE-2
  join(session: Session, joinedAt: number): void {
    const { membership } = session;
    invariant(!this.#sessions.has(session), 'a session joins once');
    invariant(membership !== undefined, 'a member has a nickname');
    this.#sessions.add(session);
    this.refreshRecipients();
    const known = this.#members.get(membership.userId);
    if (known !== undefined) {
      known.sessions.add(session);
      return;
    }
    this.#lastRank += 1;
    const rank = this.#lastRank;
    this.#members.set(membership.userId, { membership, sessions: new Set([session]), joinedAt, rank });
    this.presence.join(membership, joinedAt);
  }

  /** Without a departure nobody is told. */
  leave(
    session: Session,
    departure: { readonly cause: LeaveCause; readonly reason: string; readonly time: number } | undefined,
  ): void {
    const { membership } = session;
    if (membership === undefined || !this.#sessions.delete(session)) return;
    this.refreshRecipients();
    const member = this.#members.get(membership.userId);
    member?.sessions.delete(session);
    if (member !== undefined && member.sessions.size > 0) return;
    this.#members.delete(membership.userId);
    if (departure !== undefined) this.presence.leave(membership, departure);
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
