import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { partPathsFor } from '../../src/node/downloads/part-file-name.ts';
import { TransferEngine } from '../../src/node/transfers/transfer-engine.ts';
import { FakeSource } from './fake-source.ts';
import { chunkRootOf, makeFolder, namesIn, patternBytes, sha256 } from './support.ts';

const CHUNK = 262_144;
/** Of a chunk and its digest in the stream. */
const STEP = CHUNK + 32;
const TRAILER = 64;

function engineFor(source: FakeSource): TransferEngine {
  const engine = new TransferEngine({ openStream: source.openStream });
  onTestFinished(() => engine.close());
  return engine;
}

function unhashedSource(size: number): FakeSource {
  const source = new FakeSource(patternBytes(size));
  source.isUnhashed = true;
  return source;
}

/** A download of `source` that was stopped after its stream broke; nothing is known of the file but what came with its bytes. */
async function stoppedAfter(source: FakeSource, breaksAfterBytes: number) {
  const folder = makeFolder();
  const targetPath = join(folder, 'file');
  source.faults = [{ breaksAfterBytes }];
  const stop = () => (source.wanted.length === 2 ? 'stop' : undefined);
  await expect(source.fetch(engineFor(source), targetPath, stop)).resolves.toEqual({ kind: 'stopped' });
  source.wanted.length = 0;
  source.sentBytes = 0;
  return { folder, targetPath, paths: partPathsFor(targetPath) };
}

const COMPLETED = { kind: 'completed' };

// CHAT-DIGEST-1, CHAT-DIGEST-2, CHAT-DIGEST-3
describe('a file whose digests come with its bytes', () => {
  test.each([1, CHUNK, CHUNK + 1, 3_000_000])('is fetched in one stream, of %i bytes', async (size) => {
    const source = unhashedSource(size);
    const folder = makeFolder();
    const targetPath = join(folder, 'file');
    const outcome = await source.fetch(engineFor(source), targetPath);
    expect(outcome).toMatchObject({ ...COMPLETED, sha256: new Uint8Array(sha256(source.bytes)) });
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
    expect(source.sentBytes).toBe(size + Math.ceil(size / CHUNK) * 32 + TRAILER);
    expect(source.wanted).toHaveLength(1);
    expect(namesIn(folder)).toEqual(['file']);
  });

  test('has a chunk that came wrong fetched again by itself', async () => {
    const source = unhashedSource(5 * CHUNK);
    source.faults = [{ flipsAt: 2 * STEP + 7 }];
    const targetPath = join(makeFolder(), 'file');
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(source.wanted[1]).toMatchObject({
      chunkRoot: undefined,
      version: { size: 5 * CHUNK, modifiedAt: 1 },
      ranges: [{ start: 2 * CHUNK, end: 3 * CHUNK }],
    });
    expect(source.sentBytes).toBe(6 * STEP + 2 * TRAILER);
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
  });

  test('asks again for what the whole is, when that was not known at the end', async () => {
    const source = unhashedSource(2 * CHUNK);
    source.isHashedMeanwhile = false;
    const targetPath = join(makeFolder(), 'file');
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    const root = new Uint8Array(chunkRootOf(source.bytes));
    expect(source.wanted).toMatchObject([{ chunkRoot: undefined }, { chunkRoot: root, ranges: [] }]);
    expect(source.sentBytes).toBe(2 * STEP + TRAILER);
  });

  test('gets no name when the bytes are not the whole that the server knows of', async () => {
    const source = unhashedSource(3 * CHUNK);
    // The digest that came with the chunk fits what came, and neither is what the server finds when it looks again.
    const right = source.bytes;
    source.bytes = Buffer.from(right);
    source.bytes[CHUNK + 5] = 1;
    source.isHashedMeanwhile = false;
    const targetPath = join(makeFolder(), 'file');
    await expect(
      source.fetch(engineFor(source), targetPath, () => {
        if (source.wanted.length === 2) source.bytes = right;
        return undefined;
      }),
    ).resolves.toMatchObject(COMPLETED);
    expect(source.wanted[2]?.ranges).toEqual([{ start: CHUNK, end: 2 * CHUNK }]);
    expect(readFileSync(targetPath).equals(right)).toBe(true);
  });
});

// CHAT-DIGEST-4
describe('a first fetch that breaks', () => {
  test('goes on where it was, in the same process', async () => {
    const source = unhashedSource(10 * CHUNK);
    source.faults = [{ breaksAfterBytes: 4 * CHUNK }, { breaksAfterBytes: 2 * CHUNK }];
    const targetPath = join(makeFolder(), 'file');
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(source.wanted).toHaveLength(3);
    // A digest comes again behind the rest of its chunk, and a byte where all of a chunk was there without it.
    expect(source.sentBytes).toBeLessThanOrEqual(10 * STEP + 3 * TRAILER + 2 * 40_000);
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
  });

  test('goes on in a later life, when the server still knows nothing of the file', async () => {
    const source = unhashedSource(10 * CHUNK);
    const { folder, targetPath } = await stoppedAfter(source, 5 * CHUNK);
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(source.wanted[0]).toMatchObject({
      chunkRoot: undefined,
      version: { size: 10 * CHUNK, modifiedAt: 1 },
    });
    expect(source.sentBytes).toBeLessThanOrEqual(6 * CHUNK);
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
    expect(namesIn(folder)).toEqual(['file']);
  });

  test('goes on in a later life, when the server knows the file by then', async () => {
    const source = unhashedSource(10 * CHUNK);
    const { targetPath } = await stoppedAfter(source, 5 * CHUNK);
    source.isUnhashed = false;
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(source.wanted).toHaveLength(1);
    expect(source.sentBytes).toBeLessThanOrEqual(6 * CHUNK);
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
  });

  test('believes no chunk whose digest is not the one in the list', async () => {
    const source = unhashedSource(10 * CHUNK);
    const { targetPath, paths } = await stoppedAfter(source, 5 * CHUNK);
    // Chunk and digest fit one another, and are not those of the file.
    const journal = readFileSync(paths.journal);
    const part = readFileSync(paths.part);
    part[CHUNK + 9] = 1;
    journal.set(sha256(part.subarray(CHUNK, 2 * CHUNK)), 8 + 16 + 32 + 32);
    writeFileSync(paths.journal, journal);
    writeFileSync(paths.part, part);
    source.isUnhashed = false;
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(source.wanted[1]?.ranges).toEqual([{ start: CHUNK, end: 2 * CHUNK }]);
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
  });

  test('asks for the digest of a chunk that is there without it', async () => {
    const source = unhashedSource(3 * CHUNK);
    const { targetPath, paths } = await stoppedAfter(source, CHUNK);
    const journal = readFileSync(paths.journal);
    journal.fill(0, 56);
    writeFileSync(paths.journal, journal);
    writeFileSync(paths.part, source.bytes.subarray(0, CHUNK));
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(source.wanted[0]?.ranges).toEqual([{ start: CHUNK - 1, end: 3 * CHUNK }]);
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
  });

  test('is told that the file has changed, and fetches what differs', async () => {
    const source = unhashedSource(10 * CHUNK);
    const { targetPath } = await stoppedAfter(source, 5 * CHUNK);
    source.bytes = Buffer.from(source.bytes);
    source.bytes[2 * CHUNK + 1] = 1;
    source.modifiedAt = 2;
    const changes: number[] = [];
    const engine = engineFor(source);
    const outcome = await source.fetch(observed(engine, changes), targetPath);
    expect(outcome).toMatchObject(COMPLETED);
    expect(changes.at(-1)).toBe(1);
    expect(source.wanted[1]?.ranges?.[0]).toEqual({ start: 2 * CHUNK, end: 3 * CHUNK });
    expect(source.sentBytes).toBeLessThanOrEqual(7 * STEP + 10 * 32 + TRAILER);
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
  });
});

// CHAT-DIGEST-3
describe('a download that has a list, from a server that has none any more', () => {
  test('goes on at once, and compares each digest with its list', async () => {
    const source = new FakeSource(patternBytes(10 * CHUNK));
    const { targetPath } = await stoppedAfter(source, 5 * CHUNK);
    source.isUnhashed = true;
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(source.wanted).toHaveLength(1);
    expect(source.sentBytes).toBeLessThanOrEqual(6 * CHUNK);
  });

  test('asks for the list when one differs', async () => {
    const source = new FakeSource(patternBytes(10 * CHUNK));
    const { targetPath } = await stoppedAfter(source, 5 * CHUNK);
    source.isUnhashed = true;
    // Nothing tells that it is another file but its bytes.
    source.bytes = Buffer.from(source.bytes);
    source.bytes[8 * CHUNK] = 1;
    source.bytes[CHUNK] = 1;
    const changes: number[] = [];
    await expect(source.fetch(observed(engineFor(source), changes), targetPath)).resolves.toMatchObject(
      COMPLETED,
    );
    expect(source.wanted[1]).toMatchObject({ chunkRoot: undefined, version: undefined, ranges: [] });
    expect(changes.at(-1)).toBe(1);
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
  });
});

/** Notes how many changes the downloads of an engine have seen. */
function observed(engine: TransferEngine, changes: number[]) {
  const download: TransferEngine['download'] = (task, { onWanted }) =>
    engine.download(task, { onWanted, onProgress: ({ changesSeen }) => changes.push(changesSeen) });
  const upload: TransferEngine['upload'] = (task, listener) => engine.upload(task, listener);
  return { download, upload, close: async () => undefined };
}
