import { createHash } from 'node:crypto';
import type { ClientMessage, LoginToken, Nickname } from '@parley/protocol';
import type { AccountChange } from '@parley/server-core/pure';
import { passwordHash } from './identity.ts';
import type { Saying, Visit } from './visit.ts';

/** What somebody in charge does to a user, in the whole server; `close` and `open` let guests in no more, and again. */
export type Decision = 'kick' | 'ban' | 'mute' | 'unban' | 'unmute' | 'promote' | 'demote' | 'close' | 'open';

const NICKNAME = 'operator' as Nickname;
const token = new Uint8Array(32).fill(7) as LoginToken;

type UserId = Extract<AccountChange, { type: 'put-account' }>['account']['userId'];
const USER_ID = 'the operator' as UserId;

/** Until whoever was sent away is back. */
const UNMUTE_FOR_MS = 135_000;
const UNMUTE_EVERY_MS = 5_000;

/** An account of who is in charge, which a program comes in by. */
export function operatorAccount(): AccountChange[] {
  const value = createHash('sha256').update(token).digest('hex');
  return [
    {
      type: 'put-account',
      account: { userId: USER_ID, nickname: NICKNAME, createdAt: 0, password: passwordHash('none') },
    },
    {
      type: 'put-credential',
      credential: { userId: USER_ID, kind: 'token', name: 'program', value, createdAt: 0 },
    },
    { type: 'put-role', role: { roomKey: undefined, userId: USER_ID, nickname: NICKNAME, role: 'operator' } },
  ];
}

/** The operator comes, does something to a user, and goes. */
export function visitOfOperator(action: Decision, target: string): Visit {
  const stayMs = action === 'unmute' ? UNMUTE_FOR_MS : 100;
  const orders: Saying[] = [];
  // Nobody is unmuted who is not here: that is said again and again.
  for (let afterMs = 0; afterMs < stayMs; afterMs += UNMUTE_EVERY_MS)
    orders.push({ afterMs, message: orderTo(action, target, 2 + afterMs / UNMUTE_EVERY_MS) });
  return {
    sayings: (secret) => [
      { afterMs: 0, message: { type: 'login-token', requestId: 1, secret, token } },
      ...orders,
    ],
    stayMs,
  };
}

function orderTo(action: Decision, target: string, requestId: number): ClientMessage {
  switch (action) {
    case 'promote':
    case 'demote': {
      const role = action === 'promote' ? 'operator' : 'member';
      return { type: 'set-role', requestId, room: undefined, nickname: target, role };
    }
    case 'close':
    case 'open':
      return { type: 'set-emergency', requestId, level: action === 'close' ? 'registered' : 'off' };
    default:
      return {
        type: 'moderate',
        requestId,
        action,
        room: undefined,
        target,
        durationMs: undefined,
        reason: '',
      };
  }
}
