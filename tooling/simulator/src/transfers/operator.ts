import { createHash } from 'node:crypto';
import {
  type ClientMessage,
  type LoginToken,
  type Nickname,
  PROTOCOL_VERSION,
  USER_SECRET_BYTES,
  type UserSecret,
} from '@parley/protocol';
import type { AccountChange } from '@parley/server-core/pure';

/** What somebody in charge does to a user, in the whole server. */
export type Decision = 'kick' | 'ban' | 'mute' | 'unban' | 'unmute';

const nickname = 'operator' as Nickname;
const token = new Uint8Array(32).fill(7) as LoginToken;

type UserId = Extract<AccountChange, { type: 'put-account' }>['account']['userId'];
const userId = 'the operator' as UserId;

/** An account of who is in charge, which a program comes in by. */
export function operatorAccount(): AccountChange[] {
  const password = {
    algorithm: 'scrypt',
    cost: 2,
    blockSize: 1,
    parallelization: 1,
    salt: '',
    hash: '',
  } as const;
  const value = createHash('sha256').update(token).digest('hex');
  return [
    { type: 'put-account', account: { userId, nickname, createdAt: 0, password } },
    { type: 'put-credential', credential: { userId, kind: 'token', name: 'program', value, createdAt: 0 } },
    { type: 'put-role', role: { roomKey: undefined, userId, nickname, role: 'operator' } },
  ];
}

/** What the operator's program says on a connection of its own, the one with that number. */
export function wordsOfOperator(action: Decision, target: string, connection: number): ClientMessage[] {
  // Another device each time: two at once do not take each other's place.
  const secret = new Uint8Array(USER_SECRET_BYTES) as UserSecret;
  new DataView(secret.buffer).setUint32(0, connection);
  const version = { versionMin: PROTOCOL_VERSION, versionMax: PROTOCOL_VERSION };
  return [
    { type: 'hello', ...version, agent: 'operator/1' },
    { type: 'login-token', requestId: 1, secret, token },
    moderation(action, target, 2),
  ];
}

export function moderation(action: Decision, target: string, requestId: number): ClientMessage {
  return { type: 'moderate', requestId, action, room: undefined, target, durationMs: undefined, reason: '' };
}
