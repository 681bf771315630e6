// A folder that comes from a client gets its name when all of it is there, and what broke goes on with what is left.
import { createHash, randomBytes } from 'node:crypto';
import * as nodeFileSystem from 'node:fs';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  decodeFolderWish,
  encodeFolderManifest,
  FOLDER_FILE_BYTES_MAX,
  type FolderEntry,
  type Sha256,
  type Ticket,
  type TransferId,
  type WantedPlaces,
} from '@parley/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UploadFolder } from '../../src/node/uploads/upload-folder.ts';
import type { FolderUploadOffer } from '../../src/transfers/transfer-host.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parley-upload-folder-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** What a client has: paths in the order of the list, `undefined` for folders. */
type Tree = Readonly<Record<string, Uint8Array | undefined>>;

function entriesOf(tree: Tree, modifiedAt = 1_000_000): FolderEntry[] {
  return Object.entries(tree).map(([path, content]) => ({
    kind: content === undefined ? 'folder' : 'file',
    mode: 0o755,
    modifiedAt,
    size: content?.byteLength ?? 0,
    path: path as never,
  }));
}

function offerOf(entries: readonly FolderEntry[], changes: Partial<FolderUploadOffer['folder']> = {}) {
  const manifest = encodeFolderManifest(entries);
  const files = entries.filter(({ kind }) => kind === 'file');
  const offer: FolderUploadOffer = {
    transferId: 1 as TransferId,
    ticket: new Uint8Array(32) as Ticket,
    ticketLifetimeMs: 1_000,
    user: 'ann',
    path: join(root, 'pics'),
    partPath: join(root, '.part'),
    size: files.reduce((sum, { size }) => sum + size, 0),
    chunkRoot: new Uint8Array(createHash('sha256').update(manifest).digest()) as Sha256,
    folder: {
      files: files.length,
      entries: entries.length,
      largest: Math.max(0, ...files.map(({ size }) => size)),
      manifestBytes: manifest.byteLength,
      ...changes,
    },
  };
  return { offer, manifest };
}

/** Opens the upload and sends the list; gives what is wanted then. */
async function begin(tree: Tree, modifiedAt?: number, fileSystem?: typeof nodeFileSystem) {
  const entries = entriesOf(tree, modifiedAt);
  const { offer, manifest } = offerOf(entries);
  const upload = UploadFolder.open(offer, fileSystem);
  let wanted: readonly WantedPlaces[] | undefined;
  await upload.begin((bytes) => {
    wanted = decodeFolderWish(bytes, entries.length);
  });
  const rest = manifest.subarray(upload.listBytes);
  if (rest.byteLength > 0) await upload.take(rest);
  return { upload, wanted };
}

/** A file in the stream, from a byte on. */
function sent(content: Uint8Array, from = 0): Buffer {
  const digest = createHash('sha256').update(content).digest();
  return Buffer.concat([Buffer.of(from > 0 ? 3 : 0), content.subarray(from), Buffer.of(0), digest]);
}

const text = (words: string) => Buffer.from(words);
const all = (count: number) => [{ start: 0, end: count, from: 0 }];

// CHAT-FOLDER-9, CHAT-FOLDER-11
test('everything is asked for, arrives in whatever pieces, and has its name only at the end', async () => {
  const tree = { a: text('one'), b: undefined, 'b/c': text(''), 'b/d': text('four') };
  const { upload, wanted } = await begin(tree);
  expect(wanted).toEqual(all(4));
  for (const byte of Buffer.concat([sent(tree.a), sent(tree['b/c']), sent(tree['b/d'])])) {
    await upload.take(Uint8Array.of(byte));
  }
  expect(readdirSync(root)).toEqual(['.part']);
  await upload.publish();
  expect(readdirSync(root)).toEqual(['pics']);
  expect(readdirSync(join(root, 'pics'))).toEqual(['a', 'b']);
  expect(readFileSync(join(root, 'pics/b/d'), 'utf8')).toBe('four');
  expect(statSync(join(root, 'pics/a')).mode & 0o777).toBe(0o755);
  expect(statSync(join(root, 'pics/b')).mtimeMs).toBe(1_000_000);
  expect(upload.verifiedBytes).toBe(7);
});

// CHAT-FOLDER-14
test('a list that broke, and one that came whole, are not sent again, not even to another life of the server', async () => {
  const tree = { a: text('one'), b: text('two') };
  const { offer, manifest } = offerOf(entriesOf(tree));
  const answers: Uint8Array[] = [];
  const open = async (expectedBytes: number) => {
    const upload = UploadFolder.open(offer);
    expect(upload.listBytes).toBe(expectedBytes);
    await upload.begin((bytes) => answers.push(bytes));
    return upload;
  };
  const first = await open(0);
  await first.take(manifest.subarray(0, 20));
  await first.keep();
  const second = await open(20);
  await second.keep();
  const third = await open(20);
  expect(answers).toEqual([]);
  await third.take(manifest.subarray(20));
  expect(decodeFolderWish(answers[0] as Uint8Array, 2)).toEqual(all(2));
  await third.take(sent(tree.a));
  await third.keep();
  const fourth = await open(manifest.byteLength);
  expect(decodeFolderWish(answers[1] as Uint8Array, 2)).toEqual([{ start: 1, end: 2, from: 0 }]);
  await fourth.take(sent(tree.b));
  await fourth.publish();
  expect(readdirSync(join(root, 'pics'))).toEqual(['a', 'b']);
});

// CHAT-FOLDER-14
test('what was kept of another list, or is not of this one any more, counts for nothing', async () => {
  const { offer, manifest } = offerOf(entriesOf({ a: text('one') }));
  const first = UploadFolder.open(offer);
  await first.take(manifest);
  await first.keep();
  const other = UploadFolder.open(offerOf(entriesOf({ b: text('two') })).offer);
  expect(other.listBytes).toBe(0);
  await other.keep();
  const kept = join(root, '.part/.parley-folder.part/manifest');
  const bytes = readFileSync(kept);
  writeFileSync(kept, bytes.fill(1, bytes.byteLength - 1));
  const spoilt = UploadFolder.open(offer);
  expect(spoilt.listBytes).toBe(0);
  await spoilt.keep();
});

// CHAT-FOLDER-11
test('a folder of nothing is a folder', async () => {
  const { upload, wanted } = await begin({});
  expect(wanted).toEqual([]);
  await upload.publish();
  expect(readdirSync(join(root, 'pics'))).toEqual([]);
});

// CHAT-FOLDER-12
test('another attempt asks for what is missing, and keeps nothing that the new list does not have', async () => {
  const first = await begin({ a: text('one'), b: text('two'), c: undefined, 'c/d': text('four') });
  await first.upload.take(Buffer.concat([sent(text('one')), sent(text('two')), Buffer.of(0), text('fo')]));
  await first.upload.keep();
  expect(readdirSync(root)).toEqual(['.part']);
  const tree = { a: text('one'), b: text('changed'), c: text('now a file'), e: text('new') };
  const second = await begin(tree);
  expect(second.wanted).toEqual([{ start: 1, end: 4, from: 0 }]);
  await second.upload.take(Buffer.concat([sent(tree.b), sent(tree.c), sent(tree.e)]));
  await second.upload.publish();
  expect(readdirSync(join(root, 'pics'))).toEqual(['a', 'b', 'c', 'e']);
  expect(readFileSync(join(root, 'pics/b'), 'utf8')).toBe('changed');
});

// CHAT-FOLDER-10, CHAT-FOLDER-12
test.each([9_000, 100_000, FOLDER_FILE_BYTES_MAX + 1])(
  'a file of %i bytes goes on behind what is here of it',
  async (size) => {
    const tree = { large: randomBytes(size), small: text('x') };
    const first = await begin(tree);
    await first.upload.take(Buffer.concat([Buffer.of(0), tree.large.subarray(0, 5_000)]));
    await first.upload.keep();
    const second = await begin(tree);
    expect(second.wanted).toEqual([{ start: 0, end: 2, from: 5_000 }]);
    await second.upload.take(Buffer.concat([Buffer.of(3), tree.large.subarray(5_000, 6_000)]));
    expect(second.upload.verifiedBytes).toBe(6_000);
    await second.upload.keep();
    const third = await begin(tree);
    expect(third.wanted).toEqual([{ start: 0, end: 2, from: 6_000 }]);
    await third.upload.take(Buffer.concat([sent(tree.large, 6_000), sent(tree.small)]));
    await third.upload.publish();
    expect(readFileSync(join(root, 'pics/large')).equals(tree.large)).toBe(true);
    expect(readdirSync(join(root, 'pics'))).toEqual(['large', 'small']);
  },
);

// CHAT-FOLDER-12
test('what is here of a file that has another time now is not gone on with', async () => {
  const tree = { a: randomBytes(9_000) };
  const first = await begin(tree);
  await first.upload.take(Buffer.concat([Buffer.of(0), tree.a.subarray(0, 5_000)]));
  await first.upload.keep();
  const second = await begin(tree, 2_000_000);
  expect(second.wanted).toEqual(all(1));
  expect(readdirSync(join(root, '.part', '.parley-folder.part'))).toEqual(['lock', 'manifest']);
  await second.upload.discard();
});

// CHAT-FOLDER-12
test('what is here of a large file and is not what it seemed is sent again, and no more than that', async () => {
  const tree = { large: randomBytes(FOLDER_FILE_BYTES_MAX + 1), small: text('x') };
  const first = await begin(tree);
  await first.upload.take(Buffer.concat([Buffer.of(0), new Uint8Array(5_000)]));
  await first.upload.keep();
  const second = await begin(tree);
  await second.upload.take(Buffer.concat([sent(tree.large, 5_000), sent(tree.small)]));
  await expect(second.upload.publish()).rejects.toMatchObject({ reason: 'connection-lost' });
  await second.upload.keep();
  const third = await begin(tree);
  expect(third.wanted).toEqual([{ start: 0, end: 1, from: 0 }]);
  await third.upload.discard();
  expect(readdirSync(root)).toEqual([]);
});

// CHAT-FOLDER-9
test.each([
  ['files', { files: 1 }],
  ['entries', { entries: 1 }],
  ['the largest', { largest: 2 }],
])(
  'a list that has other figures than were announced (%s) is refused before a file comes',
  async (_, changes) => {
    const { offer, manifest } = offerOf(entriesOf({ a: text('one'), b: text('two') }), changes);
    const upload = UploadFolder.open(offer);
    await expect(upload.take(manifest)).rejects.toMatchObject({ reason: 'content-mismatch' });
    await upload.discard();
    expect(readdirSync(root)).toEqual([]);
  },
);

// CHAT-FOLDER-9
test('another list than the announced one is refused', async () => {
  const { offer, manifest } = offerOf(entriesOf({ a: text('one') }));
  manifest[4] = 3;
  const upload = UploadFolder.open(offer);
  await expect(upload.take(manifest)).rejects.toMatchObject({ reason: 'content-mismatch' });
});

// CHAT-FOLDER-9, CHAT-FOLDER-10
test('more than the list, and more than was asked for, is refused', async () => {
  const { offer, manifest } = offerOf(entriesOf({ a: text('one') }));
  const refusal = expect.objectContaining({ reason: 'content-mismatch' });
  const early = UploadFolder.open(offer);
  expect(() => early.take(Buffer.concat([manifest, sent(text('one'))]))).toThrowError(refusal);
  await early.discard();
  const { upload } = await begin({ a: text('one') });
  expect(() => upload.take(Buffer.concat([sent(text('one')), Buffer.of(0)]))).toThrowError(refusal);
  await upload.discard();
  const third = await begin({ a: text('one') });
  expect(() => third.upload.take(Buffer.of(1))).toThrowError(refusal);
  await third.upload.discard();
});

// CHAT-FOLDER-11
test('what got the name meanwhile is not touched', async () => {
  const { upload } = await begin({ a: text('one') });
  await upload.take(sent(text('one')));
  mkdirSync(join(root, 'pics'));
  writeFileSync(join(root, 'pics', 'mine'), 'x');
  await expect(upload.publish()).rejects.toMatchObject({ reason: 'file-exists' });
  await upload.discard();
  expect(readdirSync(join(root, 'pics'))).toEqual(['mine']);
});

// CHAT-FOLDER-11
test('a folder whose name cannot be made durable has it no more, and another attempt goes on with all of it', async () => {
  const tree = { a: text('one') };
  const name = join(root, 'pics');
  const fileSystem = {
    ...nodeFileSystem,
    fsyncSync: (descriptor: number) => {
      if (nodeFileSystem.existsSync(name)) throw Object.assign(new Error('broken'), { code: 'EIO' });
      nodeFileSystem.fsyncSync(descriptor);
    },
  };
  const { upload } = await begin(tree, undefined, fileSystem);
  await upload.take(sent(tree.a));
  await expect(upload.publish()).rejects.toThrow('broken');
  await upload.keep();
  expect(readdirSync(root)).toEqual(['.part']);
  const again = await begin(tree);
  expect(again.wanted).toEqual([]);
  await again.upload.publish();
  expect(readFileSync(join(name, 'a'), 'utf8')).toBe('one');
});

// CHAT-FOLDER-11, CHAT-FOLDER-12
test('a disk that does not let go of what is ours alone gives the folder no name, and another attempt does', async () => {
  let isStuck = true;
  const fileSystem = {
    ...nodeFileSystem,
    rmdirSync: (path: string) => {
      if (isStuck) throw Object.assign(new Error('cannot be removed'), { code: 'EIO' });
      nodeFileSystem.rmdirSync(path);
    },
  } as typeof nodeFileSystem;
  const tree = { a: text('one') };
  const { upload } = await begin(tree, undefined, fileSystem);
  await upload.take(sent(tree.a));
  await expect(upload.publish()).rejects.toMatchObject({ reason: 'connection-lost' });
  await upload.keep();
  expect(readdirSync(root)).toEqual(['.part']);
  isStuck = false;
  const again = await begin(tree, undefined, fileSystem);
  expect(again.wanted).toEqual([]);
  await again.upload.publish();
  expect(readdirSync(join(root, 'pics'))).toEqual(['a']);
});
