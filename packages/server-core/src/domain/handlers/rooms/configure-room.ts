import type { AccountChange } from '../../../accounts/account-store.ts';
import { decree } from '../../accounts/decree.ts';
import { hasPlaceForRoles } from '../../accounts/role-limit.ts';
import { mayDo } from '../../accounts/standing.ts';
import { SLOW_MODE_MS_MAX } from '../../limits.ts';
import type { MemberHandler } from '../handler.ts';
import { findPublicRoom } from './find-room.ts';

/** Says who may come into a room, and how fast one may write there. */
// CHAT-ENTRY-1, CHAT-SLOW-2
export const handleConfigureRoom: MemberHandler<'configure-room'> = (context, message, by) => {
  const { state, effects, session } = context;
  const { requestId } = message;
  const room = findPublicRoom(context, message);
  if (room === undefined || !mayDo(context, requestId, by, 'configure-room', room)) return;
  const old = state.accounts.settingsOf(room.key);
  const entry = message.entry ?? old.entry;
  const slowModeMs = message.slowModeMs ?? old.slowModeMs;
  const problem =
    entry === 'unknown'
      ? 'a room is open, or for those who were invited'
      : entry === 'invited' && room === state.rooms.lobby
        ? 'everybody begins in the lobby: it stays open'
        : slowModeMs > SLOW_MODE_MS_MAX
          ? `slow mode lasts at most ${SLOW_MODE_MS_MAX / 60_000} minutes`
          : undefined;
  if (problem !== undefined || entry === 'unknown') {
    effects.refuse(session, requestId, { code: 'not-permitted', message: problem ?? '' });
    return;
  }
  const guests =
    entry === 'invited'
      ? room.members.filter(({ userId }) => state.accounts.roleOf(userId, room.key) === undefined)
      : [];
  const roomKey = room.key;
  const changes: AccountChange[] = [
    { type: 'put-room-settings', settings: { roomKey, entry, slowModeMs } },
    ...guests.map(({ userId, nickname }): AccountChange => {
      return { type: 'put-role', role: { roomKey, userId, nickname, role: 'member' } };
    }),
  ];
  if (!hasPlaceForRoles(context, requestId, room, changes)) return;
  const detail = `${entry}, ${slowModeMs / 1_000} s between messages`;
  decree(
    context,
    { requestId, by, action: 'configure-room', room, target: room.name, detail, changes },
    () => undefined,
  );
};
