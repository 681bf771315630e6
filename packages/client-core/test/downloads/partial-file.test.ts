import { createHash } from 'node:crypto';
import * as nodeFileSystem from 'node:fs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { partPathsFor } from '../../src/node/downloads/part-file-name.ts';
import { PartialFile } from '../../src/node/downloads/partial-file.ts';
import { decodeJournal, isNotedIn } from '../../src/node/downloads/resume-journal.ts';
import { chunkRootOf, makeFolder, patternBytes } from './support.ts';

const CHUNK = 262_144;
const SIZE = 3 * CHUNK;

const digestOf = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const chunkOf = (bytes: Buffer, index: number) => bytes.subarray(index * CHUNK, (index + 1) * CHUNK);

// CHAT-CHUNK-4, CHAT-DIGEST-4
test('a chunk that was verified with another digest than the one in the list is missing, and not noted down, when the list comes', async () => {
  const right = patternBytes(SIZE);
  // The server read this one wrong, and its digest fits what it read.
  const misread = Buffer.from(right);
  misread[CHUNK + 9] = (right[CHUNK + 9] ?? 0) ^ 1;
  const targetPath = join(makeFolder(), 'file');
  const file = PartialFile.open(targetPath, nodeFileSystem);
  file.beginFollowing({ size: SIZE, modifiedAt: 1 });
  file.write(0, misread.subarray(0, 2 * CHUNK));
  for (const index of [0, 1]) file.learn(index, digestOf(chunkOf(misread, index)));
  await file.settle();
  expect(file.missing).toEqual([{ start: 2 * CHUNK, end: SIZE }]);
  const chunkHashes = Buffer.concat([0, 1, 2].map((index) => digestOf(chunkOf(right, index))));
  file.describe({
    size: SIZE,
    modifiedAt: 1,
    chunkRoot: new Uint8Array(chunkRootOf(right)),
    chunkHashes: new Uint8Array(chunkHashes),
  });
  expect(file.missing).toEqual([{ start: CHUNK, end: SIZE }]);
  expect(file.receivedBytes).toBe(CHUNK);
  await file.close();
  const { bits = new Uint8Array() } = decodeJournal(readFileSync(partPathsFor(targetPath).journal)) ?? {};
  expect([0, 1, 2].map((index) => isNotedIn(bits, index))).toEqual([true, false, false]);
});

// CHAT-RESUME-2
test.each([true, false])(
  'a chunk is noted down when its bytes are durable, and not before: %s',
  async (isDurable) => {
    const right = patternBytes(SIZE);
    const targetPath = join(makeFolder(), 'file');
    const broken = Object.assign(new Error('input/output error'), { code: 'EIO' });
    const fsync = (descriptor: number, callback: (error: Error | null) => void) =>
      isDurable ? nodeFileSystem.fsync(descriptor, callback) : callback(broken);
    const file = PartialFile.open(targetPath, {
      ...nodeFileSystem,
      fsync: fsync as typeof nodeFileSystem.fsync,
    });
    file.beginFollowing({ size: SIZE, modifiedAt: 1 });
    file.write(0, right.subarray(0, 2 * CHUNK));
    for (const index of [0, 1]) file.learn(index, digestOf(chunkOf(right, index)));
    await file.settle();
    await file.close();
    const { bits = new Uint8Array() } = decodeJournal(readFileSync(partPathsFor(targetPath).journal)) ?? {};
    expect([0, 1, 2].map((index) => isNotedIn(bits, index))).toEqual([isDurable, isDurable, false]);
  },
);

test('who has slept while another process went on writes nothing more, and says so', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const right = patternBytes(SIZE);
  const targetPath = join(makeFolder(), 'file');
  const { part, journal, lock } = partPathsFor(targetPath);
  const sleeper = PartialFile.open(targetPath, nodeFileSystem);
  sleeper.beginFollowing({ size: SIZE, modifiedAt: 1 });
  sleeper.write(0, chunkOf(right, 0));
  await sleeper.settle();
  // The lid of the laptop is closed for an hour.
  vi.setSystemTime(Date.now() + 3_600_000);
  const other = PartialFile.open(targetPath, nodeFileSystem);
  await other.recall();
  const before = [part, journal, lock].map((path) => readFileSync(path));
  const busy = expect.objectContaining({ code: 'target-busy' });
  expect(() => sleeper.write(CHUNK, Buffer.alloc(CHUNK))).toThrow(busy);
  expect(() => sleeper.learn(1, new Uint8Array(32).fill(1))).toThrow(busy);
  expect(() => sleeper.begin(5)).toThrow(busy);
  await sleeper.discard();
  expect([part, journal, lock].map((path) => readFileSync(path))).toEqual(before);
  other.write(CHUNK, right.subarray(CHUNK));
  await other.close();
  expect(readFileSync(part).equals(right)).toBe(true);
});
