import type { ClientCommand } from '@parley/client-core';
import type { Random } from '@parley/netsim';

/** What somebody who does something can refer to. */
export interface Surroundings {
  /** Where the user is. */
  readonly rooms: readonly string[];
  readonly others: readonly string[];
  /** Of the account, if there is one and some in this run are deleted. */
  readonly password: string | undefined;
  /** Own messages. */
  readonly said: readonly { readonly room: string; readonly sequence: number }[];
  readonly longTexts: boolean;
  /** Whether they moderate, as far as they may. */
  readonly isModerated: boolean;
}

/** What people do with rooms, messages and each other: how they come in is up to their entrance, files have tests of their own. */
const WEIGHTS = {
  say: 50,
  direct: 10,
  edit: 6,
  delete: 3,
  join: 6,
  'create-room': 3,
  'leave-room': 3,
  'set-topic': 3,
  'read-history': 4,
  search: 3,
  'mark-read': 4,
  'list-users': 2,
  'list-rooms': 2,
  leave: 0.3,
  'list-files': 0.5,
  moderate: 4,
  'configure-room': 0.5,
  'set-role': 4,
  'delete-account': 0.5,
} as const satisfies Partial<Record<ClientCommand['type'], number>>;

const types = Object.keys(WEIGHTS) as (keyof typeof WEIGHTS)[];
const weightSum = types.reduce((sum, type) => sum + WEIGHTS[type], 0);
/** With two names that mean the same room. */
const ROOM_NAMES = ['one', 'two', 'Two', 'three', 'four', 'lobby'];

/** Draws what a user does next; nothing when that needs what is not there. */
export function drawAction(
  random: Random,
  { rooms, others, password, said, longTexts, isModerated }: Surroundings,
  newText: () => string,
): ClientCommand | undefined {
  const text = () =>
    newText() + (longTexts && random.chance(0.3) ? 'x'.repeat(random.integer(1, 4_000)) : '');
  const room = rooms.length === 0 ? 'lobby' : random.pick(rooms);
  const type = drawType(random);
  switch (type) {
    case 'say':
      return { type, text: text(), room };
    case 'direct':
      return { type, nickname: random.pick(others), text: text() };
    case 'edit':
      return said.length === 0 ? undefined : { type, ...random.pick(said), text: text() };
    case 'delete':
      return said.length === 0 ? undefined : { type, ...random.pick(said) };
    case 'join':
      return { type, room: random.pick(ROOM_NAMES) };
    case 'create-room':
      return { type, room: random.pick(ROOM_NAMES), topic: '' };
    case 'set-topic':
      return { type, room, topic: newText() };
    case 'leave-room':
      return { type, room, reason: '' };
    case 'list-users':
      return { type, room };
    case 'read-history':
      return {
        type,
        room,
        direction: 'before',
        sequence: random.chance(0.5) ? undefined : random.integer(1, 50),
      };
    case 'search':
      return { type, query: random.pick(['u0', 'from:user1', 'in:lobby u1', 'has:file', '"']) };
    case 'mark-read':
      return { type, room, sequence: random.integer(0, 50) };
    case 'moderate':
      return isModerated ? drawModeration(random, room, others) : undefined;
    case 'configure-room':
      return isModerated
        ? { type, room, entry: undefined, slowModeMs: random.pick([0, 0, 500, 3_000]) }
        : undefined;
    case 'set-role':
      return isModerated
        ? {
            type,
            nickname: random.pick(others),
            role: random.pick(['operator', 'owner', 'moderator', 'member']),
            room: random.chance(0.7) ? room : undefined,
          }
        : undefined;
    case 'delete-account':
      return password === undefined ? undefined : { type, password };
    case 'leave':
      return { type, reason: 'enough' };
    case 'list-rooms':
    case 'list-files':
      return { type };
  }
}

/** Of the shortest, so that all of it is over when the faults are. */
const SANCTION_MS_MAX = 20_000;

function drawModeration(random: Random, room: string, others: readonly string[]): ClientCommand {
  return {
    type: 'moderate',
    action: random.pick(['kick', 'mute', 'unmute', 'ban', 'unban']),
    room: random.chance(0.5) ? room : undefined,
    target: random.pick(others),
    durationMs: random.integer(1, SANCTION_MS_MAX),
    reason: random.pick(['', 'enough']),
  };
}

function drawType(random: Random): keyof typeof WEIGHTS {
  let left = random.ratio() * weightSum;
  for (const type of types) {
    left -= WEIGHTS[type];
    if (left < 0) return type;
  }
  return 'say';
}
