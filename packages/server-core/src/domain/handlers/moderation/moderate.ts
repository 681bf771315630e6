import {
  type ClientMessageOf,
  type Nickname,
  nicknameKey,
  parseNickname,
  REASON_BYTES_MAX,
} from '@parley/protocol';
import type { StoredBan } from '../../../accounts/account-store.ts';
import { formatAddressRange, parseAddressRange } from '../../accounts/address-range.ts';
import { decree } from '../../accounts/decree.ts';
import { isOver } from '../../accounts/expiry.ts';
import { findTarget, isAboveTarget, type Target } from '../../accounts/find-target.ts';
import { makePlace, sendAway } from '../../accounts/sanctions.ts';
import { MUTED, mayDo } from '../../accounts/standing.ts';
import { SANCTION_MS_MAX } from '../../limits.ts';
import type { Room } from '../../rooms/room.ts';
import type { Membership, Session } from '../../sessions/session.ts';
import { toShownText } from '../../shown-text.ts';
import { endSending } from '../../transfers/withdrawn-rights.ts';
import type { HandlerContext, MemberHandler } from '../handler.ts';
import { findPlace } from '../rooms/find-room.ts';

type Message = ClientMessageOf<'moderate'>;

/** One request to do something to somebody, by who may. */
interface Case {
  readonly context: HandlerContext;
  readonly message: Message;
  readonly by: Membership;
  readonly room: Room | undefined;
  readonly reason: string;
  readonly until: number | undefined;
}

/** Does something to somebody, in a room or in the whole server. */
// CHAT-MODERATE-1
export const handleModerate: MemberHandler<'moderate'> = (context, message, by) => {
  const { state, now } = context;
  const { requestId, action, durationMs } = message;
  const place = findPlace(context, message);
  if (place === undefined || !mayDo(context, requestId, by, action, place.room)) return;
  const until =
    durationMs === undefined ? undefined : state.timeAt(now) + Math.min(durationMs, SANCTION_MS_MAX);
  const reason = toShownText(message.reason, REASON_BYTES_MAX);
  const one: Case = { context, message, by, room: place.room, reason, until };
  if (action === 'unban') {
    unban(one);
    return;
  }
  // CHAT-MODERATE-5
  const range = parseAddressRange(message.target);
  if (action === 'ban' && place.room === undefined && /[.:/]/.test(message.target)) {
    if (range.ok) banNetwork(one, formatAddressRange(range.value));
    else
      context.effects.refuse(context.session, requestId, { code: 'target-invalid', message: range.problem });
    return;
  }
  const target = findTarget(context, requestId, message.target);
  if (target === undefined || !isAboveTarget(context, requestId, by.userId, target, place.room)) return;
  if (action === 'kick') kick(one, target);
  else if (action === 'ban') banUser(one, target);
  else mute(one, target, action === 'mute');
};

// CHAT-MODERATE-2
function kick({ context, message, by, room, reason }: Case, target: Target): void {
  const { requestId, action } = message;
  const { userId, nickname } = target;
  const isMember = room !== undefined && context.state.accounts.roleOf(userId, room.key) === 'member';
  // CHAT-ENTRY-1
  const changes = isMember ? [{ type: 'remove-role', roomKey: room.key, userId } as const] : [];
  decree(context, { requestId, by, action, room, target: nickname, detail: reason, changes }, (later) => {
    const sanction = { by: by.nickname, reason, isBanned: false, until: undefined };
    sendAway(later, later.state.sessions.sessionsOf(userId), room, sanction);
    return undefined;
  });
}

// CHAT-MODERATE-3
function mute({ context, message, by, room, reason, until }: Case, target: Target, isMuted: boolean): void {
  const { state, now } = context;
  const { requestId, action } = message;
  const { userId, nickname } = target;
  const roomKey = room?.key;
  const time = state.timeAt(now);
  const others = state.accounts.mutesAt(roomKey).filter((one) => one.userId !== userId);
  const place = makePlace(others, {
    countMax: state.limits.rolesPerPlaceMax,
    underWay: state.additionsUnderWay.countOf({ type: 'put-mute', roomKey }),
    isOver: (one) => isOver(one, time),
    remove: (one) => ({ type: 'remove-mute', roomKey, userId: one.userId }),
  });
  if (isMuted && place === undefined) {
    refuseFull(context, requestId);
    return;
  }
  const put = {
    type: 'put-mute',
    mute: { roomKey, userId, nickname, by: by.nickname, reason, until },
  } as const;
  const changes = isMuted ? [...(place ?? []), put] : [{ type: 'remove-mute', roomKey, userId } as const];
  decree(context, { requestId, by, action, room, target: nickname, detail: reason, changes }, (later) => {
    const told = { type: 'muted', room: room?.name, by: by.nickname, reason, until } as const;
    for (const { connectionId } of later.state.sessions.sessionsOf(userId)) {
      later.effects.send(connectionId, { ...told, isMuted: isMuted ? 1 : 0 });
    }
    // Conversations have no moderators: who may not write there is muted everywhere.
    if (isMuted && room === undefined) endSending(later.state, later.effects, userId, MUTED);
    return undefined;
  });
}

// CHAT-MODERATE-4
function banUser(one: Case, target: Target): void {
  const { userId, nickname, hasAccount, sessions } = target;
  const addresses = new Set(sessions.flatMap(({ address }) => (address === undefined ? [] : [address])));
  const ranges = hasAccount ? [] : [...addresses];
  const kind = hasAccount ? 'account' : 'guest';
  ban(one, { kind, userId, ranges, target: nickname }, (later) => later.state.sessions.sessionsOf(userId));
}

// CHAT-MODERATE-5
function banNetwork(one: Case, network: string): void {
  ban(one, { kind: 'network', userId: undefined, ranges: [network], target: network }, (later) => {
    const { state, now } = later;
    const time = state.timeAt(now);
    const hit = (session: Session) => state.accounts.bans.networkBanOf(session.address, time) !== undefined;
    return [...state.sessions.all()].filter(hit);
  });
}

function ban(
  { context, message, by, room, reason, until }: Case,
  whom: Pick<StoredBan, 'kind' | 'userId' | 'ranges' | 'target'>,
  whoGoes: (later: HandlerContext) => readonly Session[],
): void {
  const { state, now } = context;
  const { requestId, action } = message;
  const { bans } = state.accounts;
  const time = state.timeAt(now);
  const place = makePlace(bans.at(room?.key), {
    countMax: state.limits.rolesPerPlaceMax,
    underWay: state.additionsUnderWay.countOf({ type: 'put-ban', roomKey: room?.key }),
    isOver: (known) => isOver(known, time),
    remove: ({ banId }) => ({ type: 'remove-ban', banId }),
  });
  if (place === undefined) {
    refuseFull(context, requestId);
    return;
  }
  const banId = bans.nextBanId();
  const stored = { ...whom, banId, roomKey: room?.key, by: by.nickname, reason, time, until };
  const changes = [...place, { type: 'put-ban', ban: stored } as const];
  decree(context, { requestId, by, action, room, target: whom.target, detail: reason, changes }, (later) => {
    sendAway(later, whoGoes(later), room, { by: by.nickname, reason, isBanned: true, until });
    return undefined;
  });
}

// CHAT-MODERATE-6
function unban({ context, message, by, room, reason }: Case): void {
  const { state, effects, session } = context;
  const { requestId, action } = message;
  const typed = message.target.trim();
  const found = bansMeantBy(typed, state.accounts.bans.at(room?.key));
  if (found.length === 0) {
    effects.refuse(session, requestId, { code: 'ban-not-found', message: 'there is no such ban here' });
    return;
  }
  const changes = found.map(({ banId }) => ({ type: 'remove-ban', banId }) as const);
  const target = found[0]?.target ?? typed;
  decree(context, { requestId, by, action, room, target, detail: reason, changes }, () => undefined);
}

/** Those of who, or what, has that name; else the one of that number. */
function bansMeantBy(typed: string, bans: readonly StoredBan[]): readonly StoredBan[] {
  const network = networkIn(typed);
  const nickname = parseNickname(typed);
  const key = nickname.ok ? nicknameKey(nickname.value) : undefined;
  const named = bans.filter(({ kind, target }) => {
    return kind === 'network'
      ? network !== undefined && networkIn(target) === network
      : nicknameKey(target as Nickname) === key;
  });
  if (named.length > 0) return named;
  const number = typed.replace(/^#/, '');
  return bans.filter(({ banId }) => number === `${banId}`);
}

/** The network that a text names, as one text for each. */
function networkIn(text: string): string | undefined {
  const range = parseAddressRange(text);
  return range.ok ? formatAddressRange(range.value) : undefined;
}

function refuseFull({ effects, session }: HandlerContext, requestId: number): void {
  const message = 'there are as many of these as there may be: take some back first';
  effects.refuse(session, requestId, { code: 'limit-reached', message });
}
