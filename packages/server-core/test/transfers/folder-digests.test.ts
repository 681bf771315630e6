import { createHash } from 'node:crypto';
import type { SharedFile } from '@parley/folders';
import type { FilePath } from '@parley/protocol';
import { beforeEach, expect, test } from 'vitest';
import type { FileDigests } from '../../src/node/hashing/chunk-hasher.ts';
import { HashError } from '../../src/node/hashing/file-hasher.ts';
import { HASH_CACHE_ENTRIES_MAX } from '../../src/node/limits.ts';
import { FolderDigests } from '../../src/node/transfers/folder-digests.ts';

// CHAT-FOLDER-4

const digestOf = (text: string) => new Uint8Array(createHash('sha256').update(text).digest());
const fileAt = (path: string): SharedFile => {
  return { name: path as FilePath, path: `/${path}`, size: 1, modifiedAt: 2, mode: 0o644, identity: path };
};
const digestsOf = (text: string): FileDigests => {
  return { sha256: digestOf(text), chunkHashes: new Uint8Array(0), chunkRoot: new Uint8Array(0) };
};
const known = new Map<string, FileDigests>();
let trouble: HashError | undefined;
let readCount = 0;
const { signal } = new AbortController();
let digests: FolderDigests;

beforeEach(() => {
  known.clear();
  trouble = undefined;
  readCount = 0;
  digests = new FolderDigests({
    known: ({ path }) => known.get(path),
    forget: ({ path }) => void known.delete(path),
    hash: async ({ path }) => {
      readCount += 1;
      if (trouble !== undefined) throw trouble;
      const read = digestsOf('read again');
      known.set(path, read);
      return read;
    },
  });
});

test('what is known goes with a file, and nothing is read to find out more', async () => {
  known.set('/a', digestsOf('a'));
  expect(await digests.announce([fileAt('a'), fileAt('b')], signal)).toEqual([
    { path: '/a', size: 1, modifiedAt: 2, sha256: digestOf('a') },
    { path: '/b', size: 1, modifiedAt: 2, sha256: undefined },
  ]);
  expect(readCount).toBe(0);
});

test('a file in doubt is read once more, and is none any longer then', async () => {
  known.set('/a', digestsOf('a'));
  digests.doubt(fileAt('a'));
  for (let times = 0; times < 2; times += 1) {
    expect(await digests.announce([fileAt('a')], signal)).toMatchObject([{ sha256: digestOf('read again') }]);
  }
  expect(readCount).toBe(1);
});

test('a file in doubt that cannot be read has no digest that fits, and stays in doubt', async () => {
  digests.doubt(fileAt('a'));
  trouble = new HashError('EIO', 'the disk is broken');
  const announced = await digests.announce([fileAt('a'), fileAt('b')], signal);
  expect(announced.map(({ sha256 }) => sha256)).toEqual([new Uint8Array(0), undefined]);
  trouble = undefined;
  expect(await digests.announce([fileAt('a')], signal)).toMatchObject([{ sha256: digestOf('read again') }]);
});

test.each(['cancelled', 'closed'])('who does not wait any more (%s) waits for nothing', async (code) => {
  digests.doubt(fileAt('a'));
  trouble = new HashError(code, 'enough');
  await expect(digests.announce([fileAt('a')], signal)).rejects.toBe(trouble);
});

test('of more files in doubt than digests are remembered the oldest is forgotten', async () => {
  for (let count = 0; count <= HASH_CACHE_ENTRIES_MAX; count += 1) digests.doubt(fileAt(`${count}`));
  const announced = await digests.announce([fileAt('0'), fileAt('1')], signal);
  expect(announced.map(({ sha256 }) => sha256)).toEqual([undefined, digestOf('read again')]);
});
