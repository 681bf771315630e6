import { read as readOfSystem } from 'node:fs';
import { join } from 'node:path';
import type { TargetFileSystem } from '@parley/folders';
import { expect, test } from 'vitest';
import { ChunkTable } from '../../src/node/downloads/chunk-table.ts';
import { PartFile } from '../../src/node/downloads/part-file.ts';
import { partPathsFor } from '../../src/node/downloads/part-file-name.ts';
import { WholeHash } from '../../src/node/downloads/whole-hash.ts';
import { fileSystemWith, makeFolder, patternBytes, sha256 } from './support.ts';

const never = (): boolean => false;

/** A file of `size` bytes in a part file, none of its chunks verified. `readBytes` counts what is read of it. */
function open(size: number) {
  let readBytes = 0;
  const counting = fileSystemWith({
    read: ((descriptor, buffer, offset, length, position, done) =>
      readOfSystem(descriptor, buffer, offset, length, position, (error, count, read) => {
        readBytes += count;
        done(error, count, read);
      })) as TargetFileSystem['read'],
  });
  const target = join(makeFolder(), 'file');
  const part = PartFile.open(
    { part: partPathsFor(target).part, target, assertOurs: () => undefined },
    counting,
  );
  const bytes = patternBytes(size);
  part.write(0, bytes);
  part.flush();
  const chunks = new ChunkTable();
  chunks.size = size;
  const hash = new WholeHash(part, chunks);
  const digest = async () => Buffer.from(await hash.digest(size, never));
  return { bytes, part, chunks, hash, digest, readBytes: () => readBytes };
}

const SIZE = 1_000_000;
const count = new ChunkTable();
count.size = SIZE;
const indexes = [...count.below(SIZE)];

test('of a file whose chunks come in order nothing is left to read at its end', async () => {
  const file = open(SIZE);
  for (const index of indexes) {
    file.chunks.verify(index);
    await file.hash.follow(never);
  }
  expect(file.readBytes()).toBe(SIZE);
  expect(await file.digest()).toEqual(sha256(file.bytes));
  expect(file.readBytes()).toBe(SIZE);
});

test.each<[string, (left: number[]) => number | undefined]>([
  ['from the end', (left) => left.pop()],
  ['from the middle', (left) => left.splice(left.length >> 1, 1)[0]],
  ['every third first', (left) => left.splice(Math.min(2, left.length - 1), 1)[0]],
])('chunks that are verified %s are read once', async (_name, takeNext) => {
  const file = open(SIZE);
  const left = [...indexes];
  for (let index = takeNext(left); index !== undefined; index = takeNext(left)) {
    file.chunks.verify(index);
    if (index % 2 === 0) await file.hash.follow(never);
  }
  expect(await file.digest()).toEqual(sha256(file.bytes));
  expect(file.readBytes()).toBe(SIZE);
});

test('a chunk that was verified and is no longer is read again, and so is all before it', async () => {
  const file = open(SIZE);
  for (const index of indexes) file.chunks.verify(index);
  await file.hash.follow(never);
  const { start, end } = file.chunks.rangeOf(1);
  const other = Buffer.alloc(end - start, 7);
  file.chunks.drop(1);
  file.part.write(start, other);
  file.part.flush();
  file.chunks.accept(1);
  const expected = Buffer.concat([file.bytes.subarray(0, start), other, file.bytes.subarray(end)]);
  expect(await file.digest()).toEqual(sha256(expected));
  file.chunks.clear();
  expect(await file.digest()).toEqual(sha256(expected));
  expect(file.readBytes()).toBe(3 * SIZE);
});

test('reads no further than to the first chunk that was not verified, and stops when it is told to', async () => {
  const file = open(SIZE);
  file.chunks.verify(0);
  file.chunks.verify(2);
  await file.hash.follow(() => true);
  expect(file.readBytes()).toBe(0);
  await file.hash.follow(never);
  expect(file.readBytes()).toBe(file.chunks.rangeOf(0).end);
});
