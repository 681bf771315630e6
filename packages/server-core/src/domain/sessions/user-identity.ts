import type { RoomName, UserSecret } from '@parley/protocol';
import type { UserId } from '../../history/history-store.ts';
import { toHex } from '../hex.ts';
import type { DeviceId } from './session.ts';

type Hash = (bytes: Uint8Array) => Uint8Array;

const ID_DIGITS = 32;

/** Who has this secret. The secret cannot be found from it. */
// CHAT-REGISTER-4
export function userIdOf(secret: UserSecret, hash: Hash): UserId {
  return digits(hash(secret)) as UserId;
}

/** Which device has this secret. A guest has one device, which makes it the user. */
// CHAT-DEVICE-1
export function deviceIdOf(secret: UserSecret, hash: Hash): DeviceId {
  return digits(hash(secret)) as DeviceId;
}

/** The name of the conversation of two users, the same whoever opens it. */
// CHAT-ROOM-2
export function directRoomName(one: UserId, other: UserId, hash: Hash): RoomName {
  const both = one < other ? one + other : other + one;
  const bytes = Uint8Array.from(both, (character) => character.charCodeAt(0));
  return `@${digits(hash(bytes))}` as RoomName;
}

function digits(bytes: Uint8Array): string {
  return toHex(bytes).slice(0, ID_DIGITS);
}
