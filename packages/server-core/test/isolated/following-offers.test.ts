// What is offered of a large file that nobody has hashed, with a host that moves nothing.
import { createHash } from 'node:crypto';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientMessageOf, Sha256 } from '@parley/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createParleyServer, type ParleyServer } from '../../src/index.ts';
import { ChunkHasher } from '../../src/node/hashing/chunk-hasher.ts';
import { HashProgress } from '../../src/node/hashing/hash-progress.ts';
import { FakeTransferHost } from '../support/fake-transfer-host.ts';
import { SocketClient } from '../support/socket-client.ts';

const SIZE = 8 * 1024 * 1024 + 1;
const MODIFIED_AT = 1_000_000;
const content = Buffer.alloc(SIZE, 'large');
const VERSION = { size: SIZE, modifiedAt: MODIFIED_AT };

let folder = '';
let host: FakeTransferHost;
let server: ParleyServer;
let port = 0;
let ann: SocketClient;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-following-'));
  const path = join(folder, 'large.bin');
  await writeFile(path, content);
  await utimes(path, MODIFIED_AT / 1_000, MODIFIED_AT / 1_000);
  host = new FakeTransferHost();
  server = createParleyServer({ host: '127.0.0.1', port: 0, files: { folder, transferHost: host } });
  ({ port } = await server.start());
  ann = await SocketClient.user(port, 'ann');
});

afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The offer that answers a request with these fields, and what the host was told of it. */
async function ask(requestId: number, fields: Partial<ClientMessageOf<'request-transfer'>> = {}) {
  ann.requestTransfer('large.bin', { requestId, ...fields });
  const offer = await ann.next('transfer-offer');
  expect(offer).toMatchObject({ requestId, size: SIZE, modifiedAt: MODIFIED_AT });
  return { offer, told: host.offers.at(-1) };
}

function digests() {
  const hasher = new ChunkHasher(SIZE);
  hasher.update(content);
  return hasher.digest();
}

// CHAT-DIGEST-1
test('a large file is offered before it is hashed, and one reading of it serves all who fetch it', async () => {
  const first = await ask(2);
  const second = await ask(3, { ranges: [{ start: 5, end: 10 }], version: VERSION });
  for (const { offer, told } of [first, second]) {
    expect(offer.digests).toBeUndefined();
    expect(told?.chunkHashes).toHaveLength(0);
  }
  expect(second.told?.ranges).toEqual([{ start: 5, end: 10 }]);
  const shared = first.told?.following?.progress as SharedArrayBuffer;
  expect(second.told?.following?.progress).toBe(shared);
  // Who asks for digests alone waits for that reading.
  const third = await ask(4, { ranges: [] });
  expect(Buffer.from(third.offer.digests?.sha256 ?? [])).toEqual(
    createHash('sha256').update(content).digest(),
  );
  const { sha256, chunkRoot } = digests();
  const progress = new HashProgress(shared);
  expect(progress.whole).toEqual({ sha256: new Uint8Array(sha256), chunkRoot: new Uint8Array(chunkRoot) });
  expect(progress.chunkHash(32)).toEqual(
    new Uint8Array(createHash('sha256').update(content.subarray(-1)).digest()),
  );
  expect((await ask(5)).offer.digests).toBeDefined();
});

// CHAT-DIGEST-1, CHAT-CHUNK-3
test.each([
  ['another version', { version: { size: SIZE, modifiedAt: 1 } }],
  ['another size', { version: { size: 5, modifiedAt: MODIFIED_AT } }],
  ['digests without a version', { chunkRoot: new Uint8Array(32) as Sha256 }],
])('who has parts of %s gets the list alone', async (_name, fields) => {
  const { offer, told } = await ask(2, { ...fields, ranges: [{ start: 0, end: 1 }] });
  expect(Buffer.from(offer.digests?.chunkRoot ?? [])).toEqual(digests().chunkRoot);
  expect(told?.following).toBeUndefined();
  expect(told?.ranges).toEqual([]);
  expect(told?.chunkHashes).toHaveLength(33 * 32);
});

// CHAT-CHUNK-6, CHAT-DIGEST-4
test('who has parts without a list gets that and what is missing, when the file is hashed by then', async () => {
  await ask(2, { ranges: [] });
  const ranges = [{ start: 7, end: 9 }];
  const { offer, told } = await ask(3, { ranges, version: VERSION });
  expect(offer.digests).toBeDefined();
  expect(told?.ranges).toEqual(ranges);
  expect(told?.chunkHashes).toEqual(new Uint8Array(digests().chunkHashes));
  expect(told?.comparedWith).toEqual(told?.chunkHashes);
});

test('a file is hashed on when its client has lost its connection', async () => {
  const { told } = await ask(2);
  const progress = new HashProgress(told?.following?.progress as SharedArrayBuffer);
  const gone = new Promise<void>((resolve) => {
    host.onCancel = resolve;
  });
  ann.socket.destroy();
  await gone;
  ann = await SocketClient.user(port, 'bob');
  await ask(2, { ranges: [] });
  // Otherwise bob's would have been another reading.
  expect(progress.whole).toBeDefined();
});
