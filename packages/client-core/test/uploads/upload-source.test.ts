import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveUploadSource } from '../../src/node/uploads/upload-source.ts';
import { makeFolder } from '../downloads/support.ts';

// CHAT-FOLDER-8
test('the slash behind a name says whether a folder is meant, of what is here and of what it is called there', async () => {
  const folder = makeFolder();
  mkdirSync(join(folder, 'photos'));
  writeFileSync(join(folder, 'note.txt'), 'hello');
  const nameOf = async (path: string, name?: string) => (await resolveUploadSource(folder, path, name)).name;
  expect(await nameOf('photos')).toBe('photos/');
  expect(await nameOf('photos/', 'pictures')).toBe('pictures/');
  expect(await nameOf('note.txt', 'text.txt')).toBe('text.txt');
  await expect(nameOf('note.txt/')).rejects.toMatchObject({ code: 'source-unreadable' });
  await expect(nameOf('note.txt', 'docs/')).rejects.toMatchObject({ code: 'file-name-invalid' });
});
