// Transfers through an engine whose rates are limited. That a limit holds is seen by what can never be faster, which no slow machine changes.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sha256, Ticket, TransferId } from '@parley/protocol';
import type { RudpConfig } from '@parley/rudp';
import { expect, onTestFinished, test } from 'vitest';
import { ChunkHasher } from '../../src/node/hashing/chunk-hasher.ts';
import { makeOffer, patternBytes, present, readAll, startEngine } from './support.ts';

const BYTES_PER_SECOND_MAX = 1_000_000;
const bytes = patternBytes(600_000);
/** A turn comes at once, what a rest of 100 ms has saved up too, and a piece is taken before it is paid for. */
const durationMsMin = ((bytes.byteLength - 250_000) / BYTES_PER_SECOND_MAX) * 1_000;

// CHAT-RATE-1
test.each(['bytesPerSecondMax', 'bytesPerSecondPerOwnerMax'])('%s bounds what is sent', async (limit) => {
  const rates = { download: { [limit]: BYTES_PER_SECOND_MAX } };
  const { engine, events } = await startEngine({ rates });
  const offer = makeOffer(bytes);
  await engine.offer(offer);
  const connection = present(engine, offer);
  expect((await readAll(connection)).equals(bytes)).toBe(true);
  connection.end();
  const { durationMs } = await events.of(offer, 'completed');
  expect(durationMs).toBeGreaterThan(durationMsMin);
});

// CHAT-RATE-1
test('what is taken is bounded too, and is all there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-rates-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { engine, events } = await startEngine({
    rates: { upload: { bytesPerSecondMax: BYTES_PER_SECOND_MAX } },
  });
  const hasher = new ChunkHasher(bytes.byteLength);
  hasher.update(bytes);
  const { chunkRoot, chunkHashes } = hasher.digest();
  const upload = {
    transferId: 900 as TransferId,
    ticket: new Uint8Array(randomBytes(32)) as Ticket,
    ticketLifetimeMs: 30_000,
    user: 'ada',
    path: join(folder, 'taken.bin'),
    partPath: join(folder, '.part'),
    size: bytes.byteLength,
    chunkRoot: chunkRoot as Sha256,
  };
  await engine.expect(upload);
  const connection = present(engine, upload);
  connection.resume();
  connection.write(chunkHashes);
  connection.end(bytes);
  const { durationMs } = await events.of(upload, 'completed');
  expect(durationMs).toBeGreaterThan(durationMsMin);
  expect(readFileSync(upload.path).equals(bytes)).toBe(true);
});

// CHAT-RATE-2
test.each([
  [{ bytesPerSecondMax: 1_000_000 }, 100_000],
  [{ bytesPerSecondPerOwnerMax: 2_000_000 }, 200_000],
  [{ bytesPerSecondMax: 1_000_000, bytesPerSecondPerOwnerMax: 2_000_000 }, 100_000],
  [undefined, undefined],
])(
  'where %j bounds what is taken, nobody is let go ahead by more than a tenth of a second',
  async (upload, windowBytes) => {
    let config: Partial<RudpConfig> | undefined;
    const stop = new Error('the test has seen enough');
    const listen = async (options?: { readonly config?: Partial<RudpConfig> }) => {
      config = options?.config;
      throw stop;
    };
    await expect(startEngine({ rates: { upload }, listen })).rejects.toBe(stop);
    expect(config?.receiveWindowBytesInitial).toBe(windowBytes);
  },
);

// CHAT-RATE-2
test('a list of chunks is sent at the limit as well', async () => {
  const { engine, events } = await startEngine({
    rates: { download: { bytesPerSecondMax: BYTES_PER_SECOND_MAX } },
  });
  const offer = makeOffer(new Uint8Array(0), { chunkHashes: bytes });
  await engine.offer(offer);
  const connection = present(engine, offer);
  expect((await readAll(connection)).equals(bytes)).toBe(true);
  connection.end();
  const { durationMs } = await events.of(offer, 'completed');
  expect(durationMs).toBeGreaterThan(durationMsMin);
});

test('a transfer that ends early leaves its part to the others', async () => {
  const { engine, events } = await startEngine({ rates: { download: { bytesPerSecondMax: 50_000 } } });
  const long = makeOffer(patternBytes(10_000_000));
  const short = makeOffer(patternBytes(10_000), { user: 'bob' });
  await engine.offer(long);
  await engine.offer(short);
  present(engine, long).resume();
  await events.of(long, 'started');
  engine.cancel(long.transferId, { isKept: false });
  const connection = present(engine, short);
  expect(await readAll(connection)).toHaveLength(10_000);
  connection.end();
  await events.of(short, 'completed');
});
