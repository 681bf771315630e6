import { ClientError, type ParleyClient } from '@parley/client-core';
import type { ArgumentDefinition } from '../commands/definition.ts';
import { parseDuration } from '../commands/duration.ts';
import type { ChatCommand, ChatContext } from './chat-context.ts';
import { here } from './here.ts';

type Action = Parameters<ParleyClient['moderation']['moderate']>[0];
type RoleName = Parameters<ParleyClient['moderation']['setRole']>[1];

/** Where a command holds: the room in front of the user, or the whole server. */
interface Scope {
  readonly prefix: string;
  readonly words: string;
  place(context: ChatContext): string | undefined;
}

const ROOM: Scope = { prefix: '', words: 'this room', place: ({ room }) => here(room()) };
const SERVER: Scope = { prefix: 'server-', words: 'the server', place: () => undefined };

const NICK: ArgumentDefinition = { name: 'nick', kind: 'nickname' };
const REASON: ArgumentDefinition = { name: 'reason', kind: 'text', isOptional: true };
const TIME: ArgumentDefinition = { name: 'time', kind: 'word', isOptional: true, keyword: 'for' };
const TIME_DETAIL = 'TIME is like 90s, 10m, 2h or 7d; without it, it is for good.';

/** What is done to somebody, as data: the argument list, the help, and what is said when it is done. */
const ACTIONS: readonly {
  readonly action: Action;
  readonly arguments: readonly ArgumentDefinition[];
  readonly summary: (place: string) => string;
  readonly details?: readonly string[];
  readonly done: string;
}[] = [
  {
    action: 'kick',
    arguments: [NICK, REASON],
    summary: (place) => `send somebody out of ${place}, who may come back`,
    done: 'is sent away',
  },
  {
    action: 'mute',
    arguments: [NICK, TIME, REASON],
    summary: (place) => `let somebody read and not write in ${place}`,
    details: [TIME_DETAIL],
    done: 'may read and not write',
  },
  {
    action: 'unmute',
    arguments: [NICK],
    summary: (place) => `let somebody write in ${place} again`,
    done: 'may write again',
  },
  {
    action: 'ban',
    arguments: [NICK, TIME, REASON],
    summary: (place) => `send somebody out of ${place}, and keep them out`,
    details: [
      TIME_DETAIL,
      'A guest is banned with the address, which hits all guests from there; who has an account is banned alone.',
    ],
    done: 'is banned',
  },
  {
    action: 'unban',
    arguments: [{ name: 'whom', kind: 'nickname' }],
    summary: (place) => `take a ban from ${place} back: a nickname, or its number`,
    done: 'is no longer banned',
  },
];

function moderationCommands(scope: Scope): ChatCommand[] {
  const { prefix, words } = scope;
  const actions = ACTIONS.map(({ action, summary, details = [], done, ...rest }): ChatCommand => {
    const more =
      scope === SERVER && action === 'ban' ? ['NICK may be an address or a network: 192.0.2.0/24'] : [];
    return {
      name: `${prefix}${action}`,
      arguments: rest.arguments,
      summary: summary(words),
      details: [...details, ...more],
      async run(context, { nick, whom, time, reason }) {
        const target = nick ?? whom ?? '';
        const durationMs = time === undefined ? undefined : duration(time);
        const place = scope.place(context);
        await context.client.moderation.moderate(action, target, place, { durationMs, reason });
        context.ui.show({
          type: 'notice',
          text: `${target} ${done}${place === undefined ? '' : ` in ${place}`}`,
        });
      },
    };
  });
  return [...actions, bansCommand(scope), roleCommand(scope), rolesCommand(scope), auditCommand(scope)];
}

function bansCommand(scope: Scope): ChatCommand {
  return {
    name: `${scope.prefix}bans`,
    arguments: [],
    summary: `show who is banned from ${scope.words}`,
    async run(context) {
      const bans = await context.client.moderation.bans(scope.place(context));
      const rows = bans.map(({ banId, target, by, reason, until }): readonly [string, string] => [
        `#${banId} ${target}`,
        `by ${by}, ${untilWords(until)}${reason === '' ? '' : `: ${reason}`}`,
      ]);
      const heading =
        rows.length === 0 ? `nobody is banned from ${scope.words}` : `banned from ${scope.words}`;
      context.ui.show({ type: 'help', heading, rows });
    },
  };
}

function roleCommand(scope: Scope): ChatCommand {
  const roles: readonly RoleName[] =
    scope === SERVER ? ['operator', 'member'] : ['owner', 'moderator', 'member'];
  return {
    name: `${scope.prefix}role`,
    arguments: [NICK, { name: 'role', kind: 'word' }],
    summary: `make somebody ${roles.join(' or ')} of ${scope.words}`,
    details: ['That is for users with an account. Nobody changes their own role.'],
    async run(context, { nick = '', role: wanted = '' }) {
      const role = roles.find((one) => one === wanted.toLowerCase());
      if (role === undefined) {
        throw new ClientError('not-permitted', `"${wanted}" is none of ${roles.join(', ')}`);
      }
      await context.client.moderation.setRole(nick, role, scope.place(context));
      context.ui.show({ type: 'notice', text: `${nick} is ${role} of ${scope.words}` });
    },
  };
}

function rolesCommand(scope: Scope): ChatCommand {
  return {
    name: `${scope.prefix}roles`,
    arguments: [],
    summary: `show who has which role in ${scope.words}`,
    async run(context) {
      const place = scope.place(context);
      const { entry, slowModeMs, roles } = await context.client.moderation.roles(place);
      const rows = roles.map(({ nickname, role, until }): readonly [string, string] => [
        nickname,
        role === 'muted' ? `muted ${untilWords(until)}` : role,
      ]);
      const slow = slowModeMs === 0 ? '' : `, one message in ${slowModeMs / 1_000} s`;
      const kept =
        place === undefined ? '' : ` (${entry === 'open' ? 'open to all' : 'for the invited'}${slow})`;
      context.ui.show({ type: 'help', heading: `roles in ${place ?? scope.words}${kept}`, rows });
    },
  };
}

function auditCommand(scope: Scope): ChatCommand {
  return {
    name: `${scope.prefix}audit`,
    arguments: [{ name: 'before', kind: 'message', isOptional: true }],
    summary: `show what those in charge of ${scope.words} have decided, the newest or those before number BEFORE`,
    async run(context, { before }) {
      const place = scope.place(context);
      const { entries, nextCursor } = await context.client.moderation.audit(place, before);
      const rows = entries.map(({ time, by, action, room, target, detail }): readonly [string, string] => {
        const where = place === undefined && room !== undefined ? ` in ${room}` : '';
        const what = `${by}: ${action} ${target}${where}${detail === '' ? '' : ` (${detail})`}`;
        return [minute(time), what];
      });
      const more = nextCursor === undefined ? '' : `; older ones: /${scope.prefix}audit ${nextCursor}`;
      const heading = rows.length === 0 ? 'nothing was decided' : `decided in ${place ?? scope.words}${more}`;
      context.ui.show({ type: 'help', heading, rows });
    },
  };
}

const emergency: ChatCommand = {
  name: 'emergency',
  arguments: [{ name: 'level', kind: 'word' }],
  summary: 'have the server take no guests (registered), nobody new (closed), or all again (off)',
  details: [
    'Guests who are here are sent away. It holds until it is off, also when the server is started anew.',
  ],
  async run({ client, ui }, { level: wanted = '' }) {
    const level = (['off', 'registered', 'closed'] as const).find((one) => one === wanted.toLowerCase());
    if (level === undefined) {
      throw new ClientError('not-permitted', `"${wanted}" is none of off, registered, closed`);
    }
    await client.moderation.setEmergency(level);
    const words = { off: 'as before', registered: 'no guests now', closed: 'nobody new now' };
    ui.show({ type: 'notice', text: `the server takes ${words[level]}` });
  },
};

const slow: ChatCommand = {
  name: 'slow',
  arguments: [{ name: 'time', kind: 'word' }],
  summary: 'let each user write here once in TIME only, such as 10s; off ends it',
  async run({ client, ui, room }, { time = '' }) {
    const place = here(room());
    const slowModeMs = time === 'off' ? 0 : duration(time);
    await client.moderation.configureRoom(place, { slowModeMs });
    const text = slowModeMs === 0 ? `no slow mode in ${place}` : `one message in ${time} in ${place}`;
    ui.show({ type: 'notice', text });
  },
};

const entry: ChatCommand = {
  name: 'entry',
  arguments: [{ name: 'whom', kind: 'word' }],
  summary: 'say who may come into this room: open (everybody) or invited',
  async run({ client, ui, room }, { whom = '' }) {
    const wanted = (['open', 'invited'] as const).find((one) => one === whom.toLowerCase());
    if (wanted === undefined) throw new ClientError('not-permitted', `"${whom}" is none of open, invited`);
    const place = here(room());
    await client.moderation.configureRoom(place, { entry: wanted });
    const text = wanted === 'open' ? `${place} is open to all` : `${place} is for those who were invited`;
    ui.show({ type: 'notice', text });
  },
};

const invite: ChatCommand = {
  name: 'invite',
  arguments: [NICK],
  summary: 'let somebody into this room, if it is for those who were invited',
  async run({ client, ui, room }, { nick = '' }) {
    const place = here(room());
    await client.moderation.invite(nick, place);
    ui.show({ type: 'notice', text: `${nick} may come into ${place}` });
  },
};

const inviteCode: ChatCommand = {
  name: 'invite-code',
  arguments: [],
  summary: 'make a code with which somebody may register, once',
  async run({ client, ui }) {
    const { code, expiresAt } = await client.moderation.createInvite();
    ui.show({ type: 'notice', text: `/register ${code} works once, ${untilWords(expiresAt)}` });
  },
};

/** The commands for those in charge of a room. */
export const MODERATION_COMMANDS: readonly ChatCommand[] = [...moderationCommands(ROOM), slow, entry, invite];

/** The commands for those in charge of the server. */
export const SERVER_COMMANDS: readonly ChatCommand[] = [...moderationCommands(SERVER), inviteCode, emergency];

/** The end of something in words. */
export function untilWords(until: number | undefined): string {
  if (until === undefined) return 'for good';
  return `until ${minute(until)}`;
}

function minute(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function duration(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) {
    throw new ClientError('text-invalid', `"${text}" is no time; expected one like 90s, 10m, 2h or 7d`);
  }
  return milliseconds;
}
