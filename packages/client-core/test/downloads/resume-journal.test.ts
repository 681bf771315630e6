import { createHash } from 'node:crypto';
import * as nodeFileSystem from 'node:fs';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHUNK_BYTES_MIN } from '@parley/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ResumeJournal } from '../../src/node/downloads/resume-journal.ts';
import { chunkRootOf } from '../../src/node/transfers/chunk-root.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-journal-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

// CHAT-RESUME-2
test('a journal vouches for the chunks that were noted, in its next life too, and for no other', () => {
  const path = join(folder, 'journal');
  const chunkCount = 19;
  const size = chunkCount * CHUNK_BYTES_MIN;
  const digests = Array.from({ length: chunkCount }, (_, index) =>
    createHash('sha256').update(`${index}`).digest(),
  );
  const chunkHashes = new Uint8Array(Buffer.concat(digests));
  const chunkRoot = new Uint8Array(chunkRootOf(size, chunkHashes));
  const description = { size, modifiedAt: 7, chunkRoot, chunkHashes };
  const notedIn = (journal: ResumeJournal | undefined) =>
    Array.from({ length: chunkCount }, (_, index) => index).filter((index) => journal?.isNoted(index));
  const journal = ResumeJournal.create(path, description, nodeFileSystem);
  for (const indexes of [[0], [7, 8], [18]]) journal.note(indexes);
  expect(notedIn(journal)).toEqual([0, 7, 8, 18]);
  journal.close();
  // One bit for each chunk, the first one the least significant of its byte, behind everything else.
  expect([...readFileSync(path).subarray(-3)]).toEqual([0b1000_0001, 0b0000_0001, 0b0000_0100]);
  const next = ResumeJournal.open(path, nodeFileSystem);
  expect(notedIn(next)).toEqual([0, 7, 8, 18]);
  next?.close();
});

test('what another journal vouched for is gone for good before there is a new one', () => {
  const path = join(folder, 'journal');
  const description = { size: 0, modifiedAt: 7, chunkRoot: undefined, chunkHashes: new Uint8Array(0) };
  ResumeJournal.create(path, description, nodeFileSystem).close();
  const broken = Object.assign(new Error('input/output error'), { code: 'EIO' });
  const fsyncSync = () => {
    throw broken;
  };
  expect(() => ResumeJournal.create(path, description, { ...nodeFileSystem, fsyncSync })).toThrow(broken);
  expect(nodeFileSystem.existsSync(path)).toBe(false);
});
