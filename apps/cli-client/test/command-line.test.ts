import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../src/command-line.ts';

const parse = (...argv: string[]) => parseCommandLine(argv, '1.2.3');
const HOST = { host: 'host', port: 8255 };
const SECURITY = { kind: 'tls', fingerprint: undefined };
const SCREEN = { isInline: false, theme: undefined, notify: undefined };
const CHAT = { security: SECURITY, screen: SCREEN, room: undefined, profile: undefined };
const GET = { type: 'get', address: HOST, security: SECURITY, isJson: false };
const SCRIPT = { address: HOST, security: SECURITY, isJson: false };
const fingerprint = `SHA256:${'aB3+/'.repeat(8)}xyz`;

test.each([
  [[], { type: 'chat', address: undefined, ...CHAT, nickname: undefined }],
  [
    ['--', 'host:9', '--nick', 'ann'],
    { type: 'chat', address: { host: 'host', port: 9 }, ...CHAT, nickname: 'ann' },
  ],
  [['--nick', 'ann', 'host'], { type: 'chat', address: HOST, ...CHAT, nickname: 'ann' }],
  [
    ['say', 'host', 'two words', '--nick', 'ann'],
    { type: 'say', ...SCRIPT, text: 'two words', nickname: 'ann', room: undefined },
  ],
  [
    ['say', 'host', '--nick', 'ann', '--', '--dash'],
    { type: 'say', ...SCRIPT, text: '--dash', nickname: 'ann', room: undefined },
  ],
  [['users', 'host', '--room', 'den'], { type: 'users', ...SCRIPT, room: 'den' }],
  [['rooms', 'host', '--json'], { type: 'rooms', ...SCRIPT, isJson: true }],
  [['doctor', 'host'], { type: 'doctor', ...SCRIPT }],
  [
    ['tail', 'host', '--nick', 'x', '--room', 'a', '--room', 'b', '--since', '12', '--no-follow'],
    { type: 'tail', ...SCRIPT, nickname: 'x', rooms: ['a', 'b'], since: 12, lines: 10, follows: false },
  ],
  [
    ['search', 'host', 'a b', '--nick', 'x'],
    { type: 'search', ...SCRIPT, query: 'a b', nickname: 'x', rooms: [] },
  ],
  [
    ['parley://host/den', '--profile', 'work', '--inline'],
    {
      type: 'chat',
      address: HOST,
      ...CHAT,
      room: 'den',
      profile: 'work',
      screen: { ...SCREEN, isInline: true },
    },
  ],
  [['host', '--at-once', '16'], { type: 'chat', address: HOST, ...CHAT, atOnce: 16 }],
  [['host', '--limit-rate', '2.5M'], { type: 'chat', address: HOST, ...CHAT, limitRate: 2_500_000 }],
  [
    ['files', 'host'],
    { type: 'files', ...SCRIPT, view: { pattern: '', order: 'name', countMax: undefined } },
  ],
  [
    ['files', 'host', '--glob', '*.iso', '--sort', 'size', '--limit', '5'],
    { type: 'files', ...SCRIPT, view: { pattern: '*.iso', order: 'size-descending', countMax: 5 } },
  ],
  [
    ['files', 'host', '--sort', 'time', '--reverse'],
    { type: 'files', ...SCRIPT, view: { pattern: '', order: 'time', countMax: undefined } },
  ],
  [['get', 'host', 'a b', '--nick', 'x'], { ...GET, name: 'a b', nickname: 'x', to: undefined }],
  [['get', 'host', 'a', '--to', 'dir/', '--nick', 'x'], { ...GET, name: 'a', nickname: 'x', to: 'dir/' }],
  [
    ['get', 'host', 'a', '--nick', 'x', '--io', 'portable'],
    { ...GET, name: 'a', nickname: 'x', to: undefined, io: 'portable' },
  ],
  [['get', 'host', 'a', '--to', '-', '--nick', 'x'], { ...GET, name: 'a', nickname: 'x', to: '-' }],
  [
    ['get', 'host', 'a', '--json', '--nick', 'x'],
    { ...GET, name: 'a', nickname: 'x', to: undefined, isJson: true },
  ],
  [
    ['get', 'host', 'a', '--nick', 'x', '--transfers', 'tcp'],
    { ...GET, name: 'a', nickname: 'x', to: undefined, transfers: 'tcp' },
  ],
  [
    ['get', 'host', 'a', '--nick', 'x', '--confirm-at', '40%'],
    { ...GET, name: 'a', nickname: 'x', to: undefined, confirmAt: 0.4 },
  ],
  [['--io', 'auto', 'host'], { type: 'chat', address: HOST, ...CHAT, nickname: undefined, io: 'auto' }],
])('%j is understood', (argv, expected) => {
  expect(parse(...argv)).toEqual(expected);
});

test.each([
  [['--insecure', 'host'], { kind: 'none' }],
  [['say', 'host', 'hi', '--nick', 'x', '--insecure'], { kind: 'none' }],
  [['--insecure', 'files', 'host'], { kind: 'none' }],
  [['users', 'host', '--fingerprint', fingerprint], { kind: 'tls', fingerprint }],
  [['host', '--fingerprint', `${fingerprint}=`], { kind: 'tls', fingerprint }],
])('%j says how safe the connection has to be', (argv, expected) => {
  expect(parse(...argv)).toMatchObject({ security: expected });
});

describe('a mistake', () => {
  test.each([
    [['say', 'host', 'text'], '--nick'],
    [['get', 'host', '--nick', 'a'], 'name'],
    [['get', 'host', 'a'], '--nick'],
    [['get', 'host', 'a/', '--to', '-', '--nick', 'x'], 'a folder is no stream of bytes'],
    [['users', 'a:b:x'], 'HOST or HOST:PORT'],
    [['get', 'host', 'a', '--nick', 'x', '--confirm-at', '0%'], 'from 1% to 99%'],
    [['host', '--at-once', '17'], 'a number from 1 to 16'],
    [['host', '--limit-rate', '9k'], 'bytes per second'],
    [['get', 'host', 'a', '--nick', 'x', '--confirm-at', 'half'], 'from 1% to 99%'],
    [['users'], 'server'],
    [['tail', 'host', '--nick', 'x', '--since', '-1'], 'whole number'],
    [['tail', 'host', '--nick', 'x', '--lines', '51'], 'at most 50'],
    [['completion', 'tcsh'], 'bash, zsh, fish'],
    [['host', '--fingerprint', 'SHA256:short'], 'SHA256: and 43 characters'],
    [['users', 'host', '--fingerprint', fingerprint, '--insecure'], 'leave one of them away'],
    [['--nonsense'], '--nonsense'],
    [['host', '--io', 'fast'], 'portable'],
    [['a', 'b'], 'too many arguments'],
  ])('%j is explained', (argv, words) => {
    const result = parse(...argv);
    expect(result).toMatchObject({ type: 'output', isError: true, exitCode: 2 });
    expect(result).toHaveProperty('text', expect.stringContaining(words));
  });
});

test.each(['--help', '-h'])('%s names every command, on stdout', (flag) => {
  const result = parse(flag);
  expect(result).toMatchObject({ type: 'output', isError: false, exitCode: 0 });
  for (const word of [
    'say',
    'get',
    'users',
    'rooms',
    'files',
    'tail',
    'search',
    'doctor',
    '--nick',
    'Exit codes',
  ]) {
    expect(result).toHaveProperty('text', expect.stringContaining(word));
  }
});

test('each command has help of its own', () => {
  expect(parse('get', '--help')).toHaveProperty('text', expect.stringContaining('--to <path>'));
});

test('--version is the version', () => {
  expect(parse('--version')).toEqual({ type: 'output', text: '1.2.3\n', isError: false, exitCode: 0 });
});

// CHAT-TOKEN-1
test.each([
  [['host', '--password-file', 'p'], { passwordFile: 'p', tokenFile: undefined }],
  [['host', '--token-file', 't'], { passwordFile: undefined, tokenFile: 't' }],
  [['say', 'host', 'text', '--nick', 'a', '--token-file', 't'], { tokenFile: 't' }],
  [['get', 'host', 'name', '--nick', 'a', '--password-file', 'p'], { passwordFile: 'p' }],
])('%j says where the secret is, and not what it is', (argv, expected) => {
  expect(parse(...argv)).toMatchObject(expected);
});
