// The program as a user runs it: from source, as a process of its own, on free ports of 127.0.0.1.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { createSelfSignedIdentity, identityFingerprint } from '@parley/server-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RunningServer } from './support/running-server.ts';

let folder = '';
let running: RunningServer[] = [];

/** A server that is killed when the test is over. */
class Server extends RunningServer {
  constructor(args: readonly string[], env: Record<string, string> = {}) {
    super(folder, args, env);
    running.push(this);
  }
}

const FREE_PORTS = ['--host', '127.0.0.1', '--port', '0'];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-program-'));
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((server) => server.kill()));
  await rm(folder, { recursive: true, force: true });
});

test.each(['SIGINT', 'SIGTERM'] as const)('serves until %s, then exits with 0', async (signal) => {
  const program = new Server([...FREE_PORTS, '--share', folder, '--insecure']);
  const { tcp, udp } = await program.ready();
  expect(tcp).not.toBe(0);
  expect(udp).not.toBe(0);
  const socket = connect(tcp, '127.0.0.1');
  await once(socket, 'connect');
  program.signal(signal);
  // A goodbye, then the end.
  const [bytes] = await once(socket, 'data');
  expect(bytes[4]).toBe(0x4c);
  expect(await program.end).toEqual({ code: 0, signal: null });
  const [ready, code] = program.stdout.text.split('\n');
  expect(ready).toBe(`listening tcp=127.0.0.1:${tcp} udp=127.0.0.1:${udp}`);
  expect(code).toMatch(/^operator-code [0-9a-f]{32}$/);
});

test('logs JSON to standard error', async () => {
  const program = new Server([...FREE_PORTS, '--share', folder, '--log-level', 'debug', '--insecure']);
  const { tcp } = await program.ready();
  const socket = connect(tcp, '127.0.0.1');
  await once(socket, 'connect');
  socket.end();
  expect(await program.logged('session-ended')).toMatchObject({
    level: 20,
    subsystem: 'chat',
    connectionId: 1,
    detail: 'the client closed the connection',
  });
  for (const line of program.stderr.text.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg');
});

test('without a folder of its own it shares one that it makes', async () => {
  const program = new Server(FREE_PORTS);
  await program.ready();
  expect(await program.logged('udp-opened')).toMatchObject({
    backend: expect.stringMatching(/^(portable|offload)$/),
  });
  const entry = await program.logged('ready');
  expect(entry).toMatchObject({ folder: join(folder, 'xdg', 'parley', 'share') });
});

test('a port that is taken is told with the way out, and exits with 1', async () => {
  const first = new Server([...FREE_PORTS, '--share', folder]);
  const { tcp, udp } = await first.ready();
  const second = new Server([
    '--host',
    '127.0.0.1',
    '--share',
    folder,
    '--port',
    `${tcp}`,
    '--udp-port',
    '0',
    '--data',
    join(folder, 'another'),
  ]);
  expect(await second.end).toEqual({ code: 1, signal: null });
  expect(second.stderr.text).toBe(
    `parley-server: TCP port ${tcp} is taken: another server runs there, choose another port with --port\n`,
  );
  const third = new Server([...FREE_PORTS, '--share', folder, '--udp-port', `${udp}`]);
  expect(await third.end).toEqual({ code: 1, signal: null });
  expect(third.stderr.text).toContain(`UDP port ${udp} is taken`);
});

test('a second server on the same history is told, and exits with 1', async () => {
  const args = [...FREE_PORTS, '--share', folder, '--insecure'];
  const first = new Server(args);
  await first.ready();
  const file = join(folder, 'xdg', 'parley', 'history.sqlite3');
  expect(await first.logged('ready')).toMatchObject({ history: { file, durability: 'full' } });
  const second = new Server(args);
  expect(await second.end).toEqual({ code: 1, signal: null });
  expect(second.stderr.text).toBe(
    `parley-server: the history ${file} cannot be used: database is locked; another server uses it: ` +
      'stop that one, or choose another folder with --data\n',
  );
  expect(second.stdout.text).toBe('');
});

test.each([
  [['--port', 'http'], '--port: expected a port from 0 to 65535, got "http"'],
  [['--share', '/no/such/folder'], 'the folder to share does not exist: /no/such/folder'],
  [['--share', '/', '--name', 'x'.repeat(200)], 'serverName has at most 128 bytes, this one has 200'],
])('%j is a usage error and exits with 2', async (args, problem) => {
  const program = new Server([...FREE_PORTS, ...args]);
  expect(await program.end).toEqual({ code: 2, signal: null });
  expect(program.stderr.text).toContain(`parley-server: ${problem}\n`);
  expect(program.stdout.text).toBe('');
});

test('an address that is not of this machine is told', async () => {
  const program = new Server(['--host', '192.0.2.1', '--port', '0', '--share', folder]);
  expect(await program.end).toEqual({ code: 1, signal: null });
  expect(program.stderr.text).toContain('192.0.2.1 is not an address of this machine');
});

test('help and version are on standard output', async () => {
  const help = new Server(['--help']);
  expect(await help.end).toEqual({ code: 0, signal: null });
  expect(help.stdout.text).toContain('Usage: parley-server [options]');
  const version = new Server(['--version']);
  expect(await version.end).toEqual({ code: 0, signal: null });
  expect(version.stdout.text).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('the environment can name the shared folder', async () => {
  const program = new Server(FREE_PORTS, { PARLEY_SHARE: folder });
  await program.ready();
  expect(await program.logged('ready')).toMatchObject({ folder });
});

test('TLS is the default, with an identity that stays', async () => {
  const args = [...FREE_PORTS, '--share', folder, '--data', join(folder, 'data')];
  const shown = new Server(['fingerprint', '--data', join(folder, 'data')]);
  expect(await shown.end).toEqual({ code: 0, signal: null });
  const fingerprint = shown.stdout.text.trim();
  expect(fingerprint).toMatch(/^SHA256:[\w+/]{43}$/);
  const program = new Server(args);
  const { tcp } = await program.ready();
  const socket = connectTls({ host: '127.0.0.1', port: tcp, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerX509Certificate()?.toString() ?? '';
  expect(identityFingerprint(certificate)).toBe(fingerprint);
  socket.destroy();
  program.signal('SIGTERM');
  await program.end;
  expect(program.stdout.text).toMatch(/^listening \S+ \S+\nfingerprint (\S+)\noperator-code \S+\n$/);
  expect(program.stdout.text).toContain(`fingerprint ${fingerprint}\n`);
});

test('a certificate of the operator is read again on SIGHUP', async () => {
  const [first, second] = [createSelfSignedIdentity(new Date()), createSelfSignedIdentity(new Date())];
  const [certificateFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  await writeFile(certificateFile, first.certificate);
  await writeFile(keyFile, first.key);
  const tls = ['--tls-cert', certificateFile, '--tls-key', keyFile];
  const program = new Server([...FREE_PORTS, '--share', folder, ...tls]);
  const { tcp } = await program.ready();
  await writeFile(certificateFile, second.certificate);
  program.signal('SIGHUP');
  expect(await program.logged('identity not reloaded: the old one stays in use')).toMatchObject({
    level: 50,
  });
  await writeFile(keyFile, second.key);
  program.signal('SIGHUP');
  await program.logged('identity reloaded');
  const socket = connectTls({ host: '127.0.0.1', port: tcp, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  expect(socket.getPeerX509Certificate()?.toString()).toBe(second.certificate);
  socket.destroy();
});
