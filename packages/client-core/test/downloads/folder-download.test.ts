import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { filesOfRanges } from '@parley/folders';
import { encodeFolderManifest, FOLDER_LIST_PLACE, type FolderEntry } from '@parley/protocol';
import { describe, expect, test } from 'vitest';
import { type TransferEnd, TransferEngine, type WantedBytes } from '../../src/index.ts';
import type { OpenReading } from '../../src/node/transfers/incoming-stream.ts';
import { TransferError } from '../../src/node/transfers/transfer-error.ts';
import { makeFolder, namesIn } from './support.ts';

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const TIME = 1_700_000_000_123;

/** A server with one folder: its files by path, `undefined` for a folder. */
class FakeFolder {
  files: Record<string, string | undefined>;
  /** Stands in for the list. */
  manifest: Uint8Array | undefined;
  /** Is sent under the digest of the right one. */
  lyingManifest: Uint8Array | undefined;
  announcedListBytes: number | undefined;
  /** The next streams end after so many bytes. */
  breaks: number[] = [];
  /** What is done to each file in the stream. */
  mangle: (path: string, bytes: Buffer) => Buffer = (_, bytes) => bytes;
  /** Everything that is begun is said to be right. */
  isLying = false;
  readonly wanted: WantedBytes[] = [];
  readonly sentPaths: string[] = [];
  /** Of the list, in each stream. */
  readonly sentListBytes: number[] = [];
  readonly #streams: Buffer[] = [];

  constructor(files: Record<string, string | undefined>) {
    this.files = files;
  }

  get entries(): FolderEntry[] {
    const paths = Object.keys(this.files).sort((left, right) => (left < right ? -1 : 1));
    return paths.map((path) => {
      const content = this.files[path];
      const kind = content === undefined ? 'folder' : 'file';
      const size = Buffer.byteLength(content ?? '');
      return { kind, mode: kind === 'folder' ? 0o755 : 0o640, modifiedAt: TIME, size, path: path as never };
    });
  }

  readonly openReading: OpenReading = ({ transferId }, { reader, onEstablished }) => {
    const stream = this.#streams[transferId] as Buffer;
    const limit = this.breaks.shift() ?? Number.POSITIVE_INFINITY;
    let fail: (error: unknown) => void = () => undefined;
    const ended = new Promise<number>((resolve, reject) => {
      fail = reject;
      const send = async (): Promise<void> => {
        onEstablished('udp');
        for (let at = 0; at < stream.byteLength; at += 50) {
          await new Promise(setImmediate);
          if (at + 50 > limit) throw new TransferError('connection-lost', 'the test says so');
          await reader.take(stream.subarray(at, at + 50));
        }
        resolve(stream.byteLength);
      };
      send().catch(reject);
    });
    const reset = () => fail(new TransferError('connection-lost', 'reset'));
    return { ended, pause: () => undefined, resume: () => undefined, reset };
  };

  /** Downloads the folder; `onWanted` may stop it instead of the next offer. */
  async fetch(targetPath: string, onWanted: (count: number) => 'stop' | undefined = () => undefined) {
    const engine = new TransferEngine({ openReading: this.openReading });
    let count = 0;
    const download = engine.download(
      { targetPath, isFolder: true },
      {
        onProgress: () => undefined,
        onWanted: (wanted) => {
          this.wanted.push(wanted);
          count += 1;
          if (onWanted(count) === 'stop') download.stop();
          else download.take(this.#offer(wanted));
        },
      },
    );
    const outcome: TransferEnd = await download.outcome;
    await engine.close();
    return outcome;
  }

  // CHAT-FOLDER-3, CHAT-FOLDER-4
  #offer({ chunkRoot: known, ranges, begun }: WantedBytes) {
    const { entries } = this;
    const manifest = this.manifest ?? encodeFolderManifest(entries);
    const root = digest(manifest);
    const isKnown = known !== undefined && Buffer.compare(known, root) === 0;
    const indexes = known !== undefined && !isKnown ? [] : filesOfRanges(entries, ranges);
    // CHAT-FOLDER-13
    const listFrom = isKnown && begun?.place === FOLDER_LIST_PLACE ? begun.bytes : undefined;
    if (listFrom !== undefined) expect(isBeginning(begun as never, Buffer.from(manifest))).toBe(true);
    const list = isKnown
      ? (this.lyingManifest ?? manifest).subarray(listFrom ?? manifest.byteLength)
      : manifest;
    this.sentListBytes.push(list.byteLength);
    const parts = indexes.map((index) => {
      const { path } = entries[index] as FolderEntry;
      this.sentPaths.push(path);
      const bytes = Buffer.from(this.files[path] ?? '');
      // CHAT-FOLDER-7
      const isBegun = begun?.place === index && (this.isLying || isBeginning(begun, bytes));
      const sent = isBegun ? [Buffer.of(3), bytes.subarray(begun.bytes)] : [Buffer.of(0), bytes];
      return this.mangle(path, Buffer.concat([...sent, Buffer.of(0), digest(bytes)]));
    });
    this.#streams.push(Buffer.concat([list, ...parts]));
    return {
      transferId: this.#streams.length - 1,
      ...{ host: '127.0.0.1', udpPort: 1, tcpPort: 1, ticket: new Uint8Array(32), size: 0 },
      ...{
        modifiedAt: 0,
        digests: { sha256: root, chunkRoot: root },
        manifestBytes: this.announcedListBytes ?? manifest.byteLength,
      },
    };
  }
}

function isBeginning({ bytes, sha256 }: NonNullable<WantedBytes['begun']>, file: Buffer): boolean {
  return Buffer.compare(digest(file.subarray(0, bytes)), sha256) === 0;
}

const EXAMPLE = {
  'a.txt': 'hello',
  empty: '',
  sub: undefined,
  'sub/b.txt': 'x'.repeat(300),
  'sub/none': undefined,
};

/** Everything below a folder, hidden names too. */
function tree(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

// CHAT-FOLDER-13
describe('a list that breaks', () => {
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`file-${index}`, `${index}`]));

  test('is gone on with where it broke, time and again', async () => {
    const source = new FakeFolder(files);
    const target = join(makeFolder(), 'docs');
    source.breaks = [100, 150, 50];
    expect((await source.fetch(target)).kind).toBe('completed');
    const bytes = encodeFolderManifest(source.entries).byteLength;
    expect(source.sentListBytes).toEqual([bytes, bytes - 100, bytes - 250, bytes - 300]);
    expect(source.sentPaths.slice(-20).sort()).toEqual(Object.keys(files).sort());
    expect(readFileSync(join(target, 'file-7'), 'utf8')).toBe('7');
  });

  test('begins again when the folder has another one by then', async () => {
    const source = new FakeFolder(files);
    const target = join(makeFolder(), 'docs');
    source.breaks = [100];
    const outcome = await source.fetch(target, (count) => {
      if (count === 2) source.files = { ...files, other: 'new' };
      return undefined;
    });
    expect(outcome.kind).toBe('completed');
    const bytes = encodeFolderManifest(source.entries).byteLength;
    expect(source.sentListBytes.slice(1)).toEqual([bytes, 0]);
    expect(readFileSync(join(target, 'other'), 'utf8')).toBe('new');
  });

  test('and turns out not to be what was announced is not believed', async () => {
    const source = new FakeFolder(files);
    source.breaks = [100];
    const outcome = await source.fetch(join(makeFolder(), 'docs'), (count) => {
      // Of the same length, and under the old digest.
      if (count === 2) source.lyingManifest = encodeFolderManifest(source.entries).fill(7, 110);
      return undefined;
    });
    expect(outcome).toMatchObject({ kind: 'failed', code: 'hash-mismatch' });
  });

  test('may not be larger than a list can be', async () => {
    const source = new FakeFolder(files);
    source.announcedListBytes = 16_777_217;
    const outcome = await source.fetch(join(makeFolder(), 'docs'));
    expect(outcome).toMatchObject({ kind: 'failed', code: 'protocol-violation' });
  });
});

describe('a folder', () => {
  // CHAT-FOLDER-5, CHAT-FOLDER-7
  test('comes with all that is in it, its modes and its times, in one stream', async () => {
    const source = new FakeFolder(EXAMPLE);
    const target = join(makeFolder(), 'docs');
    expect(await source.fetch(target)).toMatchObject({ kind: 'completed', path: target, size: 305 });
    expect(tree(target)).toEqual(['a.txt', 'empty', 'sub', 'sub/b.txt', 'sub/none']);
    expect(readFileSync(join(target, 'sub/b.txt'), 'utf8')).toBe('x'.repeat(300));
    for (const name of tree(target)) expect(Math.round(statSync(join(target, name)).mtimeMs)).toBe(TIME);
    expect(statSync(join(target, 'a.txt')).mode & 0o777).toBe(0o640 & ~process.umask());
    expect(source.wanted).toHaveLength(1);
  });

  // CHAT-FOLDER-7
  test('that broke goes on with the files that are missing', async () => {
    const source = new FakeFolder(EXAMPLE);
    const target = join(makeFolder(), 'docs');
    source.breaks = [300];
    expect(await source.fetch(target)).toMatchObject({ kind: 'completed' });
    expect(source.sentPaths).toEqual(['a.txt', 'empty', 'sub/b.txt', 'sub/b.txt']);
    expect(source.wanted[1]).toMatchObject({
      trouble: { code: 'connection-lost' },
      ranges: [{ start: 3, end: 4 }],
    });
  });

  test('that was stopped goes on in another life, and one that is there costs its list', async () => {
    const source = new FakeFolder(EXAMPLE);
    const target = join(makeFolder(), 'docs');
    source.breaks = [300];
    expect(await source.fetch(target, (count) => (count === 2 ? 'stop' : undefined))).toEqual({
      kind: 'stopped',
    });
    expect(tree(target)).toContain('.parley-folder.part/manifest');
    // What a killed process has left.
    writeFileSync(join(target, '.parley-folder.part', '3'), 'half');
    expect(await source.fetch(target)).toMatchObject({ kind: 'completed' });
    expect(source.wanted.at(-1)?.ranges).toEqual([{ start: 3, end: 4 }]);
    expect(namesIn(target)).toEqual(['a.txt', 'empty', 'sub']);
    const sent = source.sentPaths.length;
    expect(await source.fetch(target)).toMatchObject({ kind: 'completed' });
    expect(source.sentPaths).toHaveLength(sent);
  });

  // CHAT-FOLDER-7
  test('goes on in the middle of a file, so that it comes whatever a line bears', async () => {
    const source = new FakeFolder({ a: 'x'.repeat(1_000), b: 'y'.repeat(70_000), c: 'z'.repeat(900) });
    const target = join(makeFolder(), 'docs');
    source.breaks = [300, ...Array.from({ length: 500 }, () => 200)];
    expect(await source.fetch(target)).toMatchObject({ kind: 'completed' });
    for (const [name, content] of Object.entries(source.files))
      expect(readFileSync(join(target, name), 'utf8')).toBe(content);
    expect(source.wanted[1]?.begun).toMatchObject({ place: 0 });
    // Each attempt brings what the line bears, but for what stands around the bytes.
    expect(source.wanted.length).toBeLessThan(72_000 / 160);
    expect(namesIn(target)).toEqual(['a', 'b', 'c']);
  });

  // CHAT-FOLDER-7
  test('goes on in the middle of a file in another life, and counts what was there', async () => {
    const source = new FakeFolder(EXAMPLE);
    const target = join(makeFolder(), 'docs');
    source.breaks = [400];
    await source.fetch(target, (count) => (count === 2 ? 'stop' : undefined));
    const left = source.wanted.at(-1);
    expect(await source.fetch(target)).toMatchObject({ kind: 'completed' });
    const [wanted] = source.wanted.slice(-1);
    expect(wanted).toMatchObject({ ranges: [{ start: 3, end: 4 }], begun: { place: 3 } });
    expect(wanted?.receivedBytes).toBe(5 + (wanted?.begun?.bytes ?? 0));
    expect(wanted?.begun).toEqual(left?.begun);
    expect(readFileSync(join(target, 'sub/b.txt'), 'utf8')).toBe('x'.repeat(300));
  });

  // CHAT-FOLDER-5, CHAT-FOLDER-7
  test.each([
    ['is compared by the server', false],
    ['has not the digest of the whole in the end', true],
  ])('gets a file anew of which what was kept is wrong: it %s', async (_, isLying) => {
    const source = new FakeFolder(EXAMPLE);
    source.isLying = isLying;
    const target = join(makeFolder(), 'docs');
    source.breaks = [400];
    await source.fetch(target, (count) => (count === 2 ? 'stop' : undefined));
    const [part] = tree(target).filter((name) => name.includes('/begun-'));
    writeFileSync(join(target, part as string), 'mangled');
    const before = source.wanted.length;
    expect(await source.fetch(target)).toMatchObject({ kind: 'completed' });
    expect(source.wanted.slice(before).map(({ begun }) => begun?.bytes)).toEqual(
      isLying ? [7, undefined] : [7],
    );
    expect(readFileSync(join(target, 'sub/b.txt'), 'utf8')).toBe('x'.repeat(300));
  });

  // CHAT-FOLDER-7
  test('asks by itself for a second file that was begun', async () => {
    const source = new FakeFolder({ b: 'b'.repeat(300), c: 'c'.repeat(300), d: 'd'.repeat(300) });
    const target = join(makeFolder(), 'docs');
    // The third one is begun when the list gets another one before it, and then that is.
    source.breaks = [850, Number.POSITIVE_INFINITY, 200];
    const outcome = await source.fetch(target, (count) => {
      if (count === 2) source.files = { a: 'a'.repeat(300), ...source.files };
      return undefined;
    });
    expect(outcome).toMatchObject({ kind: 'completed' });
    const asked = source.wanted.map(({ ranges, begun }) => [ranges?.map(({ end }) => end), begun?.place]);
    expect(asked).toEqual([
      [undefined, undefined],
      [[3], 2],
      [[1, 4], 3],
      [[1], 0],
      [[4], 3],
    ]);
    for (const name of ['a', 'd']) {
      expect(readFileSync(join(target, name), 'utf8')).toBe(name.repeat(300));
    }
  });

  test('whose files change meanwhile is fetched as it is then', async () => {
    const source = new FakeFolder(EXAMPLE);
    const target = join(makeFolder(), 'docs');
    source.breaks = [300];
    const outcome = await source.fetch(target, (count) => {
      if (count === 2) source.files = { ...EXAMPLE, 'sub/b.txt': 'another', 'sub/new': 'new' };
      return undefined;
    });
    expect(outcome).toMatchObject({ kind: 'completed', size: 15 });
    expect(readFileSync(join(target, 'sub/b.txt'), 'utf8')).toBe('another');
    expect(readFileSync(join(target, 'sub/new'), 'utf8')).toBe('new');
    expect(source.sentPaths.filter((path) => path === 'a.txt')).toHaveLength(1);
  });

  // CHAT-FOLDER-5
  test('whose file comes wrong gets it again, and without it when it always does', async () => {
    const source = new FakeFolder(EXAMPLE);
    let wrong = 1;
    source.mangle = (path, bytes) => {
      if (path === 'a.txt' && wrong > 0) {
        wrong -= 1;
        bytes[1] = 0x48;
      }
      return bytes;
    };
    const target = join(makeFolder(), 'docs');
    expect(await source.fetch(target)).toMatchObject({ kind: 'completed' });
    expect(readFileSync(join(target, 'a.txt'), 'utf8')).toBe('hello');
    wrong = 3;
    const other = join(makeFolder(), 'docs');
    expect(await source.fetch(other)).toMatchObject({ kind: 'failed', code: 'source-unreadable' });
    expect(tree(other)).toEqual(['empty', 'sub', 'sub/b.txt', 'sub/none']);
  });

  test('whose server cannot read a file comes without it, and that is said', async () => {
    const source = new FakeFolder(EXAMPLE);
    source.mangle = (path, bytes) => (path === 'a.txt' ? Buffer.from([2]) : bytes);
    const target = join(makeFolder(), 'docs');
    const outcome = await source.fetch(target);
    expect(outcome).toMatchObject({ kind: 'failed', code: 'source-unreadable' });
    expect(outcome).toMatchObject({ message: expect.stringContaining('a.txt') });
    expect(tree(target)).toEqual(['empty', 'sub', 'sub/b.txt', 'sub/none']);
  });
});

// CHAT-FOLDER-6
describe('nothing that is there is touched', () => {
  test('a file with other content stays, and is named', async () => {
    const target = join(makeFolder(), 'docs');
    mkdirSync(target);
    writeFileSync(join(target, 'a.txt'), 'mine!');
    utimesSync(join(target, 'a.txt'), 1, 1);
    const outcome = await new FakeFolder(EXAMPLE).fetch(target);
    expect(outcome).toMatchObject({ kind: 'failed', code: 'target-exists' });
    expect(outcome).toMatchObject({ message: expect.stringContaining('a.txt') });
    expect(readFileSync(join(target, 'a.txt'), 'utf8')).toBe('mine!');
    expect(tree(target)).toEqual(['a.txt', 'empty', 'sub', 'sub/b.txt', 'sub/none']);
  });

  test('no link is followed, in whatever place', async () => {
    const outside = makeFolder();
    const target = join(makeFolder(), 'docs');
    mkdirSync(target);
    symlinkSync(outside, join(target, 'sub'));
    symlinkSync(join(outside, 'made-by-a-link'), join(target, 'a.txt'));
    expect(await new FakeFolder(EXAMPLE).fetch(target)).toMatchObject({
      kind: 'failed',
      code: 'target-exists',
    });
    expect(namesIn(outside)).toEqual([]);
    expect(lstatSync(join(target, 'sub')).isSymbolicLink()).toBe(true);
    expect(namesIn(target)).toEqual(['a.txt', 'empty', 'sub']);
  });

  test('a link in the place of the hidden folder, or of the target, ends it', async () => {
    const outside = makeFolder();
    const parent = makeFolder();
    mkdirSync(join(parent, 'docs'));
    symlinkSync(outside, join(parent, 'docs', '.parley-folder.part'));
    symlinkSync(outside, join(parent, 'link'));
    writeFileSync(join(parent, 'file'), '');
    for (const name of ['docs', 'link', 'file']) {
      const outcome = await new FakeFolder(EXAMPLE).fetch(join(parent, name));
      expect(outcome).toMatchObject({ kind: 'failed', code: 'target-exists' });
    }
    expect(namesIn(outside)).toEqual([]);
  });
});

// CHAT-FOLDER-2, CHAT-FOLDER-5
describe('a server that lies', () => {
  const evil = (path: string) => {
    const [entry] = new FakeFolder({ a: '' }).entries;
    const wanted = Buffer.from(path);
    const bytes = encodeFolderManifest(entry ? [entry] : []);
    return Buffer.from([...bytes.subarray(0, -3), 0, wanted.byteLength, ...wanted]);
  };

  test.each(['../evil', '/tmp/evil', 'a/../../evil', '.ssh', 'C:\\evil', '..\\evil', 'sub/../evil'])(
    'about names leads nowhere: %j',
    async (path) => {
      const source = new FakeFolder({});
      source.manifest = evil(path);
      const parent = makeFolder();
      const outcome = await source.fetch(join(parent, 'docs'));
      expect(outcome).toMatchObject({ kind: 'failed', code: 'protocol-violation' });
      expect(namesIn(parent)).toEqual([]);
    },
  );

  test('about the list, or ends too early, or goes on, is not believed', async () => {
    const target = () => join(makeFolder(), 'docs');
    const early = new FakeFolder(EXAMPLE);
    early.mangle = (path, bytes) => (path === 'sub/b.txt' ? bytes.subarray(0, 20) : bytes);
    expect(await early.fetch(target())).toMatchObject({ kind: 'failed', code: 'size-mismatch' });
    const more = new FakeFolder(EXAMPLE);
    more.mangle = (path, bytes) => (path === 'sub/b.txt' ? Buffer.concat([bytes, bytes]) : bytes);
    expect(await more.fetch(target())).toMatchObject({ kind: 'failed', code: 'size-mismatch' });
  });
});
