import { createHash, randomBytes } from 'node:crypto';
import * as nodeFileSystem from 'node:fs';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AnnouncedFile,
  FolderContent,
  type FolderListing,
  FolderSizeError,
  readFolder,
  type SourceFileError,
  type SourceFileSystem,
} from '@parley/folders';
import {
  decodeFolderManifest,
  encodeFolderManifest,
  type FilePath,
  FOLDER_LIST_PLACE,
  type FolderEntry,
  type Nickname,
  type Sha256,
  type Ticket,
  type TransferId,
} from '@parley/protocol';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { FileCatalogue } from '../../src/node/catalogue/file-catalogue.ts';
import { folderContentFor } from '../../src/node/catalogue/folder-content.ts';
import { listFolder } from '../../src/node/catalogue/look-up.ts';
import type { FolderOffer } from '../../src/transfers/transfer-host.ts';

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parley-folder-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'docs/deep/empty'), { recursive: true });
  mkdirSync(join(root, 'docs/.git'));
  for (const name of ['docs/a', 'docs/deep/b', 'docs/.hidden', 'docs/.git/c', 'other']) {
    writeFileSync(join(root, name), `content of ${name}`);
  }
  chmodSync(join(root, 'docs/a'), 0o4751);
  symlinkSync('../other', join(root, 'docs/link'));
  symlinkSync('/etc/passwd', join(root, 'docs/outside'));
  symlinkSync('deep', join(root, 'docs/folder-link'));
});

const docs = async (): Promise<FolderListing> => {
  const folder = await listFolder(await new FileCatalogue(root).folderPlace('docs' as FilePath));
  if (folder === undefined) throw new Error('expected a folder');
  return folder;
};

// CHAT-FOLDER-2, CHAT-LIST-4
describe('what stands below a folder', () => {
  test('is listed in order, with permissions and times, and nothing that is not served', async () => {
    const { entries, files } = await docs();
    expect(entries.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'file a',
      'folder deep',
      'file deep/b',
      'folder deep/empty',
      'file link',
    ]);
    expect(entries[0]).toMatchObject({ mode: 0o751, size: 17 });
    expect(entries[0]?.modifiedAt).toBe(Math.floor(statSync(join(root, 'docs/a')).mtimeMs));
    expect(files[4]).toMatchObject({ path: join(root, 'other') });
    expect(files[1]).toBeUndefined();
    expect(decodeFolderManifest(encodeFolderManifest(entries))).toEqual(entries);
  });

  test.each(['docs/a', 'docs/folder-link', 'absent', 'docs/deep/absent'])('%s is no folder', async (name) => {
    const place = await new FileCatalogue(root).folderPlace(name as FilePath);
    expect(await listFolder(place)).toBeUndefined();
  });
});

// CHAT-FOLDER-2
test('a folder with more names than are looked at is too large, even when less of it would be listed', async () => {
  const names = 8;
  expect((await readFolder(root, 'docs' as FilePath, { entriesMax: names })).entries).toHaveLength(5);
  for (const entriesMax of [names - 1, 6, 2, 1]) {
    const reading = readFolder(root, 'docs' as FilePath, { entriesMax });
    await expect(reading).rejects.toThrow(FolderSizeError);
  }
});

// CHAT-FOLDER-3
test('who knows the list gets what it asks for, who knows another one gets the list', async () => {
  const folder = await docs();
  const name = 'docs' as FilePath;
  const all = folderContentFor({ name, known: undefined, ranges: undefined }, folder);
  expect(all.manifest).toEqual(encodeFolderManifest(folder.entries));
  expect(all.files).toHaveLength(3);
  const known = all.manifestRoot;
  const some = folderContentFor({ name, known, ranges: [{ start: 0, end: 2 }] }, folder);
  expect([some.manifest.byteLength, some.files.map(({ path }) => path)]).toEqual([0, [join(root, 'docs/a')]]);
  const other = folderContentFor({ name, known: new Uint8Array(32) as Sha256, ranges: undefined }, folder);
  expect([other.manifest.byteLength, other.files]).toEqual([all.manifestBytes, []]);
  expect(folderContentFor({ name, known: undefined, ranges: [] }, folder).files).toEqual([]);
  const beyond = [{ start: 0, end: 6 }];
  expect(() => folderContentFor({ name, known, ranges: beyond }, folder)).toThrow('goes beyond');
});

// CHAT-FOLDER-13
test('who has the first bytes of the list gets the rest of it, and who has others is told so', async () => {
  const folder = await docs();
  const name = 'docs' as FilePath;
  const all = folderContentFor({ name, known: undefined, ranges: undefined }, folder);
  const { manifest, manifestRoot: known } = all;
  const begunWith = (bytes: number, sha256 = digestOf(manifest.subarray(0, bytes))) => ({
    place: FOLDER_LIST_PLACE,
    bytes,
    sha256,
  });
  const contentFor = (begun: ReturnType<typeof begunWith>, root = known) =>
    folderContentFor({ name, known: root, ranges: undefined, begun }, folder);
  for (const bytes of [1, 40, manifest.byteLength - 1]) {
    const content = contentFor(begunWith(bytes));
    expect(content.manifest).toEqual(manifest.slice(bytes));
    expect(content.files).toEqual(all.files);
  }
  expect(contentFor(begunWith(40), new Uint8Array(32) as Sha256)).toEqual({ ...all, files: [] });
  const wrong = [begunWith(0), begunWith(manifest.byteLength), begunWith(40, new Uint8Array(32) as Sha256)];
  for (const begun of wrong) expect(() => contentFor(begun)).toThrow('list');
});

// CHAT-FOLDER-7
test('of a file that somebody has begun that is said, and nothing else is believed', async () => {
  const folder = await docs();
  const name = 'docs' as FilePath;
  const known = folderContentFor({ name, known: undefined, ranges: undefined }, folder).manifestRoot;
  const place = folder.entries.findIndex(({ path }) => path === 'a');
  const { size } = folder.entries[place] as FolderEntry;
  const sha256 = new Uint8Array(32) as Sha256;
  const filesFor = (begun: { place: number; bytes: number }, root = known) =>
    folderContentFor({ name, known: root, ranges: undefined, begun: { ...begun, sha256 } }, folder).files;
  const begunOnes = filesFor({ place, bytes: size }).filter(({ begun }) => begun !== undefined);
  expect(begunOnes).toMatchObject([{ path: join(root, 'docs/a'), begun: { bytes: size, sha256 } }]);
  const folderPlace = folder.entries.findIndex(({ kind }) => kind === 'folder');
  const wrong = [
    { place, bytes: size + 1 },
    { place, bytes: 0 },
    { place: folderPlace, bytes: 1 },
    { place: folder.entries.length, bytes: 1 },
  ];
  for (const begun of wrong) expect(() => filesFor(begun)).toThrowError('so many bytes');
  // Of another list it says nothing.
  expect(filesFor({ place, bytes: size + 1 }, sha256)).toEqual([]);
});

/** Everything that the stream of a folder holds, read with a buffer of that size; `between` is called before each read. */
async function contentOf(
  bufferBytes: number,
  between: (reads: number) => void = () => undefined,
  fileSystem?: SourceFileSystem,
): Promise<Buffer> {
  const folder = await docs();
  const content = folderContentFor({ name: 'docs' as FilePath, known: undefined, ranges: undefined }, folder);
  const offer: FolderOffer = {
    transferId: 1 as TransferId,
    ticket: new Uint8Array(randomBytes(32)) as Ticket,
    ticketLifetimeMs: 1,
    user: 'ann',
    manifest: new Uint8Array(0),
    files: content.files,
    address: undefined,
    name: 'docs' as FilePath,
    nickname: 'ann' as Nickname,
  };
  const stream = new FolderContent(offer, fileSystem);
  const pieces: Buffer[] = [];
  const buffer = Buffer.alloc(bufferBytes);
  for (let reads = 0; ; reads += 1) {
    between(reads);
    const bytes = stream.read(buffer);
    if (bytes === undefined) return Buffer.concat(pieces);
    pieces.push(Buffer.from(bytes));
  }
}

const sent = (text: string, status = 0) =>
  Buffer.concat([Buffer.from([0]), Buffer.from(text), Buffer.from([status]), digest(Buffer.from(text))]);
const [a, b, link] = ['content of docs/a', 'content of docs/deep/b', 'content of other'].map((text) =>
  sent(text),
);

// CHAT-FOLDER-4
describe('a file in the stream of its folder', () => {
  test.each([34, 35, 50, 65_536])('comes with its digest, with a buffer of %i bytes', async (bufferBytes) => {
    expect(await contentOf(bufferBytes)).toEqual(Buffer.concat([a, b, link] as Buffer[]));
  });

  test.each([
    ['vanished', 2, () => unlinkSync(join(root, 'docs/a'))],
    ['grew', 1, () => appendFileSync(join(root, 'docs/a'), 'x')],
    [
      'became a link',
      2,
      () => {
        unlinkSync(join(root, 'docs/a'));
        symlinkSync('/etc/passwd', join(root, 'docs/a'));
      },
    ],
    [
      'became a folder',
      1,
      () => {
        unlinkSync(join(root, 'docs/a'));
        mkdirSync(join(root, 'docs/a'));
      },
    ],
  ])('that %s before its turn is told and skipped', async (_, status, change) => {
    const stream = await contentOf(65_536, (reads) => reads === 0 && change());
    expect(stream).toEqual(Buffer.concat([Buffer.from([status]), b, link] as Buffer[]));
  });

  test('that shrinks while it is sent keeps its length, and is told to have changed', async () => {
    const stream = await contentOf(34, (reads) => reads === 1 && truncateSync(join(root, 'docs/deep/b'), 3));
    expect(stream.subarray(0, a?.byteLength)).toEqual(a);
    expect(stream.byteLength).toBeGreaterThan(Buffer.concat([a, link] as Buffer[]).byteLength);
    expect(stream.subarray(-(link?.byteLength ?? 0))).toEqual(link);
  });

  test('that cannot be read to its end is told to mean nothing', async () => {
    const fileSystem: SourceFileSystem = {
      ...nodeFileSystem,
      readSync: ((...[file, bytes, at, length, position]: [number, Uint8Array, number, number, number]) => {
        if (position === 10) throw Object.assign(new Error('a bad sector'), { code: 'EIO' });
        return nodeFileSystem.readSync(file, bytes, at, Math.min(length, 10), position);
      }) as SourceFileSystem['readSync'],
    };
    const content = (text: string) => Buffer.from(text.slice(0, 10).padEnd(text.length, '\0'));
    const broken = (text: string) => [
      Buffer.from([0]),
      content(text),
      Buffer.from([1]),
      digest(content(text)),
    ];
    expect(await contentOf(65_536, undefined, fileSystem)).toEqual(
      Buffer.concat(['content of docs/a', 'content of docs/deep/b', 'content of other'].flatMap(broken)),
    );
  });

  test('that is not what its digest says is told to have changed', async () => {
    const text = 'content of docs/a';
    const path = join(root, 'docs/a');
    const { size, mtimeMs } = statSync(path);
    const file = { path, size, modifiedAt: Math.floor(mtimeMs) };
    const troubles: string[] = [];
    const streamOf = (sha256: Uint8Array) => {
      const onTrouble = (_: AnnouncedFile, { reason }: SourceFileError) => troubles.push(reason);
      const files = [{ ...file, sha256 }];
      const content = new FolderContent({ manifest: new Uint8Array(0), files, onTrouble }, undefined);
      return Buffer.from(content.read(Buffer.alloc(65_536)) ?? []);
    };
    expect(streamOf(digest(Buffer.from(text)))).toEqual(sent(text));
    expect(troubles).toEqual([]);
    expect(streamOf(digest(Buffer.from('another')))).toEqual(sent(text, 1));
    expect(troubles).toEqual(['digest-wrong']);
  });
});

function digestOf(bytes: Uint8Array): Sha256 {
  return new Uint8Array(createHash('sha256').update(bytes).digest()) as Sha256;
}
