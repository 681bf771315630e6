import { once } from 'node:events';
import * as fileSystem from 'node:fs';
import { appendFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { TRANSFER_OUTCOMES, type TransferOutcome } from '@parley/protocol';
import type { RudpConnection } from '@parley/rudp';
import { describe, expect, test } from 'vitest';
import { ChunkHasher } from '../../src/node/hashing/chunk-hasher.ts';
import { openTransferEngine, type TransferEngine } from '../../src/node/transfers/transfer-engine.ts';
import type { TransferOffer } from '../../src/transfers/transfer-host.ts';
import { EventLog, makeOffer, patternBytes, present, readAll, startEngine, until } from './support.ts';

const NOTHING = { transfers: 0, tickets: 0, connections: 0 };

/** Reads to the end and closes, as a receiver does. */
async function receive(engine: TransferEngine, offer: TransferOffer): Promise<Buffer> {
  const connection = present(engine, offer);
  const bytes = await readAll(connection);
  connection.end();
  return bytes;
}

async function errorOf(connection: RudpConnection): Promise<unknown> {
  const [error] = await once(connection, 'error');
  return error;
}

// CHAT-TRANSFER-9
function resetWith(outcome: TransferOutcome) {
  return { code: 'reset', resetCode: 0x100 + TRANSFER_OUTCOMES[outcome] };
}

describe('an offer', () => {
  // CHAT-TRANSFER-4
  test.each([0, 1, 65_536, 3_000_001])(
    'of %i bytes is sent to who has the ticket, and nothing is left',
    async (size) => {
      const { engine, events } = await startEngine();
      const bytes = patternBytes(size);
      const offer = makeOffer(bytes);
      await engine.offer(offer);
      expect(engine.counters).toEqual({ transfers: 1, tickets: 1, connections: 0 });
      expect((await receive(engine, offer)).equals(bytes)).toBe(true);
      await expect(events.of(offer, 'completed')).resolves.toMatchObject({ bytesSent: size });
      await until(() => engine.counters.connections === 0);
      expect(engine.counters).toEqual(NOTHING);
      expect(events.all.filter(({ type }) => type === 'started' || type === 'completed')).toHaveLength(2);
    },
  );

  // CHAT-CHUNK-3
  test.each([
    [[]],
    [[[0, 1]]],
    [[[99_999, 100_000]]],
    [
      [
        [0, 10],
        [10, 70_000],
        [99_000, 100_000],
      ],
    ],
  ])('of the ranges %j sends the list of chunks and then those', async (pairs) => {
    const { engine, events } = await startEngine();
    const bytes = patternBytes(100_000);
    const chunkHashes = new Uint8Array(96).fill(5);
    const ranges = pairs.map(([start = 0, end = 0]) => ({ start, end }));
    const offer = makeOffer(bytes, { chunkHashes, ranges });
    await engine.offer(offer);
    const parts = ranges.map(({ start, end }) => bytes.subarray(start, end));
    expect((await receive(engine, offer)).equals(Buffer.concat([chunkHashes, ...parts]))).toBe(true);
    await expect(events.of(offer, 'completed')).resolves.toMatchObject({
      bytesSent: Buffer.concat(parts).byteLength,
    });
  });

  test('tells its progress as the receiver acknowledges', async () => {
    const { engine, events } = await startEngine();
    const offer = makeOffer(patternBytes(1_000_000));
    await engine.offer(offer);
    const connection = present(engine, offer, {
      config: { receiveWindowBytesInitial: 65_536, receiveWindowBytesMax: 65_536 },
    });
    connection.pauseReceiving();
    connection.receiveInto({ write: () => undefined });
    await expect(events.of(offer, 'progress')).resolves.toMatchObject({ bytesSent: 65_536 });
    connection.resumeReceiving();
    await once(connection, 'end');
    connection.end();
    await events.of(offer, 'completed');
  });
});

describe('a ticket', () => {
  test('that nobody issued opens nothing', async () => {
    const { engine, events } = await startEngine();
    const offer = makeOffer(patternBytes(10));
    await engine.offer(offer);
    const stranger = present(engine, { ticket: new Uint8Array(32).fill(1) });
    await expect(errorOf(stranger)).resolves.toMatchObject({ code: 'refused' });
    expect(stranger.receivedBytesContiguous).toBe(0);
    expect(events.all).toEqual([]);
    expect(engine.counters.transfers).toBe(1);
  });

  // CHAT-TRANSFER-3
  test('opens one connection only', async () => {
    const { engine, events } = await startEngine();
    const bytes = patternBytes(100_000);
    const offer = makeOffer(bytes);
    await engine.offer(offer);
    const first = present(engine, offer);
    await events.of(offer, 'started');
    const second = present(engine, offer);
    await expect(errorOf(second)).resolves.toMatchObject({ code: 'refused' });
    expect((await readAll(first)).equals(bytes)).toBe(true);
    expect(second.receivedBytesContiguous).toBe(0);
  });

  // RUDP-TICKET-3
  test('that is presented twice at once serves one of the two', async () => {
    const { engine, events } = await startEngine();
    const offer = makeOffer(patternBytes(1_000));
    await engine.offer(offer);
    const ends = await Promise.all(
      [present(engine, offer), present(engine, offer)].map(async (connection) => {
        try {
          const bytes = await readAll(connection);
          connection.end();
          return bytes.byteLength;
        } catch (error) {
          return (error as { code: string }).code;
        }
      }),
    );
    await events.of(offer, 'completed');
    expect(ends).toContain(1_000);
    expect(ends.filter((end) => end === 'refused' || end === 'reset')).toHaveLength(1);
    await until(() => engine.counters.connections === 0);
  });

  test('expires', async () => {
    const { engine, events } = await startEngine();
    const offer = makeOffer(patternBytes(10), { ticketLifetimeMs: 20 });
    await engine.offer(offer);
    await expect(events.of(offer, 'failed')).resolves.toMatchObject({
      reason: 'ticket-expired',
      bytesSent: 0,
    });
    expect(engine.counters).toEqual(NOTHING);
    await expect(errorOf(present(engine, offer))).resolves.toMatchObject({ code: 'refused' });
    expect(events.all).toHaveLength(1);
  });

  test('does not expire once it was presented', async () => {
    const { engine, events } = await startEngine();
    const offer = makeOffer(patternBytes(200_000), { ticketLifetimeMs: 200 });
    await engine.offer(offer);
    const connection = present(engine, offer, {
      config: { receiveWindowBytesInitial: 65_536, receiveWindowBytesMax: 65_536 },
    });
    connection.pauseReceiving();
    // Progress is told every 250 ms: by then the ticket's time is over.
    await events.of(offer, 'progress');
    connection.resumeReceiving();
    expect(await readAll(connection)).toHaveLength(200_000);
    await events.of(offer, 'completed');
  });

  test('is refused when it has the wrong length', async () => {
    const { engine } = await startEngine();
    const offer = makeOffer(patternBytes(10), { ticket: new Uint8Array(31) as never });
    await expect(engine.offer(offer)).rejects.toThrow(/ticket of 32 bytes/);
    expect(engine.counters).toEqual(NOTHING);
  });
});

describe('a file that is not the announced one', () => {
  // CHAT-TRANSFER-10
  test.each<[string, (path: string) => void]>([
    ['shrank', (path) => truncateSync(path, 5)],
    ['grew', (path) => appendFileSync(path, 'more')],
    ['was touched', (path) => utimesSync(path, 1, 1)],
  ])('because it %s before the receiver came is not sent', async (_name, change) => {
    const { engine, events } = await startEngine();
    const offer = makeOffer(patternBytes(10));
    await engine.offer(offer);
    change(offer.path);
    const connection = present(engine, offer);
    await expect(errorOf(connection)).resolves.toMatchObject(resetWith('file-changed'));
    await expect(events.of(offer, 'failed')).resolves.toMatchObject({ reason: 'file-changed' });
    expect(connection.receivedBytesContiguous).toBe(0);
    await until(() => engine.counters.connections === 0);
    expect(engine.counters).toEqual(NOTHING);
  });

  // CHAT-TRANSFER-10
  test.each<[string, (path: string) => void]>([
    ['is truncated', (path) => truncateSync(path, 5_000_000)],
    ['is written to', (path) => writeFileSync(path, patternBytes(20), { flag: 'r+' })],
  ])('because it %s in mid-transfer ends with a reset instead of FIN', async (_name, change) => {
    const { engine, events } = await startEngine({ config: { sendBufferBytesMax: 65_536 } });
    const offer = makeOffer(patternBytes(10_000_000));
    await engine.offer(offer);
    const connection = present(engine, offer, {
      config: { receiveWindowBytesInitial: 65_536, receiveWindowBytesMax: 65_536 },
    });
    connection.pauseReceiving();
    connection.receiveInto({ write: () => undefined });
    const failure = errorOf(connection);
    await until(() => connection.receivedBytesContiguous === 65_536);
    change(offer.path);
    connection.resumeReceiving();
    await expect(failure).resolves.toMatchObject(resetWith('file-changed'));
    const failed = await events.of(offer, 'failed');
    expect(failed.reason).toBe('file-changed');
    expect(failed.bytesSent).toBeGreaterThan(0);
    expect(events.all.filter(({ type }) => type === 'completed')).toEqual([]);
  });

  // CHAT-CHUNK-6
  test.each([
    ['the first chunk', 5, false],
    ['a chunk that is sent in part', 262_144, true],
    ['the last chunk', 700_000, false],
  ])('differs from its digests in %s', async (_, position, isTaken) => {
    const { engine, events } = await startEngine();
    const bytes = patternBytes(700_001);
    const hasher = new ChunkHasher(bytes.byteLength);
    hasher.update(bytes);
    const comparedWith = hasher.digest().chunkHashes;
    const ranges = [
      { start: 0, end: 262_145 },
      { start: 262_150, end: bytes.byteLength },
    ];
    bytes[position] = (bytes[position] as number) ^ 1;
    const offer = makeOffer(bytes, { comparedWith, ranges });
    await engine.offer(offer);
    const connection = present(engine, offer);
    if (isTaken) {
      expect(await readAll(connection)).toHaveLength(699_996);
      await events.of(offer, 'completed');
    } else {
      await expect(errorOf(connection)).resolves.toMatchObject(resetWith('file-changed'));
      await expect(events.of(offer, 'failed')).resolves.toMatchObject({ reason: 'digest-wrong' });
    }
  });

  test('because it is gone is unreadable', async () => {
    const { engine, events } = await startEngine();
    const offer = makeOffer(patternBytes(10));
    await engine.offer(offer);
    rmSync(offer.path);
    await expect(errorOf(present(engine, offer))).resolves.toMatchObject(resetWith('file-unreadable'));
    await expect(events.of(offer, 'failed')).resolves.toMatchObject({ reason: 'file-unreadable' });
  });

  test('because the disk fails is unreadable, and its descriptor is closed', async () => {
    const open = new Set<number>();
    const { engine, events } = await startEngine({
      fileSystem: {
        ...fileSystem,
        openSync: (...parameters: Parameters<typeof fileSystem.openSync>) => {
          const descriptor = fileSystem.openSync(...parameters);
          open.add(descriptor);
          return descriptor;
        },
        closeSync: (descriptor) => {
          open.delete(descriptor);
          fileSystem.closeSync(descriptor);
        },
        readSync: () => {
          throw Object.assign(new Error('EIO: simulated'), { code: 'EIO' });
        },
      },
    });
    const offer = makeOffer(patternBytes(10));
    await engine.offer(offer);
    await expect(errorOf(present(engine, offer))).resolves.toMatchObject(resetWith('file-unreadable'));
    await expect(events.of(offer, 'failed')).resolves.toMatchObject({ reason: 'file-unreadable' });
    expect(open.size).toBe(0);
  });
});

describe('a transfer ends', () => {
  test('once and as it should when its file cannot be closed in order', async () => {
    const closeSync = (descriptor: number): never => {
      fileSystem.closeSync(descriptor);
      throw Object.assign(new Error('EIO: simulated'), { code: 'EIO' });
    };
    const { engine, events } = await startEngine({ fileSystem: { ...fileSystem, closeSync } });
    const bytes = patternBytes(100_000);
    const offer = makeOffer(bytes);
    await engine.offer(offer);
    expect((await receive(engine, offer)).equals(bytes)).toBe(true);
    await expect(events.of(offer, 'completed')).resolves.toMatchObject({ bytesSent: 100_000 });
    expect(engine.counters).toMatchObject({ transfers: 0, tickets: 0 });
  });

  test('with the ticket when it is cancelled before anybody came', async () => {
    const { engine, events } = await startEngine();
    const offer = makeOffer(patternBytes(10));
    await engine.offer(offer);
    engine.cancel(offer.transferId, { isKept: false });
    engine.cancel(offer.transferId, { isKept: false });
    await expect(events.of(offer, 'failed')).resolves.toMatchObject({ reason: 'cancelled' });
    expect(engine.counters).toEqual(NOTHING);
    await expect(errorOf(present(engine, offer))).resolves.toMatchObject({ code: 'refused' });
    expect(events.all).toHaveLength(1);
  });

  test('with a reset when it is cancelled under way', async () => {
    const { engine, events } = await startEngine();
    const offer = makeOffer(patternBytes(10_000_000));
    await engine.offer(offer);
    const connection = present(engine, offer);
    const failure = errorOf(connection);
    connection.once('data', () => engine.cancel(offer.transferId, { isKept: false }));
    await expect(failure).resolves.toMatchObject(resetWith('cancelled'));
    await expect(events.of(offer, 'failed')).resolves.toMatchObject({ reason: 'cancelled' });
    await until(() => engine.counters.connections === 0);
    expect(engine.counters).toEqual(NOTHING);
  });

  test('when the receiver resets', async () => {
    const { engine, events } = await startEngine();
    const offer = makeOffer(patternBytes(10_000_000));
    await engine.offer(offer);
    const connection = present(engine, offer);
    connection.once('data', () => connection.reset(0x102, 'cancelled'));
    await expect(events.of(offer, 'failed')).resolves.toMatchObject({ reason: 'cancelled-by-receiver' });
    await until(() => engine.counters.connections === 0);
    expect(engine.counters).toEqual(NOTHING);
  });

  test('when the receiver falls silent', async () => {
    const { engine, events } = await startEngine({ config: { idleTimeoutMs: 100 } });
    const offer = makeOffer(patternBytes(1_000_000));
    await engine.offer(offer);
    const connection = present(engine, offer, {
      config: { receiveWindowBytesInitial: 65_536, receiveWindowBytesMax: 65_536 },
    });
    // It takes what it granted and then grants nothing more, and says nothing more.
    connection.pauseReceiving();
    connection.receiveInto({ write: () => undefined });
    await expect(events.of(offer, 'failed')).resolves.toMatchObject({
      reason: 'connection-lost',
      bytesSent: 65_536,
    });
    await until(() => engine.counters.connections === 0);
  });

  test('when the receiver sends bytes of its own', async () => {
    const { engine, events } = await startEngine();
    const offer = makeOffer(patternBytes(10_000_000));
    await engine.offer(offer);
    present(engine, offer).write('hello');
    await expect(events.of(offer, 'failed')).resolves.toMatchObject({ reason: 'connection-lost' });
  });

  test('when the engine closes, each with its own event', async () => {
    const engine = await openTransferEngine({ host: '127.0.0.1', port: 0 });
    const events = new EventLog(engine);
    const waiting = makeOffer(patternBytes(10));
    const running = makeOffer(patternBytes(10_000_000));
    await engine.offer(waiting);
    await engine.offer(running);
    const connection = present(engine, running);
    const failure = errorOf(connection);
    await once(connection, 'data');
    await engine.close();
    await expect(events.of(waiting, 'failed')).resolves.toMatchObject({ reason: 'host-closed' });
    await expect(events.of(running, 'failed')).resolves.toMatchObject({ reason: 'host-closed' });
    await expect(failure).resolves.toMatchObject(resetWith('server-stopping'));
    expect(engine.counters).toEqual(NOTHING);
    await engine.close();
  });
});

test('serves many receivers at once from one socket', async () => {
  const { engine, events } = await startEngine();
  const bytes = patternBytes(200_000);
  const offers = Array.from({ length: 20 }, () => makeOffer(bytes));
  const received = await Promise.all(
    offers.map(async (offer) => {
      await engine.offer(offer);
      return receive(engine, offer);
    }),
  );
  expect(received.every((each) => each.equals(bytes))).toBe(true);
  await Promise.all(offers.map((offer) => events.of(offer, 'completed')));
  await until(() => engine.counters.connections === 0);
  expect(engine.counters).toEqual(NOTHING);
});
