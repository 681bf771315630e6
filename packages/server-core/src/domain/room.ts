import type { RoomName } from '@parley/protocol';
import { invariant } from './errors.ts';
import type { ConnectionId } from './events.ts';
import { RoomLog } from './room-log.ts';
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

/** Some people and the log of what they said. */
export class Room {
  readonly name: RoomName;
  readonly log: RoomLog;
  readonly #members = new Map<Session, Member>();
  #recipients: readonly ConnectionId[] | undefined;
  #lastRank = 0;

  constructor(options: {
    readonly name: RoomName;
    readonly epoch: number;
    readonly historyMessagesMax: number;
  }) {
    this.name = options.name;
    const { epoch, historyMessagesMax: entriesMax } = options;
    this.log = new RoomLog({ room: options.name, epoch, entriesMax });
  }

  get memberCount(): number {
    return this.#members.size;
  }

  /** Connections of all members. The list never changes; a change of membership makes another one. */
  get recipients(): readonly ConnectionId[] {
    this.#recipients ??= Array.from(this.#members.keys(), (session) => session.connectionId);
    return this.#recipients;
  }

  join(session: Session, joinedAt: number): void {
    invariant(!this.#members.has(session), 'a member joins once');
    this.#lastRank += 1;
    this.#members.set(session, { session, joinedAt, rank: this.#lastRank });
    this.#recipients = undefined;
  }

  leave(session: Session): void {
    this.#members.delete(session);
    this.#recipients = undefined;
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
