// Whom the program believes: known servers, fingerprints, and what it says about the others.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSelfSignedIdentity, identityFingerprint } from '@parley/server-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createServerCheck } from '../src/trust/check-server.ts';
import { parseFingerprint } from '../src/trust/fingerprint.ts';
import { KnownServers, KnownServersError, knownServersFile } from '../src/trust/known-servers.ts';
import { runProgram } from './support/program.ts';
import { TestRoom } from './support/test-room.ts';

const identity = createSelfSignedIdentity(new Date());
const real = identityFingerprint(identity.certificate);
const other = identityFingerprint(createSelfSignedIdentity(new Date()).certificate);
let folder = '';
let file = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-trust-'));
  file = join(folder, 'parley', 'known-servers');
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('a fingerprint', () => {
  test('is taken as it is shown, with or without padding', () => {
    expect(parseFingerprint(real)).toBe(real);
    expect(parseFingerprint(` ${real}=\n`)).toBe(real);
  });

  test.each(['', 'SHA256:', real.slice(0, -1), `${real}x`, real.toLowerCase(), real.slice(7), 'MD5:ab'])(
    '%j is none',
    (text) => expect(parseFingerprint(text)).toBeUndefined(),
  );
});

describe('the known servers', () => {
  test('are kept in a file for this user alone, where the last line counts', () => {
    const known = new KnownServers(file);
    expect(known.find('den:8255')).toBeUndefined();
    expect(known.remember('den:8255', other)).toBeUndefined();
    expect(known.remember('[::1]:1', other)).toBeUndefined();
    expect(known.remember('den:8255', real)).toBeUndefined();
    const again = new KnownServers(file);
    expect([again.find('den:8255'), again.find('[::1]:1'), again.find('den:1')]).toEqual([
      real,
      other,
      undefined,
    ]);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(5);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('may be edited by hand, on any system', () => {
    mkdirSync(join(folder, 'parley'));
    writeFileSync(file, `# mine\r\n\r\n  den:8255\t${real}  \r\nbar:1 ${other}`);
    const known = new KnownServers(file);
    expect([known.find('den:8255'), known.find('bar:1')]).toEqual([real, other]);
    known.remember('new:1', real);
    expect(new KnownServers(file).find('bar:1')).toBe(other);
    expect(new KnownServers(file).find('new:1')).toBe(real);
  });

  test.each([
    ['half a line', 'den:8255'],
    ['noise', '\u0000\u0001\u0002'],
    ['a line cut short', `den:8255 ${real.slice(0, 20)}`],
    ['a line too many words long', `den:8255 ${real} 2026`],
  ])('are not guessed from %s', (_, line) => {
    mkdirSync(join(folder, 'parley'));
    writeFileSync(file, `bar:1 ${other}\n${line}\n`);
    expect(() => new KnownServers(file).find('bar:1')).toThrow(KnownServersError);
    expect(() => new KnownServers(file).find('bar:1')).toThrow(
      `line 2 of ${file} is not HOST:PORT FINGERPRINT`,
    );
  });

  test('that cannot be written are known to this process', () => {
    writeFileSync(join(folder, 'parley'), 'a file where the folder should be');
    const known = new KnownServers(file);
    expect(known.remember('den:8255', real)).toMatch(/^den:8255 cannot be remembered \(\w+\): /);
    expect(known.find('den:8255')).toBe(real);
    expect(() => known.find('bar:1')).toThrow(/cannot be read \(ENOTDIR\)/);
  });

  test('lie where the user keeps settings', () => {
    expect(knownServersFile({ XDG_CONFIG_HOME: '/c' })).toBe('/c/parley/known-servers');
    expect(knownServersFile({ XDG_CONFIG_HOME: 'relative' })).toMatch(/\.config\/parley\/known-servers$/);
  });
});

// CHAT-TLS-2
describe('a server', () => {
  function check(options: { known?: string; expected?: string; isVouchedFor?: boolean }) {
    const remembered: string[] = [];
    const { known, expected, isVouchedFor = false } = options;
    const remember = (fingerprint: string) => void remembered.push(fingerprint);
    const checkServer = createServerCheck({ server: 'den:8255', known, expected, remember });
    return { reason: checkServer({ fingerprint: real, isVouchedFor })?.reason ?? 'believed', remembered };
  }

  test.each([
    ['that is known', { known: real }, 'believed', []],
    ['that nobody knows', {}, 'unknown', []],
    ['that was another one', { known: other }, 'changed', []],
    ['that the roots vouch for', { isVouchedFor: true }, 'believed', []],
    ['that the roots vouch for and was another one', { known: other, isVouchedFor: true }, 'believed', []],
    ['that the command line names', { expected: real }, 'believed', [real]],
    ['that the command line names and is known', { expected: real, known: real }, 'believed', []],
    ['that the command line names and was another one', { expected: real, known: other }, 'believed', [real]],
    ['that the command line does not mean', { expected: other, known: real }, 'changed', []],
    ['that it does not mean, whoever vouches', { expected: other, isVouchedFor: true }, 'changed', []],
  ])('%s', (_, options, reason, remembered) => {
    expect(check(options)).toEqual({ reason, remembered });
  });
});

describe('the program', () => {
  let room: TestRoom;
  let address = '';

  beforeEach(async () => {
    room = await TestRoom.open({}, {}, identity);
    address = `127.0.0.1:${room.address.port}`;
  });

  afterEach(() => room.close());

  const run = (...args: string[]) =>
    runProgram(args, { isSecure: true, env: { XDG_CONFIG_HOME: folder, NO_COLOR: '1' } });

  test('says nothing to a server that it does not know; a fingerprint makes it known', async () => {
    const unknown = await run('say', address, 'hello', '--nick', 'robot');
    expect(unknown).toMatchObject({ exitCode: 8, stdout: '' });
    expect(unknown.stderr).toMatch(
      /^parley: 127\.0\.0\.1:\d+ is not known yet\. Its fingerprint is SHA256:[^\n]*\n$/,
    );
    expect(unknown.stderr).toContain(`--fingerprint ${real}`);
    expect(await run('say', address, 'hello', '--nick', 'robot', '--fingerprint', real)).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
    expect(await run('users', address)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('warns loudly of a server that has changed, and goes on only when told to', async () => {
    new KnownServers(file).remember(address, other);
    const changed = await run('users', address);
    expect(changed).toMatchObject({ exitCode: 8, stdout: '' });
    expect(changed.stderr).toMatch(/^parley: WARNING: .* IS NOT THE SERVER THAT IT WAS\./);
    expect(changed.stderr).toContain(other);
    expect(await run('users', address, '--fingerprint', real)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await run('users', address)).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test('says that the other end speaks TLS, or does not', async () => {
    const plain = await runProgram(['users', address]);
    expect(plain).toMatchObject({ exitCode: 3, stdout: '' });
    expect(plain.stderr).toContain(
      '(tls-required): this server speaks TLS: connect with TLS (leave --insecure away)',
    );
    const insecure = await TestRoom.open();
    const secure = await run('users', `127.0.0.1:${insecure.address.port}`);
    await insecure.close();
    expect(secure).toMatchObject({ exitCode: 3, stdout: '' });
    expect(secure.stderr).toContain(
      'does not speak TLS: it is no Parley server, or one that was started with --insecure',
    );
  });

  test('stops at known servers that are damaged, and goes on without a place to keep them', async () => {
    mkdirSync(join(folder, 'parley'));
    writeFileSync(file, 'damaged\n');
    const damaged = await run('users', address, '--fingerprint', real);
    expect(damaged).toMatchObject({ exitCode: 8, stdout: '' });
    expect(damaged.stderr).toContain(`line 1 of ${file} is not HOST:PORT FINGERPRINT`);
    rmSync(file);
    mkdirSync(file);
    const unreadable = await run('users', address, '--fingerprint', real);
    expect(unreadable).toMatchObject({ exitCode: 8, stderr: expect.stringContaining('(EISDIR)') });
  });
});
