import { chmod, link, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSelfSignedIdentity, identityFingerprint } from '@parley/server-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Config } from '../src/config.ts';
import { IdentityError, loadIdentity } from '../src/identity.ts';

const identity = createSelfSignedIdentity(new Date());
const other = createSelfSignedIdentity(new Date());
let folder = '';

const load = (tls: Config['tls'], dataFolder = join(folder, 'data')) =>
  loadIdentity({ tls, dataFolder } as Config);

async function save(name: string, content: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content, { mode: 0o600 });
  return file;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-identity-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('an identity of its own', () => {
  test('is made once, for the server alone to read', async () => {
    const first = await load({ kind: 'own' });
    expect(await readdir(join(folder, 'data'))).toEqual(['identity.pem']);
    const { mode } = await stat(join(folder, 'data', 'identity.pem'));
    if (process.platform !== 'win32') expect(mode & 0o777).toBe(0o600);
    expect(await load({ kind: 'own' })).toEqual(first);
    expect(first?.fingerprint).toBe(identityFingerprint(first?.identity.certificate ?? ''));
  });

  test('is one, however many starts make it at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => load({ kind: 'own' })));
    expect(new Set(all.map((one) => one?.fingerprint)).size).toBe(1);
    expect(await load({ kind: 'own' })).toEqual(all[0]);
  });

  test('that others may read is not used', async () => {
    if (process.platform === 'win32') return;
    await load({ kind: 'own' }, folder);
    await chmod(join(folder, 'identity.pem'), 0o640);
    await expect(load({ kind: 'own' }, folder)).rejects.toThrow(
      /others may read it: run chmod 600 .*identity\.pem/,
    );
  });

  test.each([
    ['is empty', ''],
    ['is noise', '\u0000\u0001'],
    ['has lost its certificate', identity.key],
    ['has the key of another', `${other.key}${identity.certificate}`],
  ])('that %s is not replaced; it is said what that would mean', async (_, content) => {
    const file = await save('identity.pem', content);
    const loading = load({ kind: 'own' }, folder);
    await expect(loading).rejects.toThrow(IdentityError);
    await expect(loading).rejects.toThrow(
      /identity\.pem: .*; restore it, or delete it to get a new identity/,
    );
    expect(await readFile(file, 'utf8')).toBe(content);
  });

  test('cannot be kept where there is no folder', async () => {
    const file = await save('file', 'mine');
    await expect(load({ kind: 'own' }, file)).rejects.toThrow(/cannot be read \(ENOTDIR\)/);
    await expect(load({ kind: 'own' }, join(file, 'data'))).rejects.toThrow(IdentityError);
    expect(await readFile(file, 'utf8')).toBe('mine');
  });
});

describe('an identity of the operator', () => {
  test('is taken from its files, chain and all', async () => {
    const certificateFile = await save('chain.pem', `${identity.certificate}${other.certificate}`);
    const keyFile = await save('key.pem', identity.key);
    const loaded = await load({ kind: 'files', certificateFile, keyFile });
    expect(loaded?.fingerprint).toBe(identityFingerprint(identity.certificate));
    expect(loaded?.identity.certificate).toContain(other.certificate);
  });

  test.each([
    ['of another certificate', other.key, 'the key is not that of the certificate'],
    ['that is encrypted', '-----BEGIN ENCRYPTED PRIVATE KEY-----\n', 'the key is encrypted'],
    ['that is none', 'key', 'there is no private key in PEM format'],
  ])('with a key %s is refused', async (_, key, problem) => {
    const certificateFile = await save('certificate.pem', identity.certificate);
    const keyFile = await save('key.pem', key);
    await expect(load({ kind: 'files', certificateFile, keyFile })).rejects.toThrow(problem);
  });

  test('that is not there is refused by name', async () => {
    const certificateFile = join(folder, 'nothing.pem');
    const loading = load({ kind: 'files', certificateFile, keyFile: certificateFile });
    await expect(loading).rejects.toThrow(
      `the certificate for TLS cannot be read (ENOENT): ${certificateFile}`,
    );
  });
});

test('without TLS there is none', async () => {
  expect(await load({ kind: 'none' })).toBeUndefined();
});

// What is tested above rests on this: a second name for a file fails where the name exists.
test('the file system does not link over what exists', async () => {
  const [one, two] = [await save('one', '1'), await save('two', '2')];
  await expect(link(one, two)).rejects.toMatchObject({ code: 'EEXIST' });
});
