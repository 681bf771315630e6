/** Arguments and environment become a configuration here, and are looked at nowhere else. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type Admission,
  DEFAULT_LIMITS,
  DEFAULT_PORT,
  DEFAULT_UPLOAD_LIMITS,
  type ServerLimits,
  type SqliteDurability,
  type TransferRates,
  type UploadLimits,
  type UploadRule,
  type WorkerTransferHostOptions,
} from '@parley/server-core';
import {
  environmentName,
  type LogLevel,
  OPTIONS,
  OptionError,
  type OptionName,
  parseAdmission,
  parseAdvertisedPort,
  parseChoice,
  parseCount,
  parseIo,
  parseLogLevel,
  parsePort,
  parseRate,
  parseSeconds,
  parseText,
} from './options.ts';

/** What the program was told to be. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly udpPort: number;
  readonly udpPortAdvertised: number | undefined;
  /** Absolute path of the folder that was asked for; `undefined` means the one under `dataFolder`. */
  readonly shareFolder: string | undefined;
  /** Absolute path; may not exist yet. */
  readonly dataFolder: string;
  readonly history: HistoryConfig;
  readonly tls: TlsConfig;
  readonly serverName: string;
  readonly motd: string;
  /** Who may add files to the shared folder. */
  readonly uploads: UploadRule;
  readonly uploadLimits: UploadLimits;
  /** Files on their way at a time, in all and of one user. */
  readonly transferLimits: Pick<ServerLimits, 'transfersUnderWayMax' | 'transfersPerUserMax'>;
  /** How fast files are moved at most. */
  readonly rates: TransferRates;
  /** Whom the server lets in. */
  readonly admission: Admission;
  /** How the packets of transfers reach the system. */
  readonly io: NonNullable<WorkerTransferHostOptions['io']>;
  /** Absolute path of the folder for qlog files. */
  readonly qlogFolder: string | undefined;
  /** How long a stop waits for running transfers. */
  readonly drainMaxMs: number;
  readonly logLevel: LogLevel;
  /** Whether the log may have colours on a terminal: https://no-color.org says how to refuse them. */
  readonly hasColours: boolean;
  /** Whether nothing was asked for: then somebody tries Parley, and is told what to do next. */
  readonly isEmbeddedDefaults: boolean;
  /** How the client is started where this server was started. */
  readonly clientCommand: string;
}

/** Where what is said is kept, and how much of it. */
interface HistoryConfig {
  /** Absolute path, and what survives a power cut; `undefined` means in memory. */
  readonly sqlite: { readonly file: string; readonly durability: SqliteDurability } | undefined;
  /** `undefined` keeps messages for ever. */
  readonly ageMsMax: number | undefined;
  /** Messages of each room; `undefined` for the default of the place where they are kept. */
  readonly entriesMax: number | undefined;
}

/** Where key and certificate come from, as absolute paths. */
type TlsConfig =
  /** One that the server makes and keeps under `dataFolder`. */
  | { readonly kind: 'own' }
  | { readonly kind: 'files'; readonly certificateFile: string; readonly keyFile: string }
  /** Plain TCP. */
  | { readonly kind: 'none' };

/** What the program was asked to do. */
export type Command =
  | { readonly type: 'serve'; readonly config: Config }
  | { readonly type: 'fingerprint'; readonly config: Config }
  | { readonly type: 'help' }
  | { readonly type: 'version' };

/** A program's surroundings, as far as they matter. */
export interface Surroundings {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

const DAY_MS = 86_400_000;
const HISTORY_FILE = 'history.sqlite3';
const DEFAULT_MOTD = 'Welcome! /files lists the shared files, /get NAME downloads one.';

/** The surroundings of this process. */
export function surroundings(): Surroundings {
  return { argv: process.argv.slice(2), env: process.env, cwd: process.cwd() };
}

/** What the program was asked to do. Throws `OptionError` for what it does not understand. */
export function readCommand({ argv, env, cwd }: Surroundings): Command {
  const { flags, isFingerprint } = readFlags(argv);
  if (flags.help === true) return { type: 'help' };
  if (flags.version === true) return { type: 'version' };
  const given = { ...readEnvironment(env), ...readValues(flags) };
  const path = (text: string) => resolve(cwd, parseText(text));
  const port = read(given, 'port', parsePort) ?? DEFAULT_PORT;
  const dataFolder = read(given, 'data', path) ?? join(userDataFolder(env), 'parley');
  const config: Config = {
    host: read(given, 'host', parseText) ?? '0.0.0.0',
    port,
    udpPort: read(given, 'udpPort', parsePort) ?? port,
    udpPortAdvertised: read(given, 'udpAdvertisePort', parseAdvertisedPort),
    shareFolder: read(given, 'share', path),
    uploads: readUploads(given),
    uploadLimits: readUploadLimits(given),
    transferLimits: readTransferLimits(given),
    rates: readRates(given),
    dataFolder,
    history: readHistory(given, dataFolder),
    tls: readTls(given, path, flags.insecure === true),
    serverName: read(given, 'name', parseText) ?? 'Parley',
    motd: given.motd?.text ?? DEFAULT_MOTD,
    admission: read(given, 'admit', parseAdmission) ?? 'open',
    io: read(given, 'io', parseIo) ?? 'auto',
    qlogFolder: read(given, 'qlogDir', path),
    drainMaxMs: read(given, 'drain', parseSeconds) ?? 30_000,
    logLevel: read(given, 'logLevel', parseLogLevel) ?? 'info',
    hasColours: !env.NO_COLOR,
    isEmbeddedDefaults: Object.keys(given).length === 0 && flags.insecure !== true,
    // npm and pnpm set it for whatever they run: there the client is a script of the repository too.
    clientCommand: env.npm_lifecycle_event === undefined ? 'parley' : 'npm run client --',
  };
  return { type: isFingerprint ? 'fingerprint' : 'serve', config };
}

/** The folder that the server makes is for trying things; one that the operator names stays as it is unless they say so. */
function readUploads(given: GivenOptions): UploadRule {
  const isOwnFolder = given.share === undefined;
  return (
    read(given, 'uploads', parseChoice('off', 'registered', 'all')) ?? (isOwnFolder ? 'registered' : 'off')
  );
}

function readUploadLimits(given: GivenOptions): UploadLimits {
  const parseBytes = parseCount(Number.MAX_SAFE_INTEGER);
  const { fileBytesMax, userBytesMax, folderBytesMax } = DEFAULT_UPLOAD_LIMITS;
  return {
    fileBytesMax: read(given, 'uploadMaxBytes', parseBytes) ?? fileBytesMax,
    userBytesMax: read(given, 'uploadUserMaxBytes', parseBytes) ?? userBytesMax,
    folderBytesMax: read(given, 'uploadFolderMaxBytes', parseBytes) ?? folderBytesMax,
  };
}

function readTransferLimits(given: GivenOptions): Config['transferLimits'] {
  const { transfersUnderWayMax, transfersPerUserMax } = DEFAULT_LIMITS;
  return {
    transfersUnderWayMax: read(given, 'transfers', parseCount(100_000)) ?? transfersUnderWayMax,
    transfersPerUserMax: read(given, 'userTransfers', parseCount(100_000)) ?? transfersPerUserMax,
  };
}

function readRates(given: GivenOptions): TransferRates {
  const rateOf = (all: OptionName, user: OptionName): TransferRates['download'] => {
    const bytesPerSecondMax = read(given, all, parseRate);
    const bytesPerSecondPerOwnerMax = read(given, user, parseRate);
    if (bytesPerSecondMax === undefined && bytesPerSecondPerOwnerMax === undefined) return undefined;
    return { bytesPerSecondMax, bytesPerSecondPerOwnerMax };
  };
  return {
    download: rateOf('downloadRate', 'userDownloadRate'),
    upload: rateOf('uploadRate', 'userUploadRate'),
  };
}

function readHistory(given: GivenOptions, dataFolder: string): HistoryConfig {
  const kind = read(given, 'history', parseChoice('sqlite', 'memory')) ?? 'sqlite';
  const durability = read(given, 'historyDurability', parseChoice('full', 'normal'));
  const days = read(given, 'historyDays', parseCount(36_500));
  const entriesMax = read(given, 'historyEntries', parseCount(1_000_000_000));
  const ageMsMax = days === undefined ? undefined : days * DAY_MS;
  if (kind === 'sqlite') {
    const sqlite = { file: join(dataFolder, HISTORY_FILE), durability: durability ?? 'full' };
    return { sqlite, ageMsMax, entriesMax };
  }
  if (durability === undefined) return { sqlite: undefined, ageMsMax, entriesMax };
  throw new OptionError('--history memory survives nothing: leave away --history-durability');
}

function readTls(given: GivenOptions, path: (text: string) => string, isInsecure: boolean): TlsConfig {
  const certificateFile = read(given, 'tlsCert', path);
  const keyFile = read(given, 'tlsKey', path);
  if (isInsecure) {
    if (certificateFile === undefined && keyFile === undefined) return { kind: 'none' };
    throw new OptionError('--insecure is without TLS: leave away either it or the certificate and key');
  }
  if (certificateFile !== undefined && keyFile !== undefined)
    return { kind: 'files', certificateFile, keyFile };
  if (certificateFile === undefined && keyFile === undefined) return { kind: 'own' };
  throw new OptionError('--tls-cert and --tls-key go together: give both, or neither');
}

/** The text of an option and where it came from. */
interface Given {
  readonly text: string;
  readonly source: string;
}

type GivenOptions = { readonly [Name in OptionName]?: Given };

const optionEntries = Object.entries(OPTIONS) as [OptionName, (typeof OPTIONS)[OptionName]][];

type Flags = { readonly [flag: string]: string | boolean | undefined };

function readFlags(argv: readonly string[]): { readonly flags: Flags; readonly isFingerprint: boolean } {
  const values = optionEntries.map(([, { flag }]) => [flag, { type: 'string' as const }]);
  const boolean = { type: 'boolean' } as const;
  const switches = { help: { ...boolean, short: 'h' }, version: boolean, insecure: boolean };
  try {
    const options = { ...Object.fromEntries(values), ...switches };
    // `pnpm start -- --port 1` hands over the separator too: at the front it separates nothing.
    const all = argv[0] === '--' ? argv.slice(1) : [...argv];
    const isFingerprint = all[0] === 'fingerprint';
    const args = isFingerprint ? all.slice(1) : all;
    // No option is given more than once, which the types cannot see: the last one counts.
    const { values: flags } = parseArgs({ args, options, strict: true, allowPositionals: false });
    return { flags: flags as Flags, isFingerprint };
  } catch (error) {
    // Its words go on for two sentences of advice; the first says what is wrong.
    const [problem = ''] = (error as Error).message.split(/\. |\n/);
    throw new OptionError(problem.charAt(0).toLowerCase() + problem.slice(1), { cause: error });
  }
}

function readValues(flags: Flags): GivenOptions {
  const given: { [Name in OptionName]?: Given } = {};
  for (const [name, { flag }] of optionEntries) {
    const text = flags[flag];
    if (typeof text === 'string') given[name] = { text, source: `--${flag}` };
  }
  return given;
}

function readEnvironment(env: Surroundings['env']): GivenOptions {
  const given: { [Name in OptionName]?: Given } = {};
  for (const [name, option] of optionEntries) {
    const source = environmentName(option);
    const text = env[source];
    // An empty variable is how most tools say "not set".
    if (text !== undefined && text !== '') given[name] = { text, source };
  }
  return given;
}

function read<T>(given: GivenOptions, name: OptionName, parse: (text: string) => T): T | undefined {
  const option = given[name];
  if (option === undefined) return undefined;
  try {
    return parse(option.text);
  } catch (error) {
    if (error instanceof OptionError) throw new OptionError(`${option.source}: ${error.message}`);
    throw error;
  }
}

function userDataFolder(env: Surroundings['env']): string {
  // The specification of XDG says that a relative path there is to be ignored.
  const { XDG_DATA_HOME: xdg, LOCALAPPDATA: local } = env;
  if (xdg?.startsWith('/')) return xdg;
  if (process.platform === 'win32' && local) return local;
  return join(homedir(), '.local', 'share');
}
