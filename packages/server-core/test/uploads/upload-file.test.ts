// What is taken from a client reaches its name only when it is what was announced, and durable.
import { createHash, randomBytes } from 'node:crypto';
import * as nodeFileSystem from 'node:fs';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sha256, Ticket, TransferId } from '@parley/protocol';
import { CHUNK_BYTES_MIN } from '@parley/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ChunkHasher } from '../../src/node/hashing/chunk-hasher.ts';
import { UploadFile, type UploadFileSystem } from '../../src/node/uploads/upload-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-upload-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function announce(content: Uint8Array) {
  const hasher = new ChunkHasher(content.byteLength);
  hasher.update(content);
  const { chunkRoot, chunkHashes } = hasher.digest();
  const offer = {
    transferId: 1 as TransferId,
    ticket: new Uint8Array(32) as Ticket,
    ticketLifetimeMs: 1_000,
    user: 'ann',
    path: join(folder, 'a.bin'),
    partPath: join(folder, '.part'),
    size: content.byteLength,
    chunkRoot: chunkRoot as Sha256,
  };
  return { offer, stream: Buffer.concat([chunkHashes, content]) };
}

function receive(file: UploadFile, stream: Uint8Array, pieceBytes = 10_007): void {
  for (let at = 0; at < stream.byteLength; at += pieceBytes) file.take(stream.subarray(at, at + pieceBytes));
}

const SIZES = [0, 1, CHUNK_BYTES_MIN - 1, CHUNK_BYTES_MIN, CHUNK_BYTES_MIN + 1, 3 * CHUNK_BYTES_MIN];

// CHAT-UPLOAD-3, CHAT-UPLOAD-4
test.each(SIZES)('a file of %i bytes gets its name, and nothing else is left', async (size) => {
  const content = randomBytes(size);
  const { offer, stream } = announce(content);
  const file = await UploadFile.open(offer);
  receive(file, stream);
  expect(file.verifiedBytes).toBe(size);
  expect(readdirSync(folder)).not.toContain('a.bin');
  file.publish();
  expect(readdirSync(folder)).toEqual(['a.bin']);
  expect(readFileSync(offer.path).equals(content)).toBe(true);
});

// CHAT-UPLOAD-3
test('a list that is not the announced one is noticed before a byte is written', async () => {
  const { offer, stream } = announce(randomBytes(1_000));
  stream[0] = (stream[0] as number) ^ 1;
  const file = await UploadFile.open(offer);
  expect(() => file.take(stream)).toThrowError(expect.objectContaining({ reason: 'content-mismatch' }));
  expect(readFileSync(offer.partPath).byteLength).toBe(0);
  file.discard();
  expect(readdirSync(folder)).toEqual([]);
});

// CHAT-UPLOAD-3
test('a chunk that is not the announced one is noticed when it ends', async () => {
  const { offer, stream } = announce(randomBytes(3 * CHUNK_BYTES_MIN));
  const at = 3 * 32 + CHUNK_BYTES_MIN + 5;
  stream[at] = (stream[at] as number) ^ 1;
  const file = await UploadFile.open(offer);
  expect(() => receive(file, stream)).toThrowError(
    expect.objectContaining({ reason: 'content-mismatch', message: 'chunk 1 is not the announced one' }),
  );
  expect(file.verifiedBytes).toBe(CHUNK_BYTES_MIN);
});

// CHAT-UPLOAD-3
test.each([
  ['fewer', -1],
  ['more', 1],
])('%s bytes than were announced give no file', async (_, difference) => {
  const { offer, stream } = announce(randomBytes(1_000));
  const file = await UploadFile.open(offer);
  const sent = difference < 0 ? stream.subarray(0, difference) : Buffer.concat([stream, Buffer.alloc(1)]);
  expect(() => {
    file.take(sent);
    file.publish();
  }).toThrowError(expect.objectContaining({ reason: 'content-mismatch' }));
  file.discard();
  expect(readdirSync(folder)).toEqual([]);
});

// CHAT-UPLOAD-3
test('the root of an empty file is compared too', async () => {
  const { offer } = announce(Buffer.alloc(0));
  const file = await UploadFile.open({
    ...offer,
    chunkRoot: createHash('sha256').digest() as Uint8Array as Sha256,
  });
  expect(() => file.publish()).toThrowError(expect.objectContaining({ reason: 'content-mismatch' }));
});

// CHAT-UPLOAD-4
test('a file that came in between keeps its name and its bytes', async () => {
  const { offer, stream } = announce(randomBytes(1_000));
  const file = await UploadFile.open(offer);
  file.take(stream);
  writeFileSync(offer.path, 'mine');
  expect(() => file.publish()).toThrowError(expect.objectContaining({ reason: 'file-exists' }));
  file.discard();
  expect(readdirSync(folder)).toEqual(['a.bin']);
  expect(readFileSync(offer.path, 'utf8')).toBe('mine');
});

// CHAT-UPLOAD-4
test('a link under either name leads nowhere', async () => {
  const { offer, stream } = announce(randomBytes(1_000));
  const elsewhere = join(folder, 'elsewhere');
  writeFileSync(elsewhere, 'untouched');
  symlinkSync(elsewhere, offer.partPath);
  const file = await UploadFile.open(offer);
  file.take(stream);
  symlinkSync(elsewhere, offer.path);
  expect(() => file.publish()).toThrowError(expect.objectContaining({ reason: 'file-exists' }));
  expect(readFileSync(elsewhere, 'utf8')).toBe('untouched');
});

describe('on a disk without hard links', () => {
  const fileSystem: UploadFileSystem = {
    ...nodeFileSystem,
    linkSync: () => {
      throw Object.assign(new Error('operation not permitted'), { code: 'EPERM' });
    },
  };

  // CHAT-UPLOAD-4
  test('a file gets its name, and nothing else is left', async () => {
    const content = randomBytes(3 * CHUNK_BYTES_MIN);
    const { offer, stream } = announce(content);
    const file = await UploadFile.open(offer, fileSystem);
    receive(file, stream);
    file.publish();
    expect(readdirSync(folder)).toEqual(['a.bin']);
    expect(readFileSync(offer.path).equals(content)).toBe(true);
  });

  // CHAT-UPLOAD-4
  test('a file that came in between keeps its name and its bytes', async () => {
    const { offer, stream } = announce(randomBytes(1_000));
    const file = await UploadFile.open(offer, fileSystem);
    file.take(stream);
    writeFileSync(offer.path, 'mine');
    expect(() => file.publish()).toThrowError(expect.objectContaining({ reason: 'file-exists' }));
    file.discard();
    expect(readdirSync(folder)).toEqual(['a.bin']);
    expect(readFileSync(offer.path, 'utf8')).toBe('mine');
  });
});

// CHAT-UPLOAD-4
test('a name that could not be made durable is taken back', async () => {
  let syncs = 0;
  const fileSystem: UploadFileSystem = {
    ...nodeFileSystem,
    fsyncSync: (descriptor) => {
      syncs += 1;
      if (syncs === 2) throw Object.assign(new Error('input/output error'), { code: 'EIO' });
      nodeFileSystem.fsyncSync(descriptor);
    },
  };
  const { offer, stream } = announce(randomBytes(1_000));
  const file = await UploadFile.open(offer, fileSystem);
  file.take(stream);
  expect(() => file.publish()).toThrowError(expect.objectContaining({ reason: 'internal-error' }));
  file.discard();
  expect(readdirSync(folder)).toEqual([]);
});

test('short writes are gone on with, and a disk that fills up is named as such', async () => {
  let roomBytes = 600;
  const fileSystem: UploadFileSystem = {
    ...nodeFileSystem,
    writeSync: ((descriptor: number, bytes: Uint8Array, offset: number, length: number, position: number) => {
      if (roomBytes === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      const count = nodeFileSystem.writeSync(
        descriptor,
        bytes,
        offset,
        Math.min(length, 100, roomBytes),
        position,
      );
      roomBytes -= count;
      return count;
    }) as UploadFileSystem['writeSync'],
  };
  const small = announce(randomBytes(550));
  const fits = await UploadFile.open(small.offer, fileSystem);
  fits.take(small.stream);
  expect(fits.verifiedBytes).toBe(550);
  fits.discard();
  const large = announce(randomBytes(1_000));
  const file = await UploadFile.open(large.offer, fileSystem);
  expect(() => file.take(large.stream)).toThrowError(expect.objectContaining({ reason: 'no-space' }));
  file.discard();
  expect(readdirSync(folder)).toEqual([]);
});

/** What an attempt leaves that ended after these bytes of the file. */
async function leave(announced: ReturnType<typeof announce>, bytes: number): Promise<void> {
  const { offer, stream } = announced;
  const listBytes = stream.byteLength - offer.size;
  const file = await UploadFile.open(offer);
  receive(file, stream.subarray(0, listBytes + bytes));
  file.keep();
}

// CHAT-UPLOAD-5
test.each([
  [0, 0],
  [CHUNK_BYTES_MIN - 1, 0],
  [CHUNK_BYTES_MIN, CHUNK_BYTES_MIN],
  [2 * CHUNK_BYTES_MIN + 5, 2 * CHUNK_BYTES_MIN],
  [2 * CHUNK_BYTES_MIN + 100, 2 * CHUNK_BYTES_MIN + 100],
])('an attempt that ended after %i bytes is gone on with at %i', async (left, start) => {
  const content = randomBytes(2 * CHUNK_BYTES_MIN + 100);
  const announced = announce(content);
  const { offer, stream } = announced;
  await leave(announced, left);
  expect(readdirSync(folder)).toEqual(start === 0 ? [] : ['.part', '.part.list']);
  const file = await UploadFile.open(offer);
  expect(file.verifiedBytes).toBe(start);
  const listBytes = stream.byteLength - offer.size;
  receive(file, Buffer.concat([stream.subarray(0, listBytes), content.subarray(start)]));
  file.publish();
  expect(readdirSync(folder)).toEqual(['a.bin']);
  expect(readFileSync(offer.path).equals(content)).toBe(true);
});

// CHAT-UPLOAD-5
test('what is not any more what it was is sent again', async () => {
  const announced = announce(randomBytes(3 * CHUNK_BYTES_MIN));
  await leave(announced, 3 * CHUNK_BYTES_MIN - 1);
  const part = readFileSync(announced.offer.partPath);
  part[CHUNK_BYTES_MIN + 3] = (part[CHUNK_BYTES_MIN + 3] as number) ^ 1;
  writeFileSync(announced.offer.partPath, part);
  const file = await UploadFile.open(announced.offer);
  expect(file.verifiedBytes).toBe(CHUNK_BYTES_MIN);
  file.discard();
});

// CHAT-UPLOAD-5
test.each(['.part', '.part.list'])('without %s, or with another, everything is sent again', async (name) => {
  const announced = announce(randomBytes(2 * CHUNK_BYTES_MIN));
  for (const damage of [rmSync, (path: string) => writeFileSync(path, 'x')]) {
    await leave(announced, CHUNK_BYTES_MIN);
    damage(join(folder, name));
    const file = await UploadFile.open(announced.offer);
    expect(file.verifiedBytes).toBe(0);
    file.discard();
    expect(readdirSync(folder)).toEqual([]);
  }
});

// CHAT-UPLOAD-5
test('a list that a killed server left before the first chunk was whole is no file in the way', async () => {
  const announced = announce(randomBytes(2 * CHUNK_BYTES_MIN));
  const { offer, stream } = announced;
  const killed = await UploadFile.open(offer);
  receive(killed, stream.subarray(0, stream.byteLength - offer.size + 5));
  const left = [offer.partPath, `${offer.partPath}.list`].map((path) => ({
    path,
    bytes: readFileSync(path),
  }));
  killed.discard();
  for (const { path, bytes } of left) writeFileSync(path, bytes);
  const file = await UploadFile.open(offer);
  expect(file.verifiedBytes).toBe(0);
  receive(file, stream);
  file.publish();
  expect(readdirSync(folder)).toEqual(['a.bin']);
});

// CHAT-UPLOAD-5
test('a link in the place of what was left leads nowhere', async () => {
  const announced = announce(randomBytes(2 * CHUNK_BYTES_MIN));
  const elsewhere = join(folder, 'elsewhere');
  writeFileSync(elsewhere, 'untouched');
  await leave(announced, CHUNK_BYTES_MIN);
  rmSync(announced.offer.partPath);
  symlinkSync(elsewhere, announced.offer.partPath);
  const file = await UploadFile.open(announced.offer);
  receive(file, announced.stream);
  file.publish();
  expect(readFileSync(elsewhere, 'utf8')).toBe('untouched');
});
