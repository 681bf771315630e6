import type { Role } from '../../accounts/account-store.ts';

/** What somebody is in a room at this moment. */
export type Standing = 'operator' | 'owner' | 'moderator' | 'member' | 'muted';

/** What can be done in a room and is not for everybody. */
export type RoomAction =
  | 'say'
  | 'edit'
  | 'delete'
  | 'set-topic'
  | 'list-roles'
  | 'kick'
  | 'mute'
  | 'unmute'
  | 'ban'
  | 'unban'
  | 'list-bans'
  | 'read-audit'
  | 'invite-user'
  | 'set-role'
  | 'configure-room';

const WRITERS: readonly Standing[] = ['operator', 'owner', 'moderator', 'member'];
const EVERYBODY: readonly Standing[] = [...WRITERS, 'muted'];
const KEEPERS: readonly Standing[] = ['operator', 'owner', 'moderator'];
const OWNERS: readonly Standing[] = ['operator', 'owner'];

/** Who may do what in a room. In the whole server everything here is for operators. */
// CHAT-ROLE-2
export const PERMISSIONS: { readonly [Action in RoomAction]: readonly Standing[] } = {
  say: WRITERS,
  edit: WRITERS,
  delete: EVERYBODY,
  'set-topic': WRITERS,
  'list-roles': EVERYBODY,
  kick: KEEPERS,
  mute: KEEPERS,
  unmute: KEEPERS,
  ban: KEEPERS,
  unban: KEEPERS,
  'list-bans': KEEPERS,
  'read-audit': KEEPERS,
  'invite-user': KEEPERS,
  'set-role': OWNERS,
  'configure-room': OWNERS,
};

const RANKS: { readonly [One in Standing]: number } = {
  operator: 3,
  owner: 2,
  moderator: 1,
  member: 0,
  muted: 0,
};

/** Whether somebody may do something to somebody else: only to those who stand below. */
// CHAT-ROLE-3
export function isAbove(actor: Standing, target: Standing): boolean {
  return RANKS[actor] > RANKS[target];
}

/** Whether somebody may give a role: none above their own. */
// CHAT-ROLE-3
export function mayGive(actor: Standing, role: Role): boolean {
  return RANKS[actor] >= RANKS[role];
}
