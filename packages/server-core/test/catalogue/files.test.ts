import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SharedFile, walkFolder } from '@parley/folders';
import { type FilePath, parseFilePath } from '@parley/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileCatalogue } from '../../src/node/catalogue/file-catalogue.ts';
import { FileHasher } from '../../src/node/hashing/file-hasher.ts';

let folder = '';
let root = '';
let catalogue: FileCatalogue;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-files-'));
  root = join(folder, 'share');
  await mkdir(root);
  await writeFile(join(folder, 'secret.txt'), 'secret');
  catalogue = new FileCatalogue(root);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const put = (name: string, content: string | Uint8Array = name) => writeFile(join(root, name), content);
const namesOf = (files: readonly SharedFile[]) => files.map(({ name }) => name);

function fileName(name: string): FilePath {
  const parsed = parseFilePath(name);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}

describe('the catalogue', () => {
  // CHAT-LIST-2
  test('lists files with name, size and time, in the order of names', async () => {
    await put('b.txt', 'twelve bytes');
    await put('a 🦜.bin', new Uint8Array(5));
    await put('B', '');
    await utimes(join(root, 'b.txt'), 1_700_000_000, 1_700_000_000.5);
    const { files, nextCursor } = await catalogue.list(undefined, 0);
    expect(files.map(({ name, size }) => [name, size])).toEqual([
      ['B', 0],
      ['a 🦜.bin', 5],
      ['b.txt', 12],
    ]);
    expect(files[2]).toMatchObject({ modifiedAt: 1_700_000_000_500, path: join(root, 'b.txt') });
    expect(nextCursor).toBeUndefined();
  });

  // CHAT-LIST-4, CHAT-FILE-1
  test('shows regular files inside of the folder only', async () => {
    await put('open.txt');
    for (const name of ['.hidden', 'back\\slash', 'new\nline', 'escape\u001b[2J', 'gpj\u202eexe.'])
      await put(name);
    await mkdir(join(root, 'folder'));
    await put('folder/inside.txt');
    await mkdir(join(root, '.git'));
    await put('.git/config');
    const socket = createServer().listen(join(root, 'socket'));
    await once(socket, 'listening');
    await symlink('open.txt', join(root, 'link-inside'));
    await symlink('folder/inside.txt', join(root, 'link-deeper'));
    await symlink('../secret.txt', join(root, 'link-outside'));
    await symlink(join(folder, 'secret.txt'), join(root, 'link-absolute'));
    await symlink('/dev/zero', join(root, 'link-device'));
    await symlink('.git/config', join(root, 'link-hidden'));
    await symlink('folder', join(root, 'link-folder'));
    await symlink('link-loop', join(root, 'link-loop'));
    await symlink('nowhere', join(root, 'link-nowhere'));
    const shown = ['folder/inside.txt', 'link-deeper', 'link-inside', 'open.txt'];
    expect(namesOf((await catalogue.list(undefined, 0)).files)).toEqual(shown);
    const hidden = [
      'folder',
      'socket',
      'link-outside',
      'link-absolute',
      'link-device',
      'link-hidden',
      'link-folder',
    ];
    for (const name of [...hidden, 'link-loop', 'link-nowhere', 'absent']) {
      expect(await catalogue.find(fileName(name))).toBeUndefined();
    }
    expect(await catalogue.find(fileName('link-deeper'))).toMatchObject({
      path: join(root, 'folder', 'inside.txt'),
    });
    socket.close();
  });

  // CHAT-LIST-2
  test('reads no more names than it may, and serves what is beyond them by its path', async () => {
    await mkdir(join(root, 'a', 'b'), { recursive: true });
    for (const path of ['a/b/c.txt', 'x', 'y']) await put(path);
    const walked = async (namesMax: number) =>
      (await walkFolder(root, namesMax)).files.map(({ name }) => name).sort();
    expect(await walked(3)).toEqual(['x', 'y']);
    expect(await walked(5)).toEqual(['a/b/c.txt', 'x', 'y']);
    expect(await catalogue.find('a/b/c.txt' as FilePath)).toBeDefined();
  });

  // CHAT-LIST-2
  test('lists sub-folders in the order of whole paths, and finds what it lists', async () => {
    await mkdir(join(root, 'a', 'b'), { recursive: true });
    for (const path of ['a/b/c.txt', 'a/z', 'a.txt', 'b']) await put(path);
    const { files } = await catalogue.list(undefined, 0);
    expect(namesOf(files)).toEqual(['a.txt', 'a/b/c.txt', 'a/z', 'b']);
    for (const { name } of files) {
      expect(await catalogue.find(name)).toMatchObject({ name, path: join(root, name) });
    }
    const { nextCursor } = await catalogue.list(undefined, 2);
    expect(namesOf((await catalogue.list(nextCursor, 0)).files)).toEqual(['a/z', 'b']);
  });

  // CHAT-FILE-2
  test('goes as deep as a path may be, and no deeper', async () => {
    const deepest = [...Array.from({ length: 15 }, () => 'd'), 'file'];
    await mkdir(join(root, ...deepest.slice(0, -1), 'd'), { recursive: true });
    await put(deepest.join('/'));
    await put([...deepest.slice(0, -1), 'd', 'file'].join('/'));
    expect(namesOf((await catalogue.list(undefined, 0)).files)).toEqual([deepest.join('/')]);
  });

  // CHAT-LIST-2
  test('pages have every file once, and the last one says that it is the last', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `file-${index}`).sort();
    for (const name of names) await put(name);
    await mkdir(join(root, 'zzz-folder'));
    const listed: string[] = [];
    const sizes: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await catalogue.list(cursor, 10);
      listed.push(...namesOf(page.files));
      sizes.push(page.files.length);
      cursor = page.nextCursor;
      // A file that goes away between pages does not shift the others.
      await rm(join(root, 'file-0'), { force: true });
    } while (cursor !== undefined);
    expect(listed).toEqual(names);
    expect(sizes).toEqual([10, 10, 5]);
    for (const name of names.slice(1, 6)) await rm(join(root, name));
    expect(await catalogue.list(undefined, 19)).toMatchObject({ nextCursor: undefined });
    expect((await catalogue.list(undefined, 18)).nextCursor).toBe(names[23]);
  });

  // CHAT-LIST-3
  test('a made-up cursor is an error', async () => {
    for (const cursor of ['', '../..', '.', 'a\u0000']) {
      await expect(catalogue.list(cursor, 0)).rejects.toMatchObject({ code: 'cursor-invalid' });
    }
  });

  // CHAT-LIST-4
  test('finds a file by the name it is listed under, however it is normalised', async () => {
    await put('Zoe\u0308.txt');
    expect(await catalogue.find(fileName('Zoë.txt'))).toMatchObject({ name: 'Zoe\u0308.txt' });
    expect(await catalogue.find(fileName('zoë.txt'))).toBeUndefined();
    expect(await catalogue.find(fileName('Zoë.txt::$DATA'))).toBeUndefined();
  });

  test('a folder that has gone is an error of the system', async () => {
    await rm(root, { recursive: true });
    await expect(catalogue.list(undefined, 0)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a replaced file has another identity, even with the same size and time', async () => {
    await put('a', 'one');
    await utimes(join(root, 'a'), 1, 1);
    const before = await catalogue.find(fileName('a'));
    await put('b', 'two');
    await utimes(join(root, 'b'), 1, 1);
    await rename(join(root, 'b'), join(root, 'a'));
    expect((await catalogue.find(fileName('a')))?.identity).not.toBe(before?.identity);
  });
});

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

// CHAT-TRANSFER-2
describe('the hasher', () => {
  let hasher: FileHasher;
  const never = new AbortController().signal;

  beforeEach(() => {
    hasher = new FileHasher();
  });

  afterEach(() => hasher.close());

  async function file(name: string): Promise<SharedFile> {
    const found = await catalogue.find(fileName(name));
    if (found === undefined) throw new Error(`${name} is not there`);
    return found;
  }

  test.each([0, 1, 1_048_575, 1_048_576, 1_048_577, 3_000_000])('hashes %i bytes', async (size) => {
    const content = randomBytes(size);
    await put('a', content);
    const digests = await hasher.hash(await file('a'), never);
    expect(digests.sha256).toEqual(sha256(content));
  });

  // CHAT-CHUNK-1, CHAT-CHUNK-2
  test.each([0, 1, 262_143, 262_144, 262_145, 3_000_000])('hashes the chunks of %i bytes', async (size) => {
    const content = randomBytes(size);
    await put('a', content);
    const { chunkHashes, chunkRoot } = await hasher.hash(await file('a'), never);
    const list: Uint8Array[] = [];
    for (let start = 0; start < size; start += 262_144) {
      list.push(sha256(content.subarray(start, start + 262_144)));
    }
    const sizeBytes = Buffer.alloc(8);
    sizeBytes.writeBigUInt64BE(BigInt(size));
    expect(Buffer.from(chunkHashes)).toEqual(Buffer.concat(list));
    expect(chunkRoot).toEqual(sha256(Buffer.concat([sizeBytes, ...list])));
  });

  test('reads a file once for everybody who asks, at the same time or later', async () => {
    await put('a', randomBytes(500_000));
    const described = await file('a');
    const digests = Promise.all([hasher.hash(described, never), hasher.hash(described, never)]);
    expect(hasher.jobCount).toBe(1);
    const [first, second] = await digests;
    expect(second).toBe(first);
    await rm(join(root, 'a'));
    expect(await hasher.hash(described, never)).toBe(first);
  });

  test('reads a file again that has changed', async () => {
    await put('a', 'one');
    const before = await hasher.hash(await file('a'), never);
    await put('a', 'two');
    await utimes(join(root, 'a'), 5, 5);
    expect(await hasher.hash(await file('a'), never)).not.toEqual(before);
  });

  test('a file that has another size than it was listed with is an error, and so is one that has gone', async () => {
    await put('a', randomBytes(1_000));
    const described = await file('a');
    await truncate(join(root, 'a'), 500);
    await expect(hasher.hash(described, never)).rejects.toMatchObject({ code: 'file-changed' });
    await truncate(join(root, 'a'), 2_000_000);
    await expect(hasher.hash(described, never)).rejects.toMatchObject({ code: 'file-changed' });
    await rm(join(root, 'a'));
    await expect(hasher.hash(described, never)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(hasher.jobCount).toBe(0);
  });

  test('stops when nobody waits any more, and not before', async () => {
    await writeFile(join(root, 'big'), '');
    await truncate(join(root, 'big'), 2 ** 40);
    const described = await file('big');
    const [first, second] = [new AbortController(), new AbortController()];
    const one = hasher.hash(described, first.signal);
    const other = hasher.hash(described, second.signal);
    first.abort();
    await expect(one).rejects.toMatchObject({ code: 'cancelled' });
    expect(hasher.jobCount).toBe(1);
    second.abort();
    await expect(other).rejects.toMatchObject({ code: 'cancelled' });
    expect(hasher.jobCount).toBe(0);
    await expect(hasher.hash(described, second.signal)).rejects.toMatchObject({ code: 'cancelled' });
    // The thread is free again: two such files would block it.
    await put('small', 'x');
    await expect(hasher.hash(await file('small'), never)).resolves.toHaveProperty('sha256');
  });

  test('closing ends the thread and tells everybody who waits', async () => {
    await writeFile(join(root, 'big'), '');
    await truncate(join(root, 'big'), 2 ** 40);
    const waiting = hasher.hash(await file('big'), never);
    const told = expect(waiting).rejects.toMatchObject({ code: 'closed' });
    await hasher.close();
    await told;
    await expect(hasher.hash(await file('big'), never)).rejects.toMatchObject({ code: 'closed' });
  });
});
