import type { FileView, TransferPolicy } from '@parley/client-core';
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { ServerAddress } from './address.ts';
import {
  addPathOptions,
  address,
  type Io,
  type PathOptions,
  type Security,
  securityOf,
} from './command-arguments.ts';
import { FILE_SORTS, type FileSort, fileOrder } from './commands/file-order.ts';
import { manPage } from './help/man-page.ts';
import { completionScript, SHELLS, type Shell } from './help/shell-completion.ts';

interface ScriptBase {
  readonly address: ServerAddress;
  readonly security: Security;
  /** One object of JSON a line. */
  readonly isJson: boolean;
}

/** Whose account a script comes in as, if it is not a guest. */
interface Credentials {
  readonly passwordFile: string | undefined;
  readonly tokenFile: string | undefined;
}

/** What scripts ask for, apart from files. */
export type ScriptInvocation =
  | (ScriptBase &
      Credentials & {
        readonly type: 'say';
        readonly text: string;
        readonly nickname: string;
        readonly room: string | undefined;
      })
  | (ScriptBase & { readonly type: 'users'; readonly room: string | undefined })
  | (ScriptBase & { readonly type: 'rooms' })
  | (ScriptBase & { readonly type: 'files'; readonly view: FileView })
  | (ScriptBase &
      Credentials & {
        readonly type: 'tail';
        readonly nickname: string;
        readonly rooms: readonly string[];
        readonly since: number | undefined;
        readonly lines: number;
        readonly follows: boolean;
      })
  | (ScriptBase &
      Credentials & {
        readonly type: 'search';
        readonly query: string;
        readonly nickname: string;
        readonly rooms: readonly string[];
      })
  | (ScriptBase &
      Credentials & {
        readonly type: 'put';
        /** `-` is what comes in on stdin. */
        readonly paths: readonly string[];
        readonly nickname: string;
        /** What the file is called at the server, when not as here. */
        readonly name: string | undefined;
        readonly room: string | undefined;
        /** The only one who may have it; undefined for everybody. */
        readonly recipient: string | undefined;
        /** Whether a room is told. */
        readonly announces: boolean;
        readonly io: Io | undefined;
        readonly transfers: TransferPolicy | undefined;
        readonly limitRate: number | undefined;
      })
  | (ScriptBase & { readonly type: 'doctor' });

/** What a command that talks with no server prints. */
interface PrintedInvocation {
  readonly type: 'output';
  readonly text: string;
  readonly isError: false;
  readonly exitCode: 0;
}

type Set = (invocation: ScriptInvocation | PrintedInvocation) => void;

interface Options extends Partial<Credentials> {
  readonly nick: string;
  readonly json?: true;
  readonly room?: string;
}

interface ManyRoomsOptions extends Partial<Credentials> {
  readonly nick: string;
  readonly json?: true;
  readonly room: readonly string[];
}

interface FilesOptions extends Options {
  readonly glob: string;
  readonly sort: FileSort;
  readonly reverse: boolean;
  readonly limit: number | undefined;
}

interface PutOptions extends Options, PathOptions {
  readonly name?: string;
  readonly announce: boolean;
}

interface TailOptions extends ManyRoomsOptions {
  readonly since?: number;
  readonly lines: number;
  readonly follow: boolean;
}

const SERVER = ['<server>', 'HOST or HOST:PORT'] as const;
const LINES_MAX = 50;
const LOCAL_COMMANDS: ReadonlySet<string> = new Set(['completion', 'man']);

/** Whether a command talks with no server. */
export function isLocalCommand(command: Command): boolean {
  return LOCAL_COMMANDS.has(command.name());
}

/** Adds the commands for scripts. Completions and the man page are made of the same data. */
export function addScriptCommands(program: Command, set: Set): void {
  const scriptBase = (server: ServerAddress, json: true | undefined, command: Command) => ({
    address: server,
    security: securityOf(command),
    isJson: json === true,
  });
  addSay(program, set, scriptBase);
  addLists(program, set, scriptBase);
  addPut(program, set, scriptBase);
  addSend(program, set, scriptBase);
  addTail(program, set, scriptBase);
  addSearch(program, set, scriptBase);
  withJson(program.command('doctor'))
    .summary('check whether a server can be talked with')
    .description('Checks name, port, protection, round trip, clock and files, and says what is wrong.')
    .argument(...SERVER, address)
    .action((server: ServerAddress, { json }: Options, command: Command) => {
      set({ type: 'doctor', ...scriptBase(server, json, command) });
    });
  const print = (text: string) => set({ type: 'output', text, isError: false, exitCode: 0 });
  program
    .command('completion')
    .summary('print the completions for a shell')
    .description('Prints completions: source them, or put them where the shell looks for them.')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .action((shell: Shell) => print(completionScript(program, shell)));
  program
    .command('man')
    .summary('print the man page')
    .description('Prints the man page: parley man | man -l -')
    .action(() => print(manPage(program)));
}

type BaseOf = (server: ServerAddress, json: true | undefined, command: Command) => ScriptBase;

function addSay(program: Command, set: Set, base: BaseOf): void {
  withJson(program.command('say'))
    .summary('say one thing to a room')
    .description('Says one thing to a room. Ends when the server has it.')
    .argument(...SERVER, address)
    .argument('<text>', 'what to say; a dash reads it from stdin; put -- before a text that begins with one')
    .requiredOption('--nick <name>', 'who says it')
    .option('--room <room>', 'where (default: the first room of the server)')
    .action((server: ServerAddress, text: string, options: Options, command: Command) => {
      const { nick: nickname, room, json } = options;
      set({ type: 'say', ...base(server, json, command), ...credentials(options), text, nickname, room });
    });
}

function addLists(program: Command, set: Set, base: BaseOf): void {
  withJson(program.command('users'))
    .summary('list who is in a room')
    .description('Lists who is in a room, one nickname a line.')
    .argument(...SERVER, address)
    .option('--room <room>', 'which one (default: the first room of the server)')
    .action((server: ServerAddress, { room, json }: Options, command: Command) => {
      set({ type: 'users', ...base(server, json, command), room });
    });
  withJson(program.command('rooms'))
    .summary('list the public rooms')
    .description('Lists the public rooms: members, name and topic, separated by tabs.')
    .argument(...SERVER, address)
    .action((server: ServerAddress, { json }: Options, command: Command) => {
      set({ type: 'rooms', ...base(server, json, command) });
    });
  withJson(program.command('files'))
    .summary('list the files on the server')
    .description(
      'Lists the files on the server: size in bytes, time of change, name, SHA-256, separated by tabs.',
    )
    .argument(...SERVER, address)
    .option('--glob <pattern>', 'those that fit: part of a path, or a pattern such as *.iso or docs/**', '')
    .addOption(
      new Option('--sort <order>', 'by name, the largest first, or the newest first')
        .choices(FILE_SORTS)
        .default('name'),
    )
    .option('--reverse', 'the other way round', false)
    .option('--limit <count>', 'the first so many of them', wholeNumber)
    .action((server: ServerAddress, options: FilesOptions, command: Command) => {
      const { glob: pattern, sort, reverse, limit: countMax, json } = options;
      const view = { pattern, order: fileOrder(sort, reverse), countMax };
      set({ type: 'files', ...base(server, json, command), view });
    });
}

function addPut(program: Command, set: Set, base: BaseOf): void {
  addPathOptions(
    withJson(program.command('put'))
      .summary('upload files and folders')
      .description(
        'Uploads files, and folders with all that is in them, into the shared folder, and tells a room. Prints SHA-256 and name of each file, as sha256sum does, and the name of each folder. What broke goes on where it was when the same is put again.',
      )
      .argument(...SERVER, address)
      .argument('<file...>', 'what to upload; a dash reads it from stdin, into a temporary file first')
      .requiredOption('--nick <name>', 'who uploads it')
      .option('--name <name>', 'what the file is called at the server (default: as here)')
      .option('--room <room>', 'who is told (default: the first room of the server)')
      .option('--no-announce', 'tell nobody'),
  ).action((server: ServerAddress, paths: string[], options: PutOptions, command: Command) => {
    const { room, announce: announces } = options;
    setPut(set, base, { server, paths, options, command }, { recipient: undefined, room, announces });
  });
}

function addSend(program: Command, set: Set, base: BaseOf): void {
  addPathOptions(
    withJson(program.command('send'))
      .summary('send files or folders to one user')
      .description(
        'Sends files, or folders with all that is in them, to one user, who is here or has an account. Ends when the server has them: the other one accepts or declines them within a week. Prints SHA-256 and name of each file, the name of a folder.',
      )
      .argument(...SERVER, address)
      .argument('<to>', 'the nickname of who gets it')
      .argument('<file...>', 'what to send; a dash reads it from stdin, into a temporary file first')
      .requiredOption('--nick <name>', 'who sends it')
      .option('--name <name>', 'what the file is called for the other one (default: as here)'),
  ).action(
    (server: ServerAddress, recipient: string, paths: string[], options: PutOptions, command: Command) => {
      setPut(
        set,
        base,
        { server, paths, options, command },
        { recipient, room: undefined, announces: false },
      );
    },
  );
}

/** What is put, or sent, and who is told. */
function setPut(
  set: Set,
  base: BaseOf,
  given: {
    readonly server: ServerAddress;
    readonly paths: readonly string[];
    readonly options: PutOptions;
    readonly command: Command;
  },
  told: {
    readonly recipient: string | undefined;
    readonly room: string | undefined;
    readonly announces: boolean;
  },
): void {
  const { server, paths, options, command } = given;
  const { nick: nickname, name, io, transfers, limitRate, json } = options;
  checkNames(paths, name, command);
  const script = { ...base(server, json, command), ...credentials(options) };
  set({ type: 'put', ...script, paths, nickname, name, ...told, io, transfers, limitRate });
}

function checkNames(paths: readonly string[], name: string | undefined, command: Command): void {
  if (name !== undefined && paths.length > 1) command.error('error: --name is for one file');
  if (name === undefined && paths.includes('-')) command.error('error: what comes from stdin needs --name');
}

function addTail(program: Command, set: Set, base: BaseOf): void {
  withJson(program.command('tail'))
    .summary('print what is said in rooms')
    .description('Prints what is said: time, room, author and text, separated by tabs. Goes on until Ctrl-C.')
    .argument(...SERVER, address)
    .requiredOption('--nick <name>', 'who listens')
    .addOption(roomsOption())
    .option('--since <number>', 'begin behind the message of that number, which --json prints', wholeNumber)
    .option('--lines <count>', `begin with so many of the past, at most ${LINES_MAX}`, lineCount, 10)
    .option('--no-follow', 'end with what is there')
    .action((server: ServerAddress, options: TailOptions, command: Command) => {
      const { nick: nickname, room: rooms, since, lines, follow: follows, json } = options;
      const script = { ...base(server, json, command), ...credentials(options) };
      set({ type: 'tail', ...script, nickname, rooms, since, lines, follows });
    });
}

function addSearch(program: Command, set: Set, base: BaseOf): void {
  withJson(program.command('search'))
    .summary('search in rooms')
    .description('Searches in rooms, the newest first: room, number, time, author, text, separated by tabs.')
    .argument(...SERVER, address)
    .argument('<query>', 'words, from:NICK, in:ROOM, before:DAY, after:DAY, has:file')
    .requiredOption('--nick <name>', 'who searches')
    .addOption(roomsOption())
    .action((server: ServerAddress, query: string, options: ManyRoomsOptions, command: Command) => {
      const { nick: nickname, room: rooms, json } = options;
      const script = { ...base(server, json, command), ...credentials(options) };
      set({ type: 'search', ...script, query, nickname, rooms });
    });
}

function credentials({ passwordFile, tokenFile }: Partial<Credentials>): Credentials {
  return { passwordFile, tokenFile };
}

function withJson(command: Command): Command {
  return command.option('--json', 'print JSON, one object a line');
}

function roomsOption(): Option {
  return new Option('--room <room>', 'where; may be given more than once (default: the first room)')
    .argParser((room: string, before: readonly string[]) => [...before, room])
    .default([], 'the first room');
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('expected a whole number.');
  return Number(text);
}

function lineCount(text: string): number {
  const count = wholeNumber(text);
  if (count > LINES_MAX) throw new InvalidArgumentError(`expected at most ${LINES_MAX}.`);
  return count;
}
