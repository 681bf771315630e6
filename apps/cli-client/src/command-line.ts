import type { TransferPolicy } from '@parley/client-core';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { ServerAddress, ServerPlace } from './address.ts';
import {
  addPathOptions,
  address,
  addSecurityOptions,
  type Io,
  type PathOptions,
  place,
  type Security,
  securityOf,
} from './command-arguments.ts';
import { addScriptCommands, isLocalCommand, type ScriptInvocation } from './command-line-scripts.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { EXIT_CODE_WORDS } from './help/exit-code-words.ts';
import type { ThemeName } from './screen/palette.ts';
import { NOTIFY_RULES, type NotifyRule } from './workspace/notifier.ts';

/** How the conversation is shown. */
export interface ScreenOptions {
  /** Messages go into the terminal's own history, instead of onto a screen of their own. */
  readonly isInline: boolean;
  /** Undefined: as the terminal says. */
  readonly theme: ThemeName | undefined;
  /** What rings the bell; undefined: what is meant for the user. */
  readonly notify: NotifyRule | undefined;
}

/** What the command line asks for. */
export type Invocation =
  | {
      readonly type: 'chat';
      readonly address: ServerAddress | undefined;
      /** The room to begin in; from a link. */
      readonly room: string | undefined;
      /** The name of the profile that says what is not said here. */
      readonly profile: string | undefined;
      readonly security: Security;
      readonly nickname: string | undefined;
      readonly passwordFile: string | undefined;
      readonly tokenFile: string | undefined;
      readonly io: Io | undefined;
      readonly transfers: TransferPolicy | undefined;
      readonly limitRate: number | undefined;
      /** Transfers that are on their way at a time. */
      readonly atOnce: number | undefined;
      readonly screen: ScreenOptions;
    }
  | ScriptInvocation
  | {
      readonly type: 'get';
      readonly address: ServerAddress;
      readonly security: Security;
      readonly name: string;
      readonly nickname: string;
      readonly passwordFile: string | undefined;
      readonly tokenFile: string | undefined;
      /** A dash: standard output. */
      readonly to: string | undefined;
      /** One object of JSON, instead of a line as sha256sum has them. */
      readonly isJson: boolean;
      /** The part of the file, of 1, after which somebody is asked whether to go on. */
      readonly confirmAt: number | undefined;
      readonly io: Io | undefined;
      readonly transfers: TransferPolicy | undefined;
      readonly limitRate: number | undefined;
    }
  /** Help, version or a complaint, ready to be written. */
  | { readonly type: 'output'; readonly text: string; readonly isError: boolean; readonly exitCode: number };

const EXAMPLES = `
Examples:
  parley chat.example --nick ann
  parley say chat.example:8255 "the build is green" --nick robot
  parley get chat.example:8255 "annual report.pdf" --to reports/ --nick robot
  parley get chat.example "holiday film.mkv" --confirm-at 40% --nick ann
  parley put chat.example report.pdf minutes.txt --nick ann --password-file ~/.parley-password
  parley files chat.example:8255 | cut -f 3
  parley tail chat.example --nick robot --json --since 1234
  parley doctor chat.example

Exit codes:
${EXIT_CODE_WORDS.map(([code, words]) => `  ${code}  ${words}`).join('\n')}`;

interface NickOption {
  readonly nick: string;
  readonly passwordFile?: string;
  readonly tokenFile?: string;
}

interface ChatOptions extends Partial<NickOption>, PathOptions {
  readonly inline?: true;
  readonly theme?: ThemeName;
  readonly profile?: string;
  readonly notify?: NotifyRule;
  readonly atOnce?: number;
}

interface GetOptions extends NickOption, PathOptions {
  readonly to?: string;
  readonly json?: true;
  readonly confirmAt?: number;
}

/** Commands that come into the room. */
const NEEDS_NICKNAME: readonly string[] = ['say', 'get', 'put', 'send', 'tail', 'search'];

const createCredentialOptions = () => [
  new Option('--password-file <path>', 'a file with the password of your account, in its first line'),
  new Option('--token-file <path>', 'a file with a token of your account, in its first line'),
];

/** Reads the arguments behind the program's name. Never ends the process. */
export function parseCommandLine(argv: readonly string[], version: string): Invocation {
  let invocation: Invocation | undefined;
  let written = '';
  const set = (value: Invocation) => {
    invocation = value;
  };
  const program = createProgram(version, set);
  const collect = (text: string) => {
    written += text;
  };
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeOut: collect, writeErr: collect });
  }
  try {
    // `pnpm start -- HOST` hands its `--` on.
    program.parse(argv[0] === '--' ? argv.slice(1) : argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const isError = error.exitCode !== 0;
    return {
      type: 'output',
      text: written,
      isError,
      exitCode: isError ? EXIT_CODES.usage : EXIT_CODES.success,
    };
  }
  return (
    invocation ?? {
      type: 'output',
      text: program.helpInformation(),
      isError: true,
      exitCode: EXIT_CODES.usage,
    }
  );
}

function createProgram(version: string, set: (invocation: Invocation) => void): Command {
  const program = addPathOptions(
    new Command('parley')
      .description('Talk in a Parley room, and fetch its files.')
      .version(version)
      .enablePositionalOptions()
      .showHelpAfterError('(parley --help shows what is possible)')
      .argument(
        '[server]',
        'HOST, HOST:PORT or parley://HOST:PORT/ROOM; that of the profile when missing',
        place,
      )
      .option('--nick <name>', 'your nickname; that of the profile when missing, else asked for')
      .option('--profile <name>', 'what was kept of an earlier start (default: "default")')
      .option('--inline', "messages go into the terminal's own history, instead of a full screen")
      .addOption(
        new Option('--theme <name>', 'colours for a dark or a light terminal').choices(['dark', 'light']),
      )
      .addOption(
        new Option('--notify <what>', 'what rings while you look elsewhere (default: mentions)').choices(
          NOTIFY_RULES,
        ),
      ),
  )
    .option('--at-once <count>', 'files on their way at a time, 1 to 16 (default: 4)', atOnceCount)
    .addHelpText('after', EXAMPLES)
    .action((server: ServerPlace | undefined, options: ChatOptions, command: Command) => {
      const { nick: nickname, passwordFile, tokenFile, io, transfers, limitRate, profile } = options;
      const { inline: isInline = false, theme, notify, atOnce } = options;
      const address = server && { host: server.host, port: server.port };
      const chat = {
        address,
        room: server?.room,
        profile,
        security: securityOf(command),
        nickname,
        passwordFile,
        tokenFile,
        io,
        transfers,
        limitRate,
        atOnce,
        screen: { isInline, theme, notify },
      };
      set({ type: 'chat', ...chat });
    });
  addGet(program, set);
  addScriptCommands(program, set);
  addSharedOptions(program);
  return program;
}

function addGet(program: Command, set: (invocation: Invocation) => void): void {
  addPathOptions(
    program
      .command('get')
      .summary('download a file')
      .description('Downloads a file and verifies it. Prints its SHA-256 and path, as sha256sum does.')
      .argument('<server>', 'HOST or HOST:PORT', address)
      .argument('<name>', 'the name of the file at the server')
      .requiredOption('--nick <name>', 'who downloads it')
      .option(
        '--to <path>',
        'a folder, or the new name; nothing that exists is overwritten; a dash: stdout (default: this folder)',
      )
      .option('--json', 'print JSON: name, path, size, sha256, durationMs, resumedBytes')
      .option('--confirm-at <percent>', 'pause there, and ask whether to go on', percentage),
  ).action((server: ServerAddress, name: string, options: GetOptions, command: Command) => {
    const { nick: nickname, passwordFile, tokenFile, to, confirmAt, json } = options;
    const { io, transfers, limitRate } = options;
    if (to === '-' && json) command.error('error: --json and --to - both want standard output');
    if (to === '-' && name.endsWith('/')) {
      command.error('error: a folder is no stream of bytes: give it a place with --to');
    }
    const isJson = json === true;
    const security = securityOf(command);
    const identity = { nickname, passwordFile, tokenFile };
    const what = { name, to, isJson, io, transfers, limitRate, confirmAt };
    set({ type: 'get', address: server, security, ...identity, ...what });
  });
}

function addSharedOptions(program: Command): void {
  for (const command of [program, ...program.commands]) {
    if (!isLocalCommand(command)) addSecurityOptions(command);
  }
  for (const command of [program, ...program.commands.filter((one) => NEEDS_NICKNAME.includes(one.name()))]) {
    for (const option of createCredentialOptions()) command.addOption(option);
  }
}

/** A server takes sixteen of one connection (CHAT-TRANSFER-8). */
function atOnceCount(text: string): number {
  const count = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > 16) throw new InvalidArgumentError('expected a number from 1 to 16.');
  return count;
}

function percentage(text: string): number {
  const [, digits = ''] = /^(\d{1,2})%?$/.exec(text) ?? [];
  const percent = Number(digits);
  if (percent === 0) throw new InvalidArgumentError('expected a percentage from 1% to 99%, such as 40%.');
  return percent / 100;
}
