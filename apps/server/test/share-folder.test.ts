import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkShareFolder, makeShareFolder, SAMPLE_BYTES, SAMPLE_SHA256 } from '../src/share-folder.ts';

const logger = pino({ level: 'silent' });
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-share-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the first start makes a folder with a welcome and a sample whose digest is known', async () => {
  const share = await makeShareFolder(join(folder, 'data', 'parley'), logger);
  expect(share).toBe(join(folder, 'data', 'parley', 'share'));
  expect((await readdir(share)).sort()).toEqual(['sample-100MB.bin', 'welcome.txt']);
  const sample = await readFile(join(share, 'sample-100MB.bin'));
  expect(sample.length).toBe(SAMPLE_BYTES);
  expect(createHash('sha256').update(sample).digest('hex')).toBe(SAMPLE_SHA256);
  expect(await readFile(join(share, 'welcome.txt'), 'utf8')).toContain(SAMPLE_SHA256);
});

test('a later start leaves the folder as it is', async () => {
  const share = await makeShareFolder(folder, logger);
  await rm(join(share, 'sample-100MB.bin'));
  await writeFile(join(share, 'welcome.txt'), 'mine');
  expect(await makeShareFolder(folder, logger)).toBe(share);
  expect(await readdir(share)).toEqual(['welcome.txt']);
  expect(await readFile(join(share, 'welcome.txt'), 'utf8')).toBe('mine');
});

test('a first start that was interrupted is finished by the next one', async () => {
  const share = await makeShareFolder(folder, logger);
  await rename(join(share, 'sample-100MB.bin'), join(share, '.sample-100MB.bin'));
  await makeShareFolder(folder, logger);
  expect((await readdir(share)).sort()).toEqual(['sample-100MB.bin', 'welcome.txt']);
});

test('a folder that is not there, or no folder, is a clear error', async () => {
  await expect(checkShareFolder(join(folder, 'absent'))).rejects.toThrow(
    `the folder to share does not exist: ${join(folder, 'absent')}`,
  );
  await writeFile(join(folder, 'file'), '');
  await expect(checkShareFolder(join(folder, 'file'))).rejects.toThrow('the folder to share is not a folder');
  await expect(checkShareFolder(folder)).resolves.toBeUndefined();
});

test('a data folder that cannot be made is a clear error with advice', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(makeShareFolder(join(folder, 'file'), logger)).rejects.toThrow(
    /cannot make the shared folder .* \(ENOTDIR\): choose another place with --data/,
  );
});

test.skipIf(process.getuid?.() === 0)('a folder that cannot be read is a clear error', async () => {
  await chmod(folder, 0o000);
  await expect(checkShareFolder(folder)).rejects.toThrow('cannot be read (EACCES)');
  await chmod(folder, 0o700);
  expect((await stat(folder)).isDirectory()).toBe(true);
});
