import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatLoginToken } from '@parley/client-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCredential } from '../src/credential-file.ts';
import { LoginKeys } from '../src/trust/login-keys.ts';

let folder: string;
let keys: LoginKeys;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-keys-'));
  keys = new LoginKeys(join(folder, 'login-keys'));
});

afterEach(() => rm(folder, { recursive: true }));

test('each server has a key of its own, which stays until it is forgotten', () => {
  const [here, there] = ['chat.example:8255', '[::1]:8255'];
  expect(keys.find(here)).toBeUndefined();
  const made = keys.make(here);
  expect(keys.find(here)?.publicKey).toEqual(made.publicKey);
  expect(keys.make(there).publicKey).not.toEqual(made.publicKey);
  expect(() => keys.make(here)).toThrow('the key cannot be kept (EEXIST)');
  keys.forget(here);
  expect([keys.find(here), keys.find(there)?.kind]).toEqual([undefined, 'key']);
});

test.skipIf(process.platform === 'win32')('a key is for its user alone', async () => {
  keys.make('chat.example:8255');
  const { mode } = await stat(join(folder, 'login-keys', 'chat.example%3A8255.pem'));
  expect(mode & 0o777).toBe(0o600);
});

test('a file that is no key is not taken for one that is missing', async () => {
  keys.make('chat.example:8255');
  await writeFile(join(folder, 'login-keys', 'chat.example%3A8255.pem'), 'scrambled');
  expect(() => keys.find('chat.example:8255')).toThrow('is no key that parley has made');
});

test('passwords and tokens are read from the first line of a file', async () => {
  const token = new Uint8Array(32).fill(3) as Parameters<typeof formatLoginToken>[0];
  const [passwordFile, tokenFile, emptyFile] = ['password', 'token', 'empty'].map((name) =>
    join(folder, name),
  );
  await writeFile(passwordFile as string, 'all hands \r\nsecond line\n');
  await writeFile(tokenFile as string, `${formatLoginToken(token)}\n`);
  await writeFile(emptyFile as string, '');
  expect(readCredential({})).toBeUndefined();
  expect(readCredential({ passwordFile })).toEqual({ kind: 'password', password: 'all hands ' });
  expect(readCredential({ tokenFile })).toEqual({ kind: 'token', token });
  expect(() => readCredential({ passwordFile: emptyFile })).toThrow('there is no password in the first line');
  expect(() => readCredential({ tokenFile: passwordFile })).toThrow('is no token');
  expect(() => readCredential({ tokenFile: join(folder, 'none') })).toThrow(
    'the token cannot be read (ENOENT)',
  );
});
