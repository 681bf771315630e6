import type { Nickname } from '@parley/protocol';
import type { AccountChange, StoredBan } from '../../accounts/account-store.ts';
import type { HandlerContext } from '../handlers/handler.ts';
import type { Room } from '../rooms/room.ts';
import { leaveRoom } from '../rooms/room-membership.ts';
import type { Session } from '../sessions/session.ts';
import { endSession } from '../sessions/session-end.ts';
import { untilWords } from './expiry.ts';

/** Words and bounds of something that is done to somebody. */
export interface Sanction {
  readonly by: Nickname;
  /** Fit to be shown. */
  readonly reason: string;
  readonly isBanned: boolean;
  /** Wall-clock time at which it ends. */
  readonly until: number | undefined;
}

/** Takes sessions out of a room, or ends them where there is no room. */
// CHAT-MODERATE-2
export function sendAway(
  { state, effects, now }: HandlerContext,
  sessions: readonly Session[],
  room: Room | undefined,
  sanction: Sanction,
): void {
  const { by, reason, isBanned, until } = sanction;
  for (const session of sessions) {
    if (room === undefined) {
      const message = `${isBanned ? 'banned' : 'sent away'} by ${by}${isBanned ? ` ${untilWords(until)}` : ''}${
        reason === '' ? '' : `: ${reason}`
      }`;
      const goodbye = { code: isBanned ? 'banned' : 'kicked', message } as const;
      endSession(state, effects, session, { cause: 'removed', reason, goodbye }, now);
    } else if (room.has(session)) {
      leaveRoom(state, session, room, now, { cause: 'removed', reason });
      const { connectionId } = session;
      const flag = isBanned ? 1 : 0;
      effects.send(connectionId, { type: 'removed', room: room.name, by, reason, isBanned: flag, until });
    }
  }
}

/** What makes room for one more of a kind at a place: those that are over go. `undefined` when there are too many. */
export function makePlace<Item>(
  items: readonly Item[],
  options: {
    readonly countMax: number;
    /** Those that are being kept, and are no items yet. */
    readonly underWay: number;
    readonly isOver: (item: Item) => boolean;
    readonly remove: (item: Item) => AccountChange;
  },
): readonly AccountChange[] | undefined {
  const free = options.countMax - options.underWay - items.length;
  if (free > 0) return [];
  const over = items.filter(options.isOver);
  return free + over.length > 0 ? over.map(options.remove) : undefined;
}

/** A ban in words, for who is kept out of a room by it, or of the server. */
export function banWords({ reason, until }: StoredBan, room?: string): string {
  const where = room === undefined ? 'in' : `into ${room}`;
  return `you may not come ${where}, ${untilWords(until)}${reason === '' ? '' : `: ${reason}`}`;
}
