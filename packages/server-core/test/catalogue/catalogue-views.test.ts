import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileOrder } from '@parley/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConnectionId, ServerEvent } from '../../src/domain/events.ts';
import { CatalogueDesk } from '../../src/node/catalogue/catalogue-desk.ts';
import type { WatchFolder } from '../../src/node/catalogue/catalogue-watch.ts';
import { FileCatalogue } from '../../src/node/catalogue/file-catalogue.ts';
import { FileHasher } from '../../src/node/hashing/file-hasher.ts';
import { HashAhead } from '../../src/node/hashing/hash-ahead.ts';

let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'parley-views-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

const put = (name: string, content = name) => writeFile(join(root, name), content);

async function allPages(catalogue: FileCatalogue, order: FileOrder, pattern = ''): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await catalogue.list(cursor, 2, { order, pattern });
    names.push(...page.files.map(({ name }) => name));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return names;
}

describe('a list', () => {
  beforeEach(async () => {
    await mkdir(join(root, 'd'));
    const files = [
      ['b', 'xx', 30],
      ['a', 'x', 20],
      ['d/c', 'xx', 10],
      ['e', '', 40],
    ] as const;
    for (const [name, content, time] of files) {
      await put(name, content);
      await utimes(join(root, name), time, time);
    }
  });

  // CHAT-LIST-9
  test.each([
    ['name', ['a', 'b', 'd/c', 'e']],
    ['name-descending', ['e', 'd/c', 'b', 'a']],
    ['size', ['e', 'a', 'b', 'd/c']],
    ['size-descending', ['d/c', 'b', 'a', 'e']],
    ['time', ['d/c', 'a', 'b', 'e']],
    ['time-descending', ['e', 'b', 'a', 'd/c']],
  ] as const)('by %s has every file once, in that order, over all pages', async (order, names) => {
    expect(await allPages(new FileCatalogue(root), order)).toEqual(names);
  });

  // CHAT-LIST-8
  test('holds what fits the pattern, over all pages', async () => {
    const catalogue = new FileCatalogue(root);
    expect(await allPages(catalogue, 'size-descending', '[abc]')).toEqual(['d/c', 'b', 'a']);
    expect(await allPages(catalogue, 'name', 'nothing')).toEqual([]);
  });

  // CHAT-LIST-3
  test.each(['a', '1', '1/', '/a', '-1/a', '1/../a', '99999999999999999/a', '1e3/a'])(
    'by size takes no made-up cursor: %j',
    async (cursor) => {
      const listing = new FileCatalogue(root).list(cursor, 0, { order: 'size', pattern: '' });
      await expect(listing).rejects.toMatchObject({ code: 'cursor-invalid' });
    },
  );
});

// CHAT-LIST-10
test('a list of a digest holds the files that are known to have it, over all pages, until they change', async () => {
  for (const name of ['a', 'b', 'c', 'd']) await put(name, name === 'b' ? 'other' : 'same');
  const hasher = new FileHasher();
  const catalogue = new FileCatalogue(root);
  const answers: ServerEvent[] = [];
  const desk = new CatalogueDesk({
    catalogue,
    hasher,
    onEvent: (event) => answers.push(event),
    onError: (error) => expect(error).toBeUndefined(),
  });
  const search = async (pattern: string) => {
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const asked = { connectionId: 1 as ConnectionId, requestId: 1, cursor, limit: 1, pattern };
      await desk.list({ type: 'list-files', order: 'name-descending', ...asked });
      const answer = answers.at(-1);
      if (answer?.type !== 'file-list-ready' || !answer.result.ok) throw new Error('no list');
      names.push(...answer.result.files.map(({ name }) => name));
      cursor = answer.result.nextCursor;
    } while (cursor !== undefined);
    return names;
  };
  const digest = createHash('sha256').update('same').digest('hex');
  expect(await search(`sha256:${digest}`)).toEqual([]);
  const { files } = await catalogue.list(undefined, 0);
  for (const file of files.slice(0, 3)) await hasher.hash(file, new AbortController().signal);
  expect(await search(`sha256:${digest}`)).toEqual(['c', 'a']);
  expect(await search(`SHA256:${digest.slice(0, 5).toUpperCase()}`)).toEqual(['c', 'a']);
  expect(await search(`sha256:${digest.slice(0, -1)}${digest.endsWith('0') ? '1' : '0'}`)).toEqual([]);
  // Too short to mean a digest: a part of a path.
  expect(await search('sha256:abc')).toEqual([]);
  await put('a', 'else');
  expect(await search(`sha256:${digest}`)).toEqual(['c']);
  desk.close();
  await hasher.close();
});

// CHAT-LIST-2
test('whoever runs the server hears when lists leave something out, once', async () => {
  for (const name of ['a', 'b', 'c']) await put(name);
  const hasher = new FileHasher();
  const errors: unknown[] = [];
  const desk = new CatalogueDesk({
    catalogue: new FileCatalogue(root, {}, 3),
    hasher,
    onEvent: () => undefined,
    onError: (error) => errors.push(error),
  });
  const list = () => {
    const asked = { connectionId: 1 as ConnectionId, requestId: 1, cursor: undefined, limit: 0, pattern: '' };
    return desk.list({ type: 'list-files', order: 'name', ...asked });
  };
  await list();
  expect(errors).toEqual([]);
  await put('d');
  await list();
  await list();
  expect(errors).toEqual([expect.objectContaining({ code: 'list-cut' })]);
  desk.close();
  await hasher.close();
});

/** Tells of the next change, each time it is called. */
async function changesOf(catalogue: FileCatalogue): Promise<() => Promise<void>> {
  let count = 0;
  let wake: () => void = () => {};
  await catalogue.startWatching(() => {
    count += 1;
    wake();
  });
  return async () => {
    while (count === 0) await new Promise<void>((resolve) => (wake = resolve));
    count = 0;
  };
}

// CHAT-WATCH-1
describe('whoever looks is told', () => {
  test('of files that come, change and go, in folders that come', async () => {
    await put('a');
    const catalogue = new FileCatalogue(root, { timings: { gapMs: 1, settleMs: 1 } });
    const changed = await changesOf(catalogue);
    const list = async () => (await catalogue.list(undefined, 0)).files.map(({ name, size }) => [name, size]);
    await list();
    await put('b');
    await changed();
    expect(await list()).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    await put('b', 'longer');
    await changed();
    await mkdir(join(root, 'new'));
    await put('new/c');
    await changed();
    expect(await list()).toEqual([
      ['a', 1],
      ['b', 6],
      ['new/c', 5],
    ]);
    await rename(join(root, 'new'), join(root, '.hidden'));
    await changed();
    expect(await list()).toEqual([
      ['a', 1],
      ['b', 6],
    ]);
    catalogue.stopWatching();
  });

  test('also where the system does not tell, by walking again', async () => {
    const deaf: WatchFolder = () => {
      throw Object.assign(new Error('no more watches'), { code: 'ENOSPC' });
    };
    const catalogue = new FileCatalogue(root, { watch: deaf, timings: { rescanMs: 1, gapMs: 1 } });
    const changed = await changesOf(catalogue);
    await catalogue.list(undefined, 0);
    await put('a');
    await changed();
    catalogue.stopWatching();
  });

  test('of digests that have become known', async () => {
    await put('a');
    const catalogue = new FileCatalogue(root, { timings: { gapMs: 1, settleMs: 1 } });
    const hasher = new FileHasher();
    const ahead = new HashAhead({ hasher, onDone: () => catalogue.noteDigests() });
    const changed = await changesOf(catalogue);
    const [file] = (await catalogue.list(undefined, 0)).files;
    expect(file && hasher.known(file)).toBeUndefined();
    ahead.want(file ? [file] : []);
    await changed();
    expect(file && hasher.known(file)?.sha256).toHaveLength(32);
    ahead.stop();
    catalogue.stopWatching();
    await hasher.close();
  });
});

test('a list is not read again as long as the system vouches for it, and is when something was said', async () => {
  let tell: (name: string | undefined) => void = () => {};
  const watch: WatchFolder = (_folder, _options, onEvent) => {
    tell = onEvent;
    return { close: () => {}, on: () => undefined as never };
  };
  await put('a');
  const catalogue = new FileCatalogue(root, { watch, timings: { gapMs: 3_600_000 } });
  await catalogue.startWatching(() => {});
  const names = async () => (await catalogue.list(undefined, 0)).files.map(({ name }) => name);
  await put('b');
  expect(await names()).toEqual(['a']);
  tell('.hidden.part');
  expect(await names()).toEqual(['a']);
  tell('b');
  expect(await names()).toEqual(['a', 'b']);
  catalogue.stopWatching();
});
