// Who may do what: the table of the specification, the table of the code, and what the server does, cell by cell.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PERMISSIONS, type RoomAction, type Standing } from '../../src/domain/accounts/permissions.ts';
import { messageId, type VirtualClient, VirtualServer } from '../support/virtual-server.ts';

const STANDINGS: readonly Standing[] = ['operator', 'owner', 'moderator', 'member', 'muted'];
const actions = Object.keys(PERMISSIONS) as RoomAction[];
const ROOM = 'den';

/** How each thing is asked for. `victim` is somebody with an account below everybody. */
const requests: { readonly [Action in RoomAction]: (client: VirtualClient) => void } = {
  say: (client) => client.sayIn(ROOM, 'hello'),
  edit: (client) => change(client, 'edit'),
  delete: (client) => change(client, 'delete'),
  'set-topic': (client) =>
    client.send({
      type: 'set-topic',
      requestId: 9,
      clientMessageId: messageId('t'),
      room: ROOM,
      topic: 'tea',
    }),
  'list-roles': (client) => client.send({ type: 'list-roles', requestId: 9, room: ROOM }),
  kick: (client) => client.moderate('kick', 'victim', ROOM),
  mute: (client) => client.moderate('mute', 'victim', ROOM),
  unmute: (client) => client.moderate('unmute', 'victim', ROOM),
  ban: (client) => client.moderate('ban', 'victim', ROOM),
  unban: (client) => client.moderate('unban', 'villain', ROOM),
  'list-bans': (client) =>
    client.send({ type: 'list-bans', requestId: 9, room: ROOM, cursor: undefined, limit: 0 }),
  'read-audit': (client) =>
    client.send({ type: 'read-audit', requestId: 9, room: ROOM, cursor: undefined, limit: 0 }),
  'invite-user': (client) =>
    client.send({ type: 'invite-user', requestId: 9, room: ROOM, nickname: 'victim' }),
  'set-role': (client) => client.setRole('victim', 'moderator', ROOM),
  'configure-room': (client) => client.configureRoom(ROOM, { slowModeMs: 1_000 }),
};

function change(client: VirtualClient, type: 'edit' | 'delete'): void {
  const base = { requestId: 9, clientMessageId: messageId(type), room: ROOM, sequence: 1 } as const;
  client.send(type === 'edit' ? { type, ...base, text: 'other' } : { type, ...base });
}

/** Somebody who is that in the room, and has said something there before. */
function inTheRoom(standing: Standing): { readonly server: VirtualServer; readonly actor: VirtualClient } {
  const server = new VirtualServer({ operatorCode: 'c0de' });
  const boss = server.owner('boss', { invite: 'c0de' });
  const actor = standing === 'operator' ? boss : server.owner('actor');
  for (const nickname of ['villain', 'victim']) server.owner(nickname);
  (standing === 'owner' ? actor : boss).createRoom(ROOM);
  actor.joinRoom(ROOM);
  actor.sayIn(ROOM, 'first');
  boss.moderate('ban', 'villain', ROOM);
  if (standing === 'moderator') boss.setRole('actor', 'moderator', ROOM);
  if (standing === 'muted') boss.moderate('mute', 'actor', ROOM);
  expect(boss.takeOnly('failed')).toEqual([]);
  actor.take();
  return { server, actor };
}

// CHAT-ROLE-2
test('the table of permissions is the one of the specification', () => {
  const specification = readFileSync(new URL('../../../../docs/spec/chat.md', import.meta.url), 'utf8');
  const rule = specification.slice(specification.indexOf('**CHAT-ROLE-2**'));
  const rows = rule
    .slice(0, rule.indexOf('**CHAT-ROLE-3**'))
    .split('\n')
    .filter((line) => line.startsWith('|'));
  const cell = (action: RoomAction, standing: Standing) =>
    PERMISSIONS[action].includes(standing) ? 'yes' : 'no';
  expect(rows).toEqual([
    `| | ${STANDINGS.join(' | ')} |`,
    '|---|---|---|---|---|---|',
    ...actions.map((action) => {
      const name = `\`${action}\``;
      return `| ${name} | ${STANDINGS.map((standing) => cell(action, standing)).join(' | ')} |`;
    }),
  ]);
});

// CHAT-ROLE-2, CHAT-ROLE-1
test.each(STANDINGS.flatMap((standing) => actions.map((action) => ({ standing, action }))))(
  '$standing, $action: as the table says',
  ({ standing, action }) => {
    const { actor } = inTheRoom(standing);
    requests[action](actor);
    const outcome = actor.outcome();
    if (PERMISSIONS[action].includes(standing)) {
      expect(outcome).toBe(
        {
          say: 'accepted',
          edit: 'accepted',
          delete: 'accepted',
          'set-topic': 'accepted',
          'list-roles': 'roles',
          'list-bans': 'bans',
          'read-audit': 'audit',
        }[action as string] ?? 'done',
      );
    } else {
      const isWriting = PERMISSIONS[action].includes('member');
      expect(outcome).toBe(standing === 'muted' && isWriting ? 'muted' : 'not-permitted');
    }
  },
);

// CHAT-ROLE-2
test.each(STANDINGS.flatMap((standing) => actions.slice(4).map((action) => ({ standing, action }))))(
  '$standing of a room, $action in the whole server: for operators alone',
  ({ standing, action }) => {
    const { actor } = inTheRoom(standing);
    const isRoomOnly = ['configure-room', 'invite-user'].includes(action);
    if (isRoomOnly) return;
    const list = { requestId: 9, room: undefined } as const;
    if (action === 'list-roles') actor.send({ type: 'list-roles', ...list });
    else if (action === 'list-bans') actor.send({ type: 'list-bans', ...list, cursor: undefined, limit: 0 });
    else if (action === 'read-audit')
      actor.send({ type: 'read-audit', ...list, cursor: undefined, limit: 0 });
    else if (action === 'set-role') {
      actor.send({ type: 'set-role', ...list, nickname: 'victim', role: 'operator' });
    } else {
      const target = action === 'unban' ? 'nobody' : 'victim';
      const kind = action as 'kick' | 'mute' | 'unmute' | 'ban' | 'unban';
      const rest = { durationMs: undefined, reason: '' };
      actor.send({ type: 'moderate', ...list, action: kind, target, ...rest });
    }
    const outcome = actor.outcome();
    if (standing !== 'operator') expect(outcome).toMatch(/^(not-permitted|muted)$/);
    else expect(outcome).not.toBe('not-permitted');
  },
);

// CHAT-ROLE-2
test.each(STANDINGS)('%s of a room: invite codes and emergencies are for operators alone', (standing) => {
  const { actor } = inTheRoom(standing);
  const outcomes = (
    [
      { type: 'create-invite', requestId: 9 },
      { type: 'set-emergency', requestId: 9, level: 'registered' },
    ] as const
  ).map((request) => {
    actor.send(request);
    return actor.outcome();
  });
  const refused = ['not-permitted', 'not-permitted'];
  expect(outcomes).toEqual(standing === 'operator' ? ['invite-code', 'done'] : refused);
});

// CHAT-ROLE-3
test.each(STANDINGS.flatMap((actor) => STANDINGS.map((target) => ({ actor, target }))))(
  'a $actor kicks a $target only from above',
  ({ actor: standing, target }) => {
    const ranks: Record<Standing, number> = { operator: 3, owner: 2, moderator: 1, member: 0, muted: 0 };
    const server = new VirtualServer({ operatorCode: 'c0de' });
    const boss = server.owner('boss', { invite: 'c0de' });
    boss.createRoom(ROOM);
    const people = { actor: server.owner('actor'), target: server.owner('target') };
    for (const [nickname, own] of [
      ['actor', standing],
      ['target', target],
    ] as const) {
      people[nickname].joinRoom(ROOM);
      if (own === 'operator') {
        boss.send({ type: 'set-role', requestId: 1, room: undefined, nickname, role: 'operator' });
      } else if (own === 'muted') boss.moderate('mute', nickname, ROOM);
      else boss.setRole(nickname, own, ROOM);
    }
    expect(boss.takeOnly('failed')).toEqual([]);
    people.actor.take();
    people.actor.moderate('kick', 'target', ROOM);
    const isAllowed = PERMISSIONS.kick.includes(standing) && ranks[standing] > ranks[target];
    expect(people.actor.outcome()).toBe(isAllowed ? 'done' : 'not-permitted');
    expect(people.target.takeOnly('removed')).toHaveLength(isAllowed ? 1 : 0);
  },
);
