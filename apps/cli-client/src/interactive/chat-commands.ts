import { ClientError, isTransferOver, type ParleyClient, type Transfer } from '@parley/client-core';
import { commandUsage } from '../commands/definition.ts';
import { findCommand } from '../commands/parse-command.ts';
import { quoted } from '../commands/tokens.ts';
import { expandHome } from '../text/expand-home.ts';
import type { ManualSection } from '../view/entry.ts';
import { counted } from '../view/format.ts';
import { NOTIFY_RULES } from '../workspace/notifier.ts';
import { SCREEN_HELP } from '../workspace/screen-keys.ts';
import { ACCOUNT_COMMANDS } from './account-commands.ts';
import { fileOfMessage } from './announced-file.ts';
import type { ChatCommand } from './chat-context.ts';
import { files } from './file-list.ts';
import { MODERATION_COMMANDS, SERVER_COMMANDS } from './moderation-commands.ts';
import { QUEUE_COMMANDS } from './queue-commands.ts';
import { rolesIn } from './role-book.ts';
import { LOG_COMMANDS, ROOM_COMMANDS } from './room-commands.ts';
import { SEND_COMMANDS } from './send-commands.ts';
import { transferNumber } from './transfer-number.ts';

const message: ChatCommand = {
  name: 'msg',
  aliases: ['m', 'w'],
  arguments: [
    { name: 'nick', kind: 'nickname' },
    { name: 'text', kind: 'text' },
  ],
  summary: 'say something to one user only',
  async run({ client }, { nick = '', text = '' }) {
    await client.direct(nick, text);
  },
};

const users: ChatCommand = {
  name: 'users',
  aliases: ['who', 'names'],
  arguments: [],
  summary: 'show who is here, and who is in charge',
  async run({ client, ui, room }) {
    const name = room();
    const isDirect = name !== undefined && client.room(name)?.isDirect;
    const asked = name === undefined || isDirect ? undefined : rolesIn(client, name);
    const [list, roles] = await Promise.all([client.users(name), asked]);
    const users = list.map((user) => ({ ...user, role: roles?.get(user.nickname.toLowerCase()) }));
    ui.show({ type: 'users', users });
  },
};

const get: ChatCommand = {
  name: 'get',
  aliases: ['download'],
  arguments: [
    { name: 'name', kind: 'file' },
    { name: 'path', kind: 'path', isOptional: true, keyword: 'to' },
  ],
  summary: 'download a file into this folder, or to PATH; with a slash behind NAME, a folder',
  details: [
    'NAME is that of a file, as /files shows it, or the number of a message of this room that names a file.',
    'A folder comes with all that is in it; /get NAME/ again goes on with the files that are missing. PATH is its new name, or with a slash behind it where it goes into.',
    'PATH may be a folder or the name of the new file. Nothing that exists is ever overwritten.',
    'A name with spaces is written in quotes: /get "my file.txt" to "my folder"',
  ],
  async run({ client, ui, room }, { name: typed = '', path }) {
    const name = (await fileOfMessage(client, room(), typed)) ?? typed;
    try {
      const { transfer } = await client.download(name, path === undefined ? undefined : expandHome(path));
      ui.show({ type: 'transfer-begun', transfer });
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== 'target-exists') throw error;
      const advice = `nothing was changed; for another place: /get ${quoted(name)} to PATH`;
      throw new ClientError(error.code, `${error.message}; ${advice}`, { cause: error });
    }
  },
};

const put: ChatCommand = {
  name: 'put',
  aliases: ['upload'],
  arguments: [
    { name: 'file', kind: 'path' },
    { name: 'name', kind: 'word', isOptional: true, keyword: 'as' },
  ],
  summary: 'upload a file or a folder for everybody, and tell this room',
  details: [
    'The server says who may upload, and how much. Nothing that is there is ever replaced.',
    'What broke goes on where it was when the same file or folder is put again.',
  ],
  async run({ client, ui, room }, { file = '', name }) {
    const { transfer } = await client.upload(expandHome(file), { name, room: room() });
    ui.show({ type: 'transfer-begun', transfer });
  },
};

const transfers: ChatCommand = {
  name: 'transfers',
  aliases: ['downloads'],
  arguments: [],
  summary: 'show the downloads and uploads of this session',
  run({ client, ui }) {
    ui.show({ type: 'transfers', transfers: client.transfers });
  },
};

const pause: ChatCommand = {
  name: 'pause',
  arguments: [{ name: 'n', kind: 'transfer', isOptional: true }],
  summary: 'pause transfer N, or all of them',
  async run({ client }, { n }) {
    const isPausable = (transfer: Transfer) =>
      ['requested', 'queued', 'connecting', 'running', 'interrupted'].includes(transfer.state);
    for (const number of chosen(client, n, isPausable, 'nothing is running'))
      await client.pauseTransfer(number);
  },
};

const resume: ChatCommand = {
  name: 'resume',
  arguments: [{ name: 'n', kind: 'transfer', isOptional: true }],
  summary: 'go on with transfer N, or with all that are paused',
  async run({ client }, { n }) {
    // One that was paused before the server answered shows that only later.
    const isPaused = ({ state }: Transfer) => ['paused', 'requested', 'queued'].includes(state);
    for (const number of chosen(client, n, isPaused, 'nothing is paused'))
      await client.resumeTransfer(number);
  },
};

const cancel: ChatCommand = {
  name: 'cancel',
  arguments: [{ name: 'n', kind: 'transfer', isOptional: true }],
  summary: 'end transfer N and remove what came of it',
  async run({ client }, { n }) {
    const isOpen = (transfer: Transfer) => !isTransferOver(transfer.state);
    const numbers = chosen(client, n, isOpen, 'there is no transfer to cancel');
    if (numbers.length > 1) {
      throw new ClientError('transfer-unknown', 'which one? /cancel N; /transfers shows the numbers');
    }
    for (const number of numbers) await client.cancelTransfer(number);
  },
};

const retry: ChatCommand = {
  name: 'retry',
  arguments: [],
  summary: 'say again what was not sent',
  async run({ client, ui, unsent }) {
    const lines = unsent.take();
    if (lines.length === 0) throw new ClientError('text-invalid', 'everything that you said was sent');
    const results = lines.map(async (line) => {
      try {
        await client.say(line.text, line.room);
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        unsent.add({ ...line, problem: error.message });
      }
    });
    ui.placeChanged();
    await Promise.all(results);
    unsent.onChanged();
    ui.placeChanged();
  },
};

const forget: ChatCommand = {
  name: 'forget',
  arguments: [],
  summary: 'drop what was not sent',
  run({ ui, unsent }) {
    ui.show({ type: 'notice', text: `${counted(unsent.take().length, 'line')} dropped` });
    ui.placeChanged();
  },
};

const notify: ChatCommand = {
  name: 'notify',
  arguments: [{ name: 'what', kind: 'notify-rule', isOptional: true }],
  summary: 'show or set what rings the bell: mentions, all or none',
  run({ ui }, { what }) {
    const notifier = ui.workspace?.notifier;
    if (notifier === undefined) throw new ClientError('text-invalid', 'only a full screen rings');
    const rule = NOTIFY_RULES.find((one) => one === (what ?? notifier.rule));
    if (rule === undefined) {
      throw new ClientError('text-invalid', `expected one of ${NOTIFY_RULES.join(', ')}, got "${what}"`);
    }
    notifier.rule = rule;
    ui.show({ type: 'notice', text: `what rings the bell while you look elsewhere: ${rule}` });
  },
};

const help: ChatCommand = {
  name: 'help',
  aliases: ['h', '?'],
  arguments: [{ name: 'command', kind: 'command', isOptional: true }],
  summary: 'show the commands, or one of them in full',
  run({ ui }, { command }) {
    if (command === undefined) {
      ui.show({ type: 'manual', sections: manualSections(ui.workspace !== undefined) });
      return;
    }
    const found = findCommand(command.replace(/^\//, ''), CHAT_COMMANDS);
    if (!found) throw new ClientError('text-invalid', `there is no command ${command}; /help lists them all`);
    const aliases = (found.aliases ?? []).map((alias) => `/${alias}`).join(', ');
    const lines = [...(found.details ?? []), ...(aliases === '' ? [] : [`also: ${aliases}`])];
    const rows = lines.map((line) => ['', line] as const);
    ui.show({ type: 'help', heading: `${commandUsage(found)}: ${found.summary}`, rows });
  },
};

const quit: ChatCommand = {
  name: 'quit',
  aliases: ['exit', 'q'],
  arguments: [{ name: 'reason', kind: 'text', isOptional: true }],
  summary: 'leave; the others see REASON',
  run({ leave }, { reason = '' }) {
    leave(reason);
  },
};

/** The commands in groups, as `/help` and the README show them. */
const COMMAND_GROUPS: readonly {
  readonly heading: string;
  readonly commands: readonly ChatCommand[];
}[] = [
  { heading: 'Talking', commands: [message, ...LOG_COMMANDS, retry, forget, users, notify] },
  { heading: 'Rooms', commands: ROOM_COMMANDS },
  {
    heading: 'Files',
    commands: [files, get, put, ...SEND_COMMANDS, transfers, pause, resume, cancel, ...QUEUE_COMMANDS],
  },
  { heading: 'Your account', commands: ACCOUNT_COMMANDS },
  { heading: 'In charge of a room', commands: MODERATION_COMMANDS },
  { heading: 'In charge of the server', commands: SERVER_COMMANDS },
  { heading: 'This program', commands: [help, quit] },
];

/** Every command of a conversation. Parsing, completion and `/help` read this list. */
export const CHAT_COMMANDS: readonly ChatCommand[] = COMMAND_GROUPS.flatMap(({ commands }) => commands);

/** What is not a command and still has to be known. */
const INPUT_HELP: readonly (readonly [string, string])[] = [
  ['//TEXT', 'say a text that begins with a slash'],
  ['Tab', 'complete commands, nicknames, #rooms, files, paths and :emoji:; again: the next one'],
  [
    'Ctrl-R',
    'search in what you entered; again: further back, Enter: say it, Esc: edit it, Ctrl-G: leave it',
  ],
  ['Alt-Enter', 'begin another line of the same message'],
  ['Ctrl-C', 'empty the line; twice on an empty line: leave'],
];

/** All that can be typed; a full screen has keys of its own. */
function manualSections(isFullScreen: boolean): ManualSection[] {
  const keys = (rows: readonly (readonly [string, string])[]) =>
    rows.map(([usage, summary]) => ({ usage, summary }));
  return [
    ...COMMAND_GROUPS.map(({ heading, commands }) => ({
      heading,
      rows: commands.map((one) => ({
        usage: commandUsage(one),
        summary: one.summary,
        draft: `/${one.name}${one.arguments.length > 0 ? ' ' : ''}`,
      })),
    })),
    { heading: 'While you type', rows: keys(INPUT_HELP) },
    ...(isFullScreen ? [{ heading: 'Keys of the screen', rows: keys(SCREEN_HELP) }] : []),
  ];
}

/** The number that was given, or all that fit when none was. */
function chosen(
  client: ParleyClient,
  given: string | undefined,
  fits: (transfer: Transfer) => boolean,
  nothing: string,
): number[] {
  if (given !== undefined) return [transferNumber(given)];
  const numbers = client.transfers.filter(fits).map((transfer) => transfer.number);
  if (numbers.length === 0) throw new ClientError('transfer-unknown', nothing);
  return numbers;
}
