/** The options of the program as data: flags, environment and help are made from this one table. */

/** Text that is no value of its option. The message says what was expected. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
  readonly code = 'option-invalid';
}

/** One option. */
export interface OptionDefinition {
  /** The flag without its dashes; the environment variable is `PARLEY_` and this in upper case. */
  readonly flag: string;
  /** What stands for the value in the help. */
  readonly placeholder: string;
  readonly help: string;
}

/** All options that take a value, in the order of the help. */
export const OPTIONS = {
  host: {
    flag: 'host',
    placeholder: 'ADDRESS',
    help: 'address to listen on (default: 0.0.0.0, every network of this machine)',
  },
  port: { flag: 'port', placeholder: 'PORT', help: 'TCP port for chat; 0 takes a free one (default: 8255)' },
  udpPort: {
    flag: 'udp-port',
    placeholder: 'PORT',
    help: 'UDP port for files; 0 takes a free one (default: as --port)',
  },
  udpAdvertisePort: {
    flag: 'udp-advertise-port',
    placeholder: 'PORT',
    help: 'UDP port that clients are told, where a relay or NAT changes it',
  },
  share: {
    flag: 'share',
    placeholder: 'DIR',
    help: 'folder whose files are shared (default: a folder made under --data)',
  },
  uploads: {
    flag: 'uploads',
    placeholder: 'WHOM',
    help: 'who adds files: off, registered or all (default: registered; off with --share)',
  },
  uploadMaxBytes: {
    flag: 'upload-max-bytes',
    placeholder: 'BYTES',
    help: 'size of an uploaded file at most (default: 4294967296)',
  },
  uploadUserMaxBytes: {
    flag: 'user-max-bytes',
    placeholder: 'BYTES',
    help: 'bytes that one account, or all guests, may have uploaded (default: 8589934592)',
  },
  uploadFolderMaxBytes: {
    flag: 'folder-max-bytes',
    placeholder: 'BYTES',
    help: 'bytes in the folder up to which files are taken (default: 68719476736)',
  },
  transfers: {
    flag: 'transfers',
    placeholder: 'COUNT',
    help: 'files on their way at a time, the others wait (default: 256)',
  },
  userTransfers: {
    flag: 'user-transfers',
    placeholder: 'COUNT',
    help: 'the same of one user (default: 16)',
  },
  downloadRate: {
    flag: 'download-rate',
    placeholder: 'RATE',
    help: 'bytes per second of all downloads together, as 5000000 or 5M (default: no limit)',
  },
  uploadRate: {
    flag: 'upload-rate',
    placeholder: 'RATE',
    help: 'the same of all uploads',
  },
  userDownloadRate: {
    flag: 'user-download-rate',
    placeholder: 'RATE',
    help: 'bytes per second of the downloads of one user (default: no limit)',
  },
  userUploadRate: {
    flag: 'user-upload-rate',
    placeholder: 'RATE',
    help: 'the same of uploads',
  },
  data: {
    flag: 'data',
    placeholder: 'DIR',
    help: "folder for the server's own data (default: parley in the user's data folder)",
  },
  history: {
    flag: 'history',
    placeholder: 'KIND',
    help: 'keep what is said in sqlite, a file under --data, or in memory (default: sqlite)',
  },
  historyDurability: {
    flag: 'history-durability',
    placeholder: 'KIND',
    help: 'full, or normal: a power cut may take the last seconds (default: full)',
  },
  historyDays: {
    flag: 'history-days',
    placeholder: 'DAYS',
    help: 'age up to which messages are kept, 1 to 36500 (default: for ever)',
  },
  historyEntries: {
    flag: 'history-entries',
    placeholder: 'COUNT',
    help: 'messages that a room keeps (default: 1000000, in memory 1000)',
  },
  tlsCert: {
    flag: 'tls-cert',
    placeholder: 'FILE',
    help: 'certificate of yours, PEM, with its chain (default: one made under --data)',
  },
  tlsKey: {
    flag: 'tls-key',
    placeholder: 'FILE',
    help: 'private key of that certificate, PEM, not encrypted',
  },
  name: { flag: 'name', placeholder: 'TEXT', help: 'name of the server, shown to users (default: Parley)' },
  motd: { flag: 'motd', placeholder: 'TEXT', help: 'message of the day, shown to whoever connects' },
  admit: {
    flag: 'admit',
    placeholder: 'WHOM',
    help: 'open, registered-only or invite: who may come in (default: open, everybody)',
  },
  qlogDir: {
    flag: 'qlog-dir',
    placeholder: 'DIR',
    help: 'folder for a qlog file of each transfer, to look into one (default: none)',
  },
  io: {
    flag: 'io',
    placeholder: 'BACKEND',
    help: 'auto, portable or offload: how file packets reach the system (default: auto)',
  },
  drain: {
    flag: 'drain',
    placeholder: 'SECONDS',
    help: 'how long a stop waits for running transfers, 0 to 3600 (default: 30)',
  },
  logLevel: {
    flag: 'log-level',
    placeholder: 'LEVEL',
    help: 'fatal, error, warn, info, debug, trace or silent (default: info)',
  },
} as const satisfies Readonly<Record<string, OptionDefinition>>;

/** Name of an option. */
export type OptionName = keyof typeof OPTIONS;

/** The environment variable of an option. */
export function environmentName({ flag }: OptionDefinition): string {
  return `PARLEY_${flag.toUpperCase().replaceAll('-', '_')}`;
}

/** The help text. */
export function helpText(version: string): string {
  const rows = Object.values(OPTIONS).map((option): readonly [string, string] => [
    `--${option.flag} ${option.placeholder}`,
    option.help,
  ]);
  rows.push(['--insecure', 'plain TCP: everybody on the way can read and change what is said']);
  rows.push(['--help', 'show this'], ['--version', 'show the version']);
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [
    `parley-server ${version}: a chat room with fast, reliable file transfer`,
    '',
    'Usage: parley-server [options]               run the server',
    '       parley-server fingerprint [options]   show the fingerprint by which clients know it',
    '',
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`),
    '',
    'Every option that takes a value can be given by environment too: --log-level as PARLEY_LOG_LEVEL,',
    'and so on. A flag goes before the environment.',
    '',
    'When it is ready it says on standard output: listening tcp=HOST:PORT udp=HOST:PORT',
    'then, unless --insecure is given: fingerprint SHA256:... and, while it has no operator: operator-code ...',
    'Logs go to standard error: for people on a terminal, JSON lines otherwise.',
    '',
  ].join('\n');
}

/** A port number. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new OptionError(`expected a port from 0 to 65535, got "${text}"`);
  return port;
}

/** A port number that others can connect to. */
export function parseAdvertisedPort(text: string): number {
  const port = parsePort(text);
  if (port === 0) throw new OptionError('expected a port from 1 to 65535, got "0"');
  return port;
}

/** How much is logged, from the least to the most. */
const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** How much is logged. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One of some words. */
export function parseChoice<Choice extends string>(...choices: readonly Choice[]): (text: string) => Choice {
  return (text) => {
    const choice = choices.find((one) => one === text);
    if (choice === undefined) throw new OptionError(`expected one of ${choices.join(', ')}, got "${text}"`);
    return choice;
  };
}

/** A log level. */
export const parseLogLevel = parseChoice(...LOG_LEVELS);

/** A whole number from 1 to `max`. */
export function parseCount(max: number): (text: string) => number {
  return (text) => {
    const count = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
    if (!(count >= 1 && count <= max))
      throw new OptionError(`expected a whole number from 1 to ${max}, got "${text}"`);
    return count;
  };
}

/** Slower than this nothing is transferred that anybody waits for. */
const RATE_MIN = 10_000;
/** More than any network card moves. */
const RATE_MAX = 100_000_000_000;
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9 };

/** Bytes per second. */
export function parseRate(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,12}(?:\.\d{1,3})?)([kKMG]?)$/.exec(text) ?? [];
  const rate = Math.round(Number(digits) * (UNITS[unit] ?? 1));
  if (!(rate >= RATE_MIN && rate <= RATE_MAX))
    throw new OptionError(`expected bytes per second from 10k to 100G, such as 5M, got "${text}"`);
  return rate;
}

/** How the packets of transfers reach the system. */
export const parseIo = parseChoice('auto', 'portable', 'offload');

const ADMISSIONS = ['open', 'registered-only', 'invite'] as const;

/** Whom a server lets in. */
export function parseAdmission(text: string): (typeof ADMISSIONS)[number] {
  const admission = ADMISSIONS.find((one) => one === text);
  if (admission === undefined)
    throw new OptionError(`expected one of ${ADMISSIONS.join(', ')}, got "${text}"`);
  return admission;
}

/** A number of seconds, in milliseconds. */
export function parseSeconds(text: string): number {
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds <= 3_600))
    throw new OptionError(`expected a number of seconds from 0 to 3600, got "${text}"`);
  return seconds * 1_000;
}

/** Text that is not empty. */
export function parseText(text: string): string {
  if (text.trim() === '') throw new OptionError('expected something, got an empty text');
  return text;
}
