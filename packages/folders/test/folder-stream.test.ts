import { createHash } from 'node:crypto';
import { encodeFolderManifest, type FolderEntry } from '@parley/protocol';
import { describe, expect, test } from 'vitest';
import { FolderProgress } from '../src/folder-progress.ts';
import { FolderStream, filesOfRanges } from '../src/folder-stream.ts';

const entry = (path: string, size: number, kind: FolderEntry['kind'] = 'file'): FolderEntry => ({
  kind,
  mode: 0o644,
  modifiedAt: 0,
  size,
  path: path as never,
});
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const large = 9_000_000;
const entries = [
  entry('a', 3),
  entry('b', 0),
  entry('c', 0, 'folder'),
  entry('c/d', 2),
  entry('e', large),
  entry('f', 1),
];

/** Runs a stream in pieces of `step` bytes, and tells what came out. */
function run(
  bytes: Uint8Array,
  step: number,
  known?: readonly number[],
): { log: string[]; stream: FolderStream } {
  const log: string[] = [];
  let content = '';
  const stream = new FolderStream(
    {
      takeManifest: (manifest) => {
        log.push(`list of ${manifest.byteLength}`);
        return { entries, indexes: filesOfRanges(entries) };
      },
      beginFile: (index, from) => {
        content = 'abc'.slice(0, from);
        log.push(`begin ${index}${from > 0 ? ` from ${from}` : ''}`);
      },
      takeBytes: (_, piece) => {
        content += Buffer.from(piece).toString();
      },
      endFile: (index, isUnchanged, sum) => {
        const isRight = Buffer.compare(sum, digest(Buffer.from(content))) === 0;
        log.push(`end ${index} ${content} ${isUnchanged} ${isRight}`);
      },
      missFile: (index, why) => log.push(`miss ${index} ${why}`),
    },
    known === undefined ? encodeFolderManifest(entries).byteLength : 0,
    known && { expected: { entries, indexes: known, froms: new Map([[0, 2]]) } },
  );
  for (let at = 0; at < bytes.byteLength; at += step)
    expect(stream.take(bytes.subarray(at, at + step))).toBe(true);
  return { log, stream };
}

const whole = (text: string, status = 0) =>
  Buffer.concat([Buffer.from([0]), Buffer.from(text), Buffer.from([status]), digest(Buffer.from(text))]);

// CHAT-FOLDER-3, CHAT-FOLDER-4
describe('the stream of a folder', () => {
  const files = Buffer.concat([whole('abc'), whole(''), whole('de', 1), Buffer.from([2])]);
  const log = [
    ...['begin 0', 'end 0 abc true true', 'begin 1', 'end 1  true true'],
    ...['begin 3', 'end 3 de false true', 'miss 5 unreadable'],
  ];

  test.each([1, 2, 33, 34, 1_000])('is the same however it is cut: %i bytes at a time', (step) => {
    const list = encodeFolderManifest(entries);
    const { log: told, stream } = run(Buffer.concat([list, files]), step);
    expect(told).toEqual([`list of ${list.byteLength}`, ...log]);
    expect(stream.isComplete).toBe(true);
    expect(run(files, step, [0, 1, 3, 5]).log).toEqual(log);
  });

  // CHAT-FOLDER-7, CHAT-FOLDER-10
  test('leaves out what the receiver has where the sender says so, and has its digest', () => {
    const rest = Buffer.concat([
      Buffer.from([3]),
      Buffer.from('c'),
      Buffer.from([0]),
      digest(Buffer.from('abc')),
    ]);
    const { log: told, stream } = run(Buffer.concat([rest, whole('')]), 3, [0, 1]);
    expect(told).toEqual(['begin 0 from 2', 'end 0 abc true true', 'begin 1', 'end 1  true true']);
    expect(stream.isComplete).toBe(true);
    // What nobody has asked for has nothing to leave out.
    expect(run(Buffer.concat([Buffer.from([3]), whole('').subarray(1)]), 3, [1]).log).toEqual([
      'begin 1',
      'end 1  true true',
    ]);
  });

  test('is not complete before its last byte, and takes none after it', () => {
    const { stream } = run(files.subarray(0, -1), 10, [0, 1, 3, 5]);
    expect(stream.isComplete).toBe(false);
    expect(stream.take(Buffer.from([1]))).toBe(true);
    expect(stream.isComplete).toBe(true);
    expect(stream.take(Buffer.from([1]))).toBe(false);
  });

  test('holds the files of the ranges that travel in it', () => {
    expect(filesOfRanges(entries)).toEqual([0, 1, 3, 5]);
    expect(
      filesOfRanges(entries, [
        { start: 1, end: 3 },
        { start: 4, end: 6 },
      ]),
    ).toEqual([1, 5]);
    expect(filesOfRanges(entries, [])).toEqual([]);
  });
});

// CHAT-FOLDER-7
describe('what is missing of a folder', () => {
  test('is asked for in few ranges, which hold nothing that is there', () => {
    const progress = new FolderProgress(entries, ({ kind }) => (kind === 'folder' ? 'done' : 'missing'));
    expect(progress.missing(9)).toEqual([{ start: 0, end: 6 }]);
    expect([progress.size, progress.doneBytes, progress.nextLarge]).toEqual([large + 6, 0, 4]);
    progress.settle(1, 'done');
    expect(progress.missing(9)).toEqual([
      { start: 0, end: 1 },
      { start: 3, end: 6 },
    ]);
    expect(progress.missing(1)).toEqual([{ start: 0, end: 1 }]);
    progress.settle(4, 'done');
    progress.settle(0, 'taken');
    expect(progress.missing(9)).toEqual([{ start: 3, end: 6 }]);
    expect([progress.doneBytes, progress.nextLarge]).toEqual([large, undefined]);
  });

  test('is given up after three vain tries', () => {
    const progress = new FolderProgress([entry('a', 1)], () => 'missing');
    for (const isMissing of [true, true, false]) {
      progress.handleVainTry(0);
      expect(progress.missing(1)).toHaveLength(isMissing ? 1 : 0);
    }
    expect(progress.in('lost')).toHaveLength(1);
  });

  // CHAT-FOLDER-13
  test('goes on with a list of which the first bytes are here', () => {
    const list = encodeFolderManifest(entries);
    for (const begunBytes of [1, 20, list.byteLength - 1]) {
      let taken: Uint8Array | undefined;
      const taker = {
        takeManifest: (manifest: Uint8Array) => {
          taken = manifest;
          return { entries, indexes: [] };
        },
        ...{ beginFile: () => {}, takeBytes: () => {}, endFile: () => {}, missFile: () => {} },
      };
      const stream = new FolderStream(taker, list.byteLength, { begun: list.subarray(0, begunBytes) });
      expect(stream.begunManifest).toEqual(list.subarray(0, begunBytes));
      expect(stream.take(list.subarray(begunBytes))).toBe(true);
      expect(taken).toEqual(list);
      expect([stream.begunManifest, stream.isComplete]).toEqual([undefined, true]);
    }
  });
});
