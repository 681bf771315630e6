import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localFileName } from '@parley/folders';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resolveDownloadTarget } from '../../src/node/downloads/download-target.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-target-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const target = (to?: string) => resolveDownloadTarget({ name: 'notes.txt', folder, to });

test('without a wish the file goes into the folder under its own name', async () => {
  expect(await target()).toBe(join(folder, 'notes.txt'));
});

test('a folder takes the file under its own name', async () => {
  await mkdir(join(folder, 'sub'));
  expect(await target('sub')).toBe(join(folder, 'sub', 'notes.txt'));
  expect(await target('sub/')).toBe(join(folder, 'sub', 'notes.txt'));
  expect(await target(join(folder, 'sub'))).toBe(join(folder, 'sub', 'notes.txt'));
});

// CHAT-FILE-2
test('only the last part of a path at the server becomes a name here', async () => {
  const options = { name: 'a/b/c.txt', folder, to: undefined };
  expect(await resolveDownloadTarget(options)).toBe(join(folder, 'c.txt'));
  expect(localFileName('a/con/b:c', 'win32')).toBe('b_c');
});

test('a path that is not there is the new name', async () => {
  expect(await target('other.txt')).toBe(join(folder, 'other.txt'));
});

test('a file that is there is never the target', async () => {
  await writeFile(join(folder, 'notes.txt'), 'mine');
  await expect(target()).rejects.toMatchObject({ code: 'target-exists' });
  await expect(target('notes.txt')).rejects.toMatchObject({ code: 'target-exists' });
});

test('a link that leads nowhere counts as there', async () => {
  await symlink(join(folder, 'nowhere'), join(folder, 'notes.txt'));
  await expect(target()).rejects.toMatchObject({ code: 'target-exists' });
});

test('a folder that is not there is an error, with or without a name behind it', async () => {
  await expect(target('missing/')).rejects.toMatchObject({ code: 'target-unwritable' });
  await expect(target('missing/notes.txt')).rejects.toMatchObject({ code: 'target-unwritable' });
});

test('a file is no folder', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(target('file/notes.txt')).rejects.toMatchObject({ code: 'target-unwritable' });
});

// CHAT-FILE-1
test.each([
  ['notes: "draft"?.txt', 'notes_ _draft__.txt'],
  ['con.txt', '_con.txt'],
  ['trailing.', 'trailing_'],
  ['a|b<c>*', 'a_b_c__'],
  ['ordinary.txt', 'ordinary.txt'],
])('%s is stored as %s on Windows, and as it is elsewhere', (name, stored) => {
  expect(localFileName(name, 'win32')).toBe(stored);
  expect(localFileName(name, 'linux')).toBe(name);
});
