// The shared folder as the thread of the chat sees it: through a thread of its own.
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FolderListing } from '@parley/folders';
import type { FilePath } from '@parley/protocol';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { CatalogueThread } from '../../src/node/catalogue/catalogue-thread.ts';
import { FileCatalogue } from '../../src/node/catalogue/file-catalogue.ts';
import { folderContentFor } from '../../src/node/catalogue/folder-content.ts';
import { listFolder } from '../../src/node/catalogue/look-up.ts';

let root = '';
let catalogue: CatalogueThread;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parley-catalogue-thread-'));
  mkdirSync(join(root, 'docs/sub'), { recursive: true });
  for (const name of ['docs/a', 'docs/b', 'docs/sub/c']) writeFileSync(join(root, name), 'bytes!');
  catalogue = new CatalogueThread(root);
  onTestFinished(async () => {
    await catalogue.close();
    rmSync(root, { recursive: true, force: true });
  });
});

const BY_NAME = { pattern: '', order: 'name' } as const;
const NOTHING = { known: undefined, ranges: undefined };

// CHAT-LIST-2, CHAT-LIST-3
test('lists, finds, and says what is wrong, as the catalogue itself does', async () => {
  const own = new FileCatalogue(root);
  const first = await catalogue.list(undefined, 2, BY_NAME);
  expect(first).toEqual(await own.list(undefined, 2, BY_NAME));
  expect((await catalogue.list(first.nextCursor, 2, BY_NAME)).files.map(({ name }) => name)).toEqual([
    'docs/sub/c',
  ]);
  await expect(catalogue.list('/made up', 2, BY_NAME)).rejects.toMatchObject({ code: 'cursor-invalid' });
  expect(await catalogue.find('docs/a' as FilePath)).toEqual(await own.find('docs/a' as FilePath));
  expect(await catalogue.find('docs' as FilePath)).toBeUndefined();
  expect(await catalogue.isFolder('docs' as FilePath)).toBe(true);
  renameSync(root, `${root}-away`);
  onTestFinished(() => rmSync(`${root}-away`, { recursive: true, force: true }));
  await expect(catalogue.list(undefined, 2, BY_NAME)).rejects.toMatchObject({ code: 'ENOENT' });
});

// CHAT-FOLDER-2, CHAT-FOLDER-3
test('reads a folder, and says what is to be sent of it and why nothing is', async () => {
  const place = await catalogue.folderPlace('docs' as FilePath);
  const listing = (await listFolder(place)) as FolderListing;
  const all = await catalogue.readFolder(place, NOTHING);
  expect(all).toEqual(folderContentFor({ name: 'docs', ...NOTHING }, listing));
  const wish = { known: all?.manifestRoot, ranges: [{ start: 1, end: 2 }] };
  expect(await catalogue.readFolder(place, wish)).toMatchObject({
    manifest: new Uint8Array(0),
    files: [{ path: join(place.root, 'docs/b'), size: 6 }],
  });
  const beyond = { ...wish, ranges: [{ start: 1, end: 20 }] };
  await expect(catalogue.readFolder(place, beyond)).rejects.toMatchObject({ code: 'range-invalid' });
  expect(await catalogue.readFolder({ ...place, below: 'absent' as FilePath }, NOTHING)).toBeUndefined();
  await expect(catalogue.readFolder({ ...place, root: `${place.root}\0` }, NOTHING)).rejects.toMatchObject({
    code: 'ERR_INVALID_ARG_VALUE',
  });
});

// CHAT-WATCH-1
test('tells of changes until nobody wants to hear of them', async () => {
  let changes = 0;
  let tell = (): void => undefined;
  const changed = () =>
    new Promise<void>((resolve) => {
      tell = resolve;
    });
  await catalogue.startWatching(() => {
    changes += 1;
    tell();
  });
  const first = changed();
  writeFileSync(join(root, 'docs/new'), 'x');
  await first;
  const told = changed();
  catalogue.noteDigests();
  await told;
  catalogue.stopWatching();
  const before = changes;
  writeFileSync(join(root, 'docs/unseen'), 'x');
  await catalogue.list(undefined, 1, BY_NAME);
  expect(changes).toBe(before);
});

test('closing ends the thread and tells everybody who waits', async () => {
  const refusal = { code: 'closed' };
  const told = expect(catalogue.list(undefined, 1, BY_NAME)).rejects.toMatchObject(refusal);
  const place = await catalogue.folderPlace('docs' as FilePath);
  const toldToo = expect(catalogue.readFolder(place, NOTHING)).rejects.toMatchObject(refusal);
  await catalogue.close();
  await told;
  await toldToo;
  await expect(catalogue.find('docs/a' as FilePath)).rejects.toMatchObject(refusal);
});
