import { expect, test } from 'vitest';
import { type Config, readCommand } from '../src/config.ts';
import { helpText, OPTIONS, OptionError } from '../src/options.ts';

type Env = Record<string, string>;
const command = (argv: readonly string[], env: Env = {}) => readCommand({ argv, env, cwd: '/work' });

function config(argv: readonly string[], env: Env = {}): Config {
  const read = command(argv, env);
  if (read.type !== 'serve') throw new Error(`expected to serve, got ${read.type}`);
  return read.config;
}

test('without options everything has a default', () => {
  expect(config([], { XDG_DATA_HOME: '/home/ann/.data' })).toEqual({
    host: '0.0.0.0',
    port: 8_255,
    udpPort: 8_255,
    udpPortAdvertised: undefined,
    shareFolder: undefined,
    dataFolder: '/home/ann/.data/parley',
    history: {
      sqlite: { file: '/home/ann/.data/parley/history.sqlite3', durability: 'full' },
      ageMsMax: undefined,
      entriesMax: undefined,
    },
    tls: { kind: 'own' },
    serverName: 'Parley',
    motd: expect.stringContaining('/files'),
    uploads: 'registered',
    uploadLimits: {
      fileBytesMax: 4_294_967_296,
      userBytesMax: 8_589_934_592,
      folderBytesMax: 68_719_476_736,
    },
    transferLimits: { transfersUnderWayMax: 256, transfersPerUserMax: 16 },
    rates: { download: undefined, upload: undefined },
    admission: 'open',
    io: 'auto',
    qlogFolder: undefined,
    drainMaxMs: 30_000,
    logLevel: 'info',
    hasColours: true,
    isEmbeddedDefaults: true,
    clientCommand: 'parley',
  });
});

test('flags are taken', () => {
  const flags =
    '--host :: --port 0 --udp-port 9 --udp-advertise-port 10 --share files --data /d --name Den --tls-cert c.pem --tls-key /k.pem';
  expect(
    config([
      ...flags.split(' '),
      '--uploads',
      'registered',
      '--motd',
      'hi there',
      '--admit',
      'invite',
      '--qlog-dir',
      'q',
      '--history-durability',
      'normal',
      '--history-days',
      '30',
      '--history-entries',
      '5000',
      '--io',
      'portable',
      '--drain',
      '0',
      '--log-level=debug',
    ]),
  ).toEqual({
    host: '::',
    port: 0,
    udpPort: 9,
    udpPortAdvertised: 10,
    shareFolder: '/work/files',
    dataFolder: '/d',
    history: {
      sqlite: { file: '/d/history.sqlite3', durability: 'normal' },
      ageMsMax: 30 * 86_400_000,
      entriesMax: 5_000,
    },
    tls: { kind: 'files', certificateFile: '/work/c.pem', keyFile: '/k.pem' },
    serverName: 'Den',
    motd: 'hi there',
    uploads: 'registered',
    uploadLimits: {
      fileBytesMax: 4_294_967_296,
      userBytesMax: 8_589_934_592,
      folderBytesMax: 68_719_476_736,
    },
    transferLimits: { transfersUnderWayMax: 256, transfersPerUserMax: 16 },
    rates: { download: undefined, upload: undefined },
    admission: 'invite',
    io: 'portable',
    qlogFolder: '/work/q',
    drainMaxMs: 0,
    logLevel: 'debug',
    hasColours: true,
    isEmbeddedDefaults: false,
    clientCommand: 'parley',
  });
});

test('what is said may be kept in memory', () => {
  const nothing = { sqlite: undefined, ageMsMax: undefined, entriesMax: undefined };
  expect(config(['--history', 'memory']).history).toEqual(nothing);
  expect(config(['--history=memory', '--history-entries=10']).history).toEqual({
    ...nothing,
    entriesMax: 10,
  });
});

test.each([
  [['--history', 'paper'], '--history: expected one of sqlite, memory, got "paper"'],
  [['--history-durability', 'most'], '--history-durability: expected one of full, normal, got "most"'],
  [['--history-days', '0'], '--history-days: expected a whole number from 1 to 36500, got "0"'],
  [
    ['--history-entries', '1.5'],
    '--history-entries: expected a whole number from 1 to 1000000000, got "1.5"',
  ],
  [
    ['--history', 'memory', '--history-durability', 'full'],
    '--history memory survives nothing: leave away --history-durability',
  ],
])('%j is refused', (argv, problem) => {
  expect(() => config(argv)).toThrow(problem);
});

test('a backend that does not exist is refused with those that do', () => {
  expect(() => config(['--io', 'fast'])).toThrow('--io: expected one of auto, portable, offload, got "fast"');
});

test('whom to admit is one of three', () => {
  expect(() => config(['--admit', 'all'])).toThrow(
    '--admit: expected one of open, registered-only, invite, got "all"',
  );
});

test('the separator that a package manager hands over at the front is no argument', () => {
  expect(config(['--', '--port', '7'])).toEqual(config(['--port', '7']));
  expect(() => config(['--port', '7', '--', '--name', 'Den'])).toThrow();
});

test('every option can come from the environment, and a flag goes before it', () => {
  const env = {
    PARLEY_HOST: '::1',
    PARLEY_PORT: '1',
    PARLEY_UDP_PORT: '2',
    PARLEY_UDP_ADVERTISE_PORT: '3',
    PARLEY_SHARE: '/s',
    PARLEY_DATA: '/d',
    PARLEY_TLS_CERT: '/c.pem',
    PARLEY_TLS_KEY: '/k.pem',
    PARLEY_NAME: 'n',
    PARLEY_MOTD: 'm',
    PARLEY_UPLOADS: 'all',
    PARLEY_UPLOAD_MAX_BYTES: '1000',
    PARLEY_USER_MAX_BYTES: '1500',
    PARLEY_FOLDER_MAX_BYTES: '2000',
    PARLEY_TRANSFERS: '20',
    PARLEY_USER_TRANSFERS: '3',
    PARLEY_DOWNLOAD_RATE: '5M',
    PARLEY_UPLOAD_RATE: '2.5M',
    PARLEY_USER_DOWNLOAD_RATE: '1000k',
    PARLEY_USER_UPLOAD_RATE: '10000',
    PARLEY_ADMIT: 'registered-only',
    PARLEY_QLOG_DIR: '/q',
    PARLEY_IO: 'offload',
    PARLEY_DRAIN: '3600',
    PARLEY_LOG_LEVEL: 'warn',
    PARLEY_HISTORY: 'sqlite',
    PARLEY_HISTORY_DURABILITY: 'normal',
    PARLEY_HISTORY_DAYS: '7',
    PARLEY_HISTORY_ENTRIES: '8',
  };
  expect(Object.keys(env)).toHaveLength(Object.keys(OPTIONS).length);
  expect(config([], env)).toMatchObject({
    host: '::1',
    port: 1,
    udpPort: 2,
    udpPortAdvertised: 3,
    shareFolder: '/s',
    dataFolder: '/d',
    tls: { kind: 'files', certificateFile: '/c.pem', keyFile: '/k.pem' },
    serverName: 'n',
    motd: 'm',
    uploads: 'all',
    uploadLimits: { fileBytesMax: 1_000, userBytesMax: 1_500, folderBytesMax: 2_000 },
    transferLimits: { transfersUnderWayMax: 20, transfersPerUserMax: 3 },
    rates: {
      download: { bytesPerSecondMax: 5_000_000, bytesPerSecondPerOwnerMax: 1_000_000 },
      upload: { bytesPerSecondMax: 2_500_000, bytesPerSecondPerOwnerMax: 10_000 },
    },
    admission: 'registered-only',
    io: 'offload',
    qlogFolder: '/q',
    drainMaxMs: 3_600_000,
    history: { sqlite: { durability: 'normal' }, ageMsMax: 7 * 86_400_000, entriesMax: 8 },
    logLevel: 'warn',
    isEmbeddedDefaults: false,
  });
  expect(config(['--port', '5'], env)).toMatchObject({ port: 5, udpPort: 2 });
});

test('plain TCP has to be asked for, and is something that was asked for', () => {
  expect(config(['--insecure'])).toMatchObject({ tls: { kind: 'none' }, isEmbeddedDefaults: false });
});

test('the fingerprint is asked for with the same options', () => {
  expect(command(['fingerprint', '--data', '/d'])).toMatchObject({
    type: 'fingerprint',
    config: { dataFolder: '/d', tls: { kind: 'own' } },
  });
});

test('an empty variable is not set', () => {
  expect(config([], { PARLEY_PORT: '', PARLEY_SHARE: '' })).toMatchObject({
    port: 8_255,
    shareFolder: undefined,
    isEmbeddedDefaults: true,
  });
});

test('colours can be refused', () => {
  expect(config([], { NO_COLOR: '1' }).hasColours).toBe(false);
  expect(config([], { NO_COLOR: '' }).hasColours).toBe(true);
});

test('the UDP port follows the TCP port', () => {
  expect(config(['--port', '7000'])).toMatchObject({ port: 7_000, udpPort: 7_000 });
  expect(config(['--port', '0'])).toMatchObject({ port: 0, udpPort: 0 });
});

test('the client is named as it can be started here', () => {
  expect(config([], { npm_lifecycle_event: 'start' }).clientCommand).toBe('npm run client --');
});

test.each([
  [['--port', 'http'], {}, '--port: expected a port from 0 to 65535, got "http"'],
  [['--port', '65536'], {}, '--port: expected a port from 0 to 65535, got "65536"'],
  [['--port=-1'], {}, '--port: expected a port from 0 to 65535, got "-1"'],
  [['--udp-advertise-port', '0'], {}, '--udp-advertise-port: expected a port from 1 to 65535, got "0"'],
  [[], { PARLEY_UDP_PORT: '1.5' }, 'PARLEY_UDP_PORT: expected a port from 0 to 65535, got "1.5"'],
  [['--drain', '3601'], {}, '--drain: expected a number of seconds from 0 to 3600, got "3601"'],
  [['--drain', '1.5'], {}, '--drain: expected a number of seconds'],
  [['--download-rate', 'fast'], {}, '--download-rate: expected bytes per second from 10k to 100G'],
  [['--user-upload-rate', '9.99k'], {}, '--user-upload-rate: expected bytes per second from 10k'],
  [['--log-level', 'loud'], {}, '--log-level: expected one of silent, fatal'],
  [['--host', ' '], {}, '--host: expected something, got an empty text'],
  [['--share', ''], {}, '--share: expected something, got an empty text'],
  [['--colour'], {}, "unknown option '--colour'"],
  [['--port'], {}, "option '--port <value>' argument missing"],
  [['--tls-cert', 'c'], {}, '--tls-cert and --tls-key go together'],
  [['--tls-key', 'c'], {}, '--tls-cert and --tls-key go together'],
  [['--tls-key', 'c', '--insecure'], {}, '--insecure is without TLS'],
  [['fingerprints'], {}, "unexpected argument 'fingerprints'"],
  [['somewhere'], {}, "unexpected argument 'somewhere'"],
])('%j with %j is refused', (argv, env, problem) => {
  expect(() => command(argv, env as Env)).toThrow(OptionError);
  expect(() => command(argv, env as Env)).toThrow(problem);
});

test('help and version go before everything else', () => {
  expect(command(['--help', '--port', 'x'])).toEqual({ type: 'help' });
  expect(command(['-h'])).toEqual({ type: 'help' });
  expect(command(['--version'])).toEqual({ type: 'version' });
});

test('the help names every flag, in lines of at most 110 characters', () => {
  const text = helpText('1.2.3');
  for (const { flag } of Object.values(OPTIONS)) expect(text).toContain(`--${flag} `);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
});

test.each([
  [[], 'registered'],
  [['--share', '/srv/files'], 'off'],
  [['--share', '/srv/files', '--uploads', 'all'], 'all'],
  [['--uploads', 'off'], 'off'],
] as const)('with %j those who may add files are %s', (argv, uploads) => {
  expect(config([...argv])).toMatchObject({ uploads });
});
