import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { partPathsFor } from '../../src/node/downloads/part-file-name.ts';
import { TransferEngine } from '../../src/node/transfers/transfer-engine.ts';
import type { WantedBytes } from '../../src/transfers/download.ts';
import { FakeSource } from './fake-source.ts';
import { chunkRootOf, makeFolder, namesIn, patternBytes } from './support.ts';

const CHUNK = 262_144;

function engineFor(source: FakeSource): TransferEngine {
  const engine = new TransferEngine({ openStream: source.openStream });
  onTestFinished(() => engine.close());
  return engine;
}

const stopAtSecond = () => {
  let count = 0;
  return (): 'stop' | undefined => {
    count += 1;
    return count === 2 ? 'stop' : undefined;
  };
};

/** A folder in which a download of `source` was stopped after its stream broke. */
async function stoppedAfter(source: FakeSource, breaksAfterBytes: number) {
  const folder = makeFolder();
  const targetPath = join(folder, 'file');
  source.faults = [{ breaksAfterBytes }];
  await expect(source.fetch(engineFor(source), targetPath, stopAtSecond())).resolves.toEqual({
    kind: 'stopped',
  });
  source.wanted.length = 0;
  source.sentBytes = 0;
  return { folder, targetPath, paths: partPathsFor(targetPath) };
}

const COMPLETED = { kind: 'completed' };

// CHAT-RESUME-1
describe('a stream that breaks', () => {
  test('is followed by one of exactly the bytes that are missing', async () => {
    const source = new FakeSource(patternBytes(3_000_000));
    source.faults = [{ breaksAfterBytes: 1_000_000 }, { breaksAfterBytes: 500_000 }];
    const targetPath = join(makeFolder(), 'file');
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
    expect(source.sentBytes).toBe(3_000_000 + 12 * 32);
    expect(source.wanted).toHaveLength(3);
  });

  test('before its list of chunks is there keeps the bytes, and compares them when the list comes', async () => {
    // The list is late: nothing of it arrives with the first stream.
    const source = new FakeSource(patternBytes(3 * CHUNK));
    const targetPath = join(makeFolder(), 'file');
    const { part } = partPathsFor(targetPath);
    writeFileSync(part, source.bytes.subarray(0, 2 * CHUNK + 5));
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(source.wanted).toMatchObject([
      { chunkRoot: undefined, ranges: [] },
      { chunkRoot: chunkRootOf(source.bytes), ranges: [{ start: 2 * CHUNK, end: 3 * CHUNK }] },
    ]);
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
  });
});

// CHAT-CHUNK-4
describe('a chunk that came wrong', () => {
  test('is fetched again by itself', async () => {
    const source = new FakeSource(patternBytes(5 * CHUNK));
    source.faults = [{ flipsAt: 5 * 32 + 2 * CHUNK + 7 }];
    const targetPath = join(makeFolder(), 'file');
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(source.wanted[1]?.ranges).toEqual([{ start: 2 * CHUNK, end: 3 * CHUNK }]);
    expect(source.sentBytes).toBe(6 * CHUNK + 5 * 32);
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
  });

  test('three times ends the download', async () => {
    const source = new FakeSource(patternBytes(CHUNK));
    source.faults = [{ flipsAt: 40 }, { flipsAt: 8 }, { flipsAt: 8 }];
    const targetPath = join(makeFolder(), 'file');
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject({
      kind: 'failed',
      code: 'hash-mismatch',
    });
    expect(namesIn(join(targetPath, '..'))).toEqual([]);
  });
});

// CHAT-RESUME-1, CHAT-RESUME-2
describe('a later download to the same place', () => {
  test('goes on with what is missing', async () => {
    const source = new FakeSource(patternBytes(10 * CHUNK));
    const { folder, targetPath } = await stoppedAfter(source, 5 * CHUNK);
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(source.sentBytes).toBeLessThanOrEqual(6 * CHUNK);
    expect(source.wanted[0]?.chunkRoot).toEqual(new Uint8Array(chunkRootOf(source.bytes)));
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
    expect(namesIn(folder)).toEqual(['file']);
  });

  test('goes on in the middle, when only that is missing', async () => {
    const source = new FakeSource(patternBytes(10 * CHUNK));
    const { targetPath, paths } = await stoppedAfter(source, 10 * CHUNK);
    // Somebody's disk forgot what it had promised: the journal says that nothing is sure.
    const journal = readFileSync(paths.journal);
    writeFileSync(paths.journal, journal.subarray(0, 56 + 10 * 32));
    const part = Buffer.from(source.bytes);
    part.fill(0, 4 * CHUNK, 6 * CHUNK);
    writeFileSync(paths.part, part);
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(source.wanted[0]?.ranges).toEqual([{ start: 4 * CHUNK, end: 6 * CHUNK }]);
    expect(source.sentBytes).toBe(2 * CHUNK);
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
  });

  test('keeps the part of a chunk that is there, and asks for the holes in it alone', async () => {
    const source = new FakeSource(patternBytes(4 * CHUNK));
    const { targetPath, paths } = await stoppedAfter(source, CHUNK);
    const part = Buffer.from(source.bytes.subarray(0, 3 * CHUNK + 77_777));
    part.fill(0, 2 * CHUNK, 2 * CHUNK + 1_200);
    part.fill(0, 3 * CHUNK + 30_000, 3 * CHUNK + 31_200);
    writeFileSync(paths.part, part);
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(source.wanted.map(({ ranges }) => ranges)).toEqual([
      [
        { start: 2 * CHUNK, end: 2 * CHUNK + 1_200 },
        { start: 3 * CHUNK + 30_000, end: 3 * CHUNK + 31_200 },
        { start: 3 * CHUNK + 77_777, end: 4 * CHUNK },
      ],
    ]);
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
  });

  test('fetches a chunk whole when the part of it that was there is wrong, and none besides', async () => {
    const source = new FakeSource(patternBytes(4 * CHUNK));
    const { targetPath, paths } = await stoppedAfter(source, CHUNK);
    const part = Buffer.from(source.bytes.subarray(0, 2 * CHUNK + 100_000));
    part.fill(7, 2 * CHUNK + 10, 2 * CHUNK + 20);
    writeFileSync(paths.part, part);
    // It may come wrong as often as any other: what was there before does not count.
    source.faults = [{}, { flipsAt: 5 }, { flipsAt: 5 }];
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    const chunk = [{ start: 2 * CHUNK, end: 3 * CHUNK }];
    const rest = [{ start: 2 * CHUNK + 100_000, end: 4 * CHUNK }];
    expect(source.wanted.map(({ ranges }) => ranges)).toEqual([rest, chunk, chunk, chunk]);
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
  });

  test('does not keep a whole chunk that is wrong', async () => {
    const source = new FakeSource(patternBytes(3 * CHUNK));
    const { targetPath, paths } = await stoppedAfter(source, CHUNK);
    const part = Buffer.from(source.bytes);
    part.fill(7, CHUNK + 10, CHUNK + 20);
    writeFileSync(paths.part, part);
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(source.wanted[0]?.ranges).toEqual([{ start: CHUNK, end: 2 * CHUNK }]);
  });

  test('finds out when the journal vouches for what is not there', async () => {
    const source = new FakeSource(patternBytes(10 * CHUNK));
    const { targetPath, paths } = await stoppedAfter(source, 9 * CHUNK);
    const part = readFileSync(paths.part);
    part.fill(0, 2 * CHUNK, 2 * CHUNK + 100);
    writeFileSync(paths.part, part);
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(source.wanted.at(-1)?.ranges).toEqual([{ start: 2 * CHUNK, end: 3 * CHUNK }]);
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
  });

  test('of which everything is there asks whether the file is still the same, and fetches nothing', async () => {
    const source = new FakeSource(patternBytes(CHUNK + 1));
    const { targetPath, paths } = await stoppedAfter(source, CHUNK);
    writeFileSync(paths.part, source.bytes);
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(source.wanted).toHaveLength(1);
    expect(source.sentBytes).toBe(0);
  });

  test('begins anew when journal and part file make no sense', async () => {
    const source = new FakeSource(patternBytes(3 * CHUNK));
    const { targetPath, paths } = await stoppedAfter(source, 2 * CHUNK);
    writeFileSync(paths.journal, 'PARLEYJ1 and then nonsense');
    writeFileSync(paths.part, 'nonsense');
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
  });

  test('is refused while another one writes, and takes the place of one that died', async () => {
    const source = new FakeSource(patternBytes(CHUNK));
    const targetPath = join(makeFolder(), 'file');
    const { lock } = partPathsFor(targetPath);
    const hold = (owner: object) => writeFileSync(lock, JSON.stringify({ token: 'theirs', ...owner }));
    const busy = { kind: 'failed', code: 'target-busy' };
    hold({ pid: process.pid, host: hostname() });
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(busy);
    hold({ pid: 1, host: 'another machine' });
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(busy);
    // A minute without a sign of life.
    utimesSync(lock, Date.now() / 1000 - 61, Date.now() / 1000 - 61);
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(existsSync(lock)).toBe(false);
  });

  test('leaves everything to another one that took it for dead while it slept', async () => {
    const source = new FakeSource(patternBytes(3 * CHUNK));
    source.faults = [{ breaksAfterBytes: CHUNK }];
    const targetPath = join(makeFolder(), 'file');
    const { part, lock } = partPathsFor(targetPath);
    const theirs = JSON.stringify({ pid: process.pid, host: hostname(), token: 'theirs' });
    const outcome = await source.fetch(engineFor(source), targetPath, () => {
      if (source.wanted.length === 2) writeFileSync(lock, theirs);
      return undefined;
    });
    expect(outcome).toMatchObject({ kind: 'failed', code: 'target-busy' });
    expect(readFileSync(lock, 'utf8')).toBe(theirs);
    expect(existsSync(part)).toBe(true);
    expect(existsSync(targetPath)).toBe(false);
  });

  test('does not wait for the minute when the process of this machine is gone', async () => {
    const source = new FakeSource(patternBytes(CHUNK));
    const targetPath = join(makeFolder(), 'file');
    // No system gives that number to a process.
    writeFileSync(partPathsFor(targetPath).lock, JSON.stringify({ pid: 2 ** 30, host: hostname() }));
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
  });

  test('follows no link and opens no file that somebody put there', async () => {
    const source = new FakeSource(patternBytes(2 * CHUNK));
    const folder = makeFolder();
    const targetPath = join(folder, 'file');
    const { part, journal, lock } = partPathsFor(targetPath);
    const precious = join(makeFolder(), 'precious');
    writeFileSync(precious, 'mine');
    symlinkSync(precious, part);
    linkSync(precious, journal);
    symlinkSync(precious, lock);
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(readFileSync(precious, 'utf8')).toBe('mine');
    expect(statSync(precious).nlink).toBe(1);
    expect(namesIn(folder)).toEqual(['file']);
  });
});

// CHAT-RESUME-3
describe('a file that changed on the server', () => {
  const grown = (bytes: Buffer): Buffer => Buffer.concat([bytes, patternBytes(10)]);
  const shrunk = (bytes: Buffer): Buffer => bytes.subarray(0, 7 * CHUNK + 3);
  const edited = (bytes: Buffer): Buffer => {
    const copy = Buffer.from(bytes);
    copy[4 * CHUNK + 1] = 1;
    return copy;
  };

  test.each([
    ['grew', grown, [{ start: 10 * CHUNK, end: 10 * CHUNK + 10 }]],
    // What is left of the last chunk is there as well: nothing has to be fetched.
    ['shrank', shrunk, undefined],
    ['was edited', edited, [{ start: 4 * CHUNK, end: 5 * CHUNK }]],
  ])('and %s is fetched where it differs', async (_name, change, ranges) => {
    const source = new FakeSource(patternBytes(10 * CHUNK));
    const { targetPath, paths } = await stoppedAfter(source, 10 * CHUNK);
    writeFileSync(paths.part, source.bytes);
    source.bytes = change(source.bytes) as Buffer<ArrayBuffer>;
    const changes: number[] = [];
    const engine = engineFor(source);
    const download = new TransferEngineObserver(engine, changes);
    await expect(source.fetch(download, targetPath)).resolves.toMatchObject(COMPLETED);
    expect(source.wanted[1]?.ranges).toEqual(ranges);
    expect(changes.at(-1)).toBe(1);
    expect(readFileSync(targetPath).equals(source.bytes)).toBe(true);
  });

  test('again and again is given up', async () => {
    const source = new FakeSource(patternBytes(CHUNK));
    const { targetPath } = await stoppedAfter(source, 1000);
    writeFileSync(partPathsFor(targetPath).part, source.bytes);
    const outcome = await source.fetch(engineFor(source), targetPath, () => {
      source.bytes = Buffer.concat([source.bytes, Buffer.from('x')]);
      return undefined;
    });
    expect(outcome).toMatchObject({ kind: 'failed', code: 'source-changed' });
    expect(existsSync(targetPath)).toBe(false);
  });
});

/** Notes how many changes its downloads have seen. */
class TransferEngineObserver {
  readonly #engine: TransferEngine;
  readonly #changes: number[];

  constructor(engine: TransferEngine, changes: number[]) {
    this.#engine = engine;
    this.#changes = changes;
  }

  download(...[task, listener]: Parameters<TransferEngine['download']>) {
    return this.#engine.download(task, {
      onWanted: (wanted: WantedBytes) => listener.onWanted(wanted),
      onProgress: ({ changesSeen }) => this.#changes.push(changesSeen),
    });
  }

  upload(...[task, listener]: Parameters<TransferEngine['upload']>) {
    return this.#engine.upload(task, listener);
  }

  async close(): Promise<void> {}
}

test.each(['two words', '🐦🐦', 'line\nbreak', 'n'.repeat(255), 'ü'.repeat(127)])(
  'a target called %j is stopped and continued',
  async (name) => {
    const source = new FakeSource(patternBytes(2 * CHUNK));
    const folder = makeFolder();
    const targetPath = join(folder, name);
    source.faults = [{ breaksAfterBytes: CHUNK }];
    await source.fetch(engineFor(source), targetPath, stopAtSecond());
    await expect(source.fetch(engineFor(source), targetPath)).resolves.toMatchObject(COMPLETED);
    expect(readdirSync(folder)).toEqual([name]);
  },
);

describe('what was left behind', () => {
  const old = Date.now() / 1000 - 15 * 86_400;

  test('is removed after two weeks by the next download into the folder, and nothing else is', async () => {
    const source = new FakeSource(patternBytes(1));
    const folder = makeFolder();
    const abandoned = partPathsFor(join(folder, 'abandoned'));
    const recent = partPathsFor(join(folder, 'recent'));
    const lonely = partPathsFor(join(folder, 'lonely'));
    for (const path of [abandoned.part, abandoned.journal, recent.part, recent.journal, lonely.journal]) {
      writeFileSync(path, 'x');
    }
    for (const path of [abandoned.part, recent.journal, lonely.journal]) utimesSync(path, old, old);
    writeFileSync(join(folder, '.mine.part'), 'x');
    utimesSync(join(folder, '.mine.part'), old, old);
    mkdirSync(join(folder, '.folder.0123456789ab.part'));
    await expect(source.fetch(engineFor(source), join(folder, 'file'))).resolves.toMatchObject(COMPLETED);
    expect(namesIn(folder).map((name) => join(folder, name))).toEqual(
      [
        join(folder, '.folder.0123456789ab.part'),
        join(folder, '.mine.part'),
        join(folder, 'file'),
        recent.part,
        recent.journal,
      ].sort(),
    );
  });

  test('by a death between the final name and the end is removed at once', async () => {
    const source = new FakeSource(patternBytes(1));
    const folder = makeFolder();
    const { part, journal } = partPathsFor(join(folder, 'done'));
    writeFileSync(join(folder, 'done'), 'x');
    linkSync(join(folder, 'done'), part);
    writeFileSync(journal, 'x');
    await expect(source.fetch(engineFor(source), join(folder, 'file'))).resolves.toMatchObject(COMPLETED);
    expect(namesIn(folder)).toEqual(['done', 'file']);
  });
});
