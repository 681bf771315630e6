// What a folder's stream is read out from.
import { createHash, randomBytes } from 'node:crypto';
import * as nodeFileSystem from 'node:fs';
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderContent, type OutgoingFile } from '../src/folder-content.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parley-folder-content-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const NO_LIST = new Uint8Array(0);
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

function put(name: string, bytes: Uint8Array): OutgoingFile {
  const path = join(root, name);
  writeFileSync(path, bytes);
  const { size, mtimeMs } = statSync(path);
  return { path, size, modifiedAt: Math.floor(mtimeMs) };
}

/** All that is sent, and how often the reader was told to let others go first. */
function readOut(files: readonly OutgoingFile[], fileSystem?: typeof nodeFileSystem) {
  const troubles: string[] = [];
  const onTrouble: NonNullable<ConstructorParameters<typeof FolderContent>[0]['onTrouble']> = (
    _,
    { reason },
  ) => void troubles.push(reason);
  const content = new FolderContent({ manifest: NO_LIST, files, onTrouble }, fileSystem);
  const buffer = Buffer.alloc(content.bufferBytes);
  const pieces: Buffer[] = [];
  let turns = 0;
  for (let piece = content.read(buffer); piece !== undefined; piece = content.read(buffer)) {
    if (piece.byteLength === 0) turns += 1;
    pieces.push(Buffer.from(piece));
  }
  content.close();
  return { sent: Buffer.concat(pieces), turns, troubles };
}

const sentFile = (status: number, bytes: Uint8Array, whole: Uint8Array) =>
  Buffer.concat([Buffer.of(status), bytes, Buffer.of(0), digest(whole)]);

// CHAT-FOLDER-4, CHAT-FOLDER-7
test('what the receiver has of a file is left out when it is the beginning of it, and sent otherwise', () => {
  const [before, bytes, after] = [Buffer.from('before'), randomBytes(200_000), Buffer.from('after')];
  const [first, file, last] = [put('a', before), put('b', bytes), put('c', after)];
  for (const kept of [1, 65_536, 150_000, 200_000]) {
    const begun = { bytes: kept, sha256: digest(bytes.subarray(0, kept)) };
    const { sent, turns } = readOut([first, { ...file, begun }, last]);
    const rest = sentFile(3, bytes.subarray(kept), bytes);
    expect(sent.equals(Buffer.concat([sentFile(0, before, before), rest, sentFile(0, after, after)]))).toBe(
      true,
    );
    // Each of them has read a buffer full of what is not sent.
    expect(turns).toBe(Math.ceil(kept / 65_536) - 1);
    const other = { bytes: kept, sha256: digest(before) };
    expect(readOut([{ ...file, begun: other }]).sent.equals(sentFile(0, bytes, bytes))).toBe(true);
  }
});

// CHAT-FOLDER-10
test('what nobody can compare is left out, and the digest is of the whole all the same', () => {
  const bytes = randomBytes(1_000);
  const { sent } = readOut([{ ...put('a', bytes), begun: { bytes: 999 } }]);
  expect(sent.equals(sentFile(3, bytes.subarray(999), bytes))).toBe(true);
});

test('a file that ends in the middle of what the receiver has is not sent, and the next one is', () => {
  const bytes = randomBytes(100_000);
  const [file, next] = [put('a', bytes), put('b', Buffer.from('next'))];
  let reads = 0;
  const fileSystem = {
    ...nodeFileSystem,
    readSync: (...parameters: Parameters<typeof nodeFileSystem.readSync>) => {
      reads += 1;
      if (reads === 2) truncateSync(file.path, 70_000);
      return reads === 2 ? 0 : nodeFileSystem.readSync(...parameters);
    },
  } as typeof nodeFileSystem;
  const { sent, troubles } = readOut([{ ...file, begun: { bytes: 90_000 } }, next], fileSystem);
  expect(troubles).toEqual(['file-changed']);
  expect(
    sent.equals(Buffer.concat([Buffer.of(1), sentFile(0, Buffer.from('next'), Buffer.from('next'))])),
  ).toBe(true);
});
