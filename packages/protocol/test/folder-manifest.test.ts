import { describe, expect, test } from 'vitest';
import {
  DecodeError,
  decodeFolderManifest,
  decodeFolderWish,
  encodeFolderManifest,
  encodeFolderWish,
  FOLDER_FILE_BYTES_MAX,
  type FolderEntry,
  travelsInFolder,
} from '../src/index.ts';
import { fromHex, file as path, toHex } from './support.ts';

const folder = (name: string): FolderEntry => ({
  kind: 'folder',
  mode: 0o755,
  modifiedAt: 1_000,
  size: 0,
  path: path(name),
});
const file = (name: string, changes: Partial<FolderEntry> = {}): FolderEntry => ({
  ...folder(name),
  kind: 'file',
  mode: 0o644,
  size: 5,
  ...changes,
});

// CHAT-FOLDER-2
describe('the list of a folder', () => {
  test('has these bytes, and reads the same', () => {
    const entries = [folder('a'), file('a.b'), file('a/c', { size: 0, mode: 0o400 })];
    const hex = `00000003
      01 01ed 00000000000003e8 0000000000000000 0001 61
      02 01a4 00000000000003e8 0000000000000005 0003 612e62
      02 0100 00000000000003e8 0000000000000000 0003 612f63`.replace(/\s/g, '');
    expect(toHex(encodeFolderManifest(entries))).toBe(hex);
    expect(decodeFolderManifest(fromHex(hex))).toEqual(entries);
    expect(decodeFolderManifest(encodeFolderManifest([]))).toEqual([]);
  });

  test.each([
    ['twice the same path', [file('a'), file('a')]],
    ['paths out of order', [file('b'), file('a')]],
    ['a file below a folder that is not in it', [file('a/b')]],
    ['a file below a file', [file('a'), file('a/b')]],
    ['a folder with a size', [{ ...folder('a'), size: 1 }]],
    ['a mode that makes somebody else of who runs it', [file('a', { mode: 0o4755 })]],
  ])('is refused with %s', (_, entries) => {
    expect(() => decodeFolderManifest(encodeFolderManifest(entries))).toThrow(DecodeError);
  });

  test.each([
    '..',
    '../a',
    '/etc/passwd',
    'a/../../b',
    'a//b',
    'a/',
    '.ssh',
    'a/.b',
    'a\\b',
    'a\nb',
    '',
    'a\u0000b',
  ])('is refused with the path %j', (name) => {
    const [bytes, wanted] = [encodeFolderManifest([file('a')]), Buffer.from(name)];
    const evil = [...bytes.subarray(0, -3), 0, wanted.byteLength, ...wanted];
    expect(() => decodeFolderManifest(Uint8Array.from(evil))).toThrow(DecodeError);
  });

  test('is refused when it is cut off anywhere, or goes on', () => {
    const bytes = encodeFolderManifest([folder('a'), file('a/b')]);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeFolderManifest(bytes.subarray(0, length))).toThrow(DecodeError);
    }
    expect(() => decodeFolderManifest(new Uint8Array([...bytes, 0]))).toThrow(DecodeError);
    expect(() => decodeFolderManifest(fromHex('ffffffff'))).toThrow('at most 100000 entries');
  });
});

// CHAT-FOLDER-3
test('files up to the limit travel in the stream, larger ones and folders do not', () => {
  expect(travelsInFolder(file('a', { size: FOLDER_FILE_BYTES_MAX }))).toBe(true);
  expect(travelsInFolder(file('a', { size: FOLDER_FILE_BYTES_MAX + 1 }))).toBe(false);
  expect(travelsInFolder(folder('a'))).toBe(false);
});

// CHAT-FOLDER-9
describe('what a server lacks of a folder', () => {
  const wanted = [
    { start: 0, end: 2, from: 0 },
    { start: 5, end: 6, from: 9_000_000 },
  ];
  const hex = '00000002 00000000000000020000000000000000 00000005000000060000000000895440'.replace(/\s/g, '');

  test('has these bytes, and reads the same when all of them are there', () => {
    expect(toHex(encodeFolderWish(wanted))).toBe(hex);
    expect(decodeFolderWish(fromHex(hex), 6)).toEqual(wanted);
    expect(decodeFolderWish(encodeFolderWish([]), 0)).toEqual([]);
    for (let count = 0; count < hex.length / 2; count += 1) {
      expect(decodeFolderWish(fromHex(hex).subarray(0, count), 6)).toBeUndefined();
    }
  });

  test.each([
    ['places beyond the list', [{ start: 5, end: 7, from: 0 }]],
    ['no places', [{ start: 2, end: 2, from: 0 }]],
    ['places twice', [wanted[0] as never, { start: 1, end: 3, from: 0 }]],
  ])('is refused with %s', (_, places) => {
    expect(() => decodeFolderWish(encodeFolderWish(places), 6)).toThrow(DecodeError);
  });

  test('is refused when something follows it, and before it is read when it is too long', () => {
    expect(() => decodeFolderWish(fromHex(`${hex}00`), 6)).toThrow(DecodeError);
    expect(() => decodeFolderWish(fromHex('00ffffff'), 6)).toThrow(DecodeError);
  });
});
