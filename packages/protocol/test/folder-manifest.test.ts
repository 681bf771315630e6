import { describe, expect, test } from 'vitest';
import {
  DecodeError,
  decodeFolderManifest,
  encodeFolderManifest,
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
