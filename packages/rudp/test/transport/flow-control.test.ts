import { describe, expect, test } from 'vitest';
import { PacketLog, streamFrames } from '../support/packet-log.ts';
import { patternAt } from '../support/pattern.ts';
import { TransportPair, type TransportPairOptions } from '../support/transport-pair.ts';

const DELAY_MS = 10;
const WINDOW_BYTES = 65_536;
const CONFIG = {
  receiveWindowBytesInitial: WINDOW_BYTES,
  receiveWindowBytesMax: WINDOW_BYTES,
  idleTimeoutMs: 600_000,
};

function open(options: Partial<TransportPairOptions> = {}): TransportPair {
  return TransportPair.open({
    seed: 1,
    link: { delayMs: DELAY_MS },
    config: CONFIG,
    serverSends: 1_000_000,
    ...options,
  });
}

/** Stream offset behind the highest byte that the server has sent. */
function sentEnd(log: PacketLog): number {
  const ends = log
    .from('server')
    .flatMap((packet) => streamFrames(packet).map(({ offset, bytes }) => offset + bytes.length));
  return Math.max(0, ...ends);
}

describe('a reader that does not read', () => {
  // RUDP-FLOW-1, RUDP-FLOW-4
  test('stops the sender exactly at the grant, and both go on when it reads', () => {
    const log = new PacketLog();
    const pair = open({ log, clientReads: false });
    pair.run({ untilMs: 20_000 });
    expect(sentEnd(log)).toBe(WINDOW_BYTES);
    expect(pair.clientConnection.readableBytes).toBe(WINDOW_BYTES);
    expect(pair.serverConnection.acknowledgedBytes).toBe(WINDOW_BYTES);
    pair.clientApplication?.startReading();
    pair.runUntil(() => pair.clientApplication?.isReceiveFinished === true, { limitMs: 30_000 });
    expect(pair.clientApplication?.receivedBytes).toBe(1_000_000);
  });

  test('costs nothing while it waits: no packet moves', () => {
    const pair = open({ clientReads: false });
    pair.run({ untilMs: 10_000 });
    const before = pair.trace.datagramCount;
    pair.run({ untilMs: 60_000 });
    expect(pair.trace.datagramCount).toBe(before);
  });

  test('does not stop the other direction', () => {
    const pair = open({ clientReads: false, clientSends: 500_000 });
    pair.runUntil(() => pair.serverApplication?.isReceiveFinished === true, { limitMs: 30_000 });
    expect(pair.serverApplication?.receivedBytes).toBe(500_000);
    expect(pair.clientConnection.readableBytes).toBe(WINDOW_BYTES);
  });
});

describe('a paused receiver', () => {
  // RUDP-FLOW-4
  test('takes what it has granted and not a byte more, until it resumes', () => {
    const pair = open();
    pair.runUntil(() => (pair.clientApplication?.receivedBytes ?? 0) > 200_000);
    pair.clientConnection.pauseReceiving();
    pair.run({ untilMs: pair.now + 5000 });
    const receivedBytes = pair.clientApplication?.receivedBytes as number;
    expect(receivedBytes).toBeLessThan(200_000 + 3 * WINDOW_BYTES);
    pair.run({ untilMs: pair.now + 100_000 });
    expect(pair.clientApplication?.receivedBytes).toBe(receivedBytes);
    pair.clientConnection.resumeReceiving();
    pair.runUntil(() => pair.clientApplication?.isReceiveFinished === true, { limitMs: 30_000 });
    expect(pair.clientApplication?.receivedBytes).toBe(1_000_000);
  });

  // RUDP-FLOW-4, RUDP-LOSS-6
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'goes on although the path lost a third of everything (seed %i)',
    (seed) => {
      const pair = open({ seed, link: { delayMs: DELAY_MS, loss: 0.33 }, serverSends: 300_000 });
      for (let round = 0; round < 12; round += 1) {
        pair.runUntil(() => pair.clientApplication !== undefined);
        pair.run({ untilMs: pair.now + 37 });
        pair.clientConnection.pauseReceiving();
        pair.run({ untilMs: pair.now + 211 });
        pair.clientConnection.resumeReceiving();
      }
      pair.runUntil(() => pair.clientApplication?.isReceiveFinished === true, { limitMs: 300_000 });
      expect(pair.clientApplication?.receivedBytes).toBe(300_000);
    },
  );

  // RUDP-IDLE-2
  test('is kept alive by the keep-alive of either side', () => {
    const pair = open({ config: { ...CONFIG, idleTimeoutMs: 10_000, keepAliveMs: 4000 } });
    pair.runUntil(() => (pair.clientApplication?.receivedBytes ?? 0) > 100_000);
    pair.clientConnection.pauseReceiving();
    pair.run({ untilMs: pair.now + 300_000 });
    pair.clientConnection.resumeReceiving();
    pair.runToEnd({ limitMs: 30_000 });
    expect(pair.endKinds).toEqual({ client: 'finished', server: 'finished' });
  });
});

describe('the receive window', () => {
  // RUDP-FLOW-4
  test('grows with a reader that keeps up on a fast, long path, up to its cap', () => {
    const pair = TransportPair.open({
      seed: 2,
      link: { delayMs: 50, rateBitsPerSecond: 400e6 },
      config: { receiveWindowBytesInitial: WINDOW_BYTES, receiveWindowBytesMax: 16 * WINDOW_BYTES },
      serverSends: 8_000_000,
    });
    pair.runUntil(() => pair.clientApplication?.isReceiveFinished === true, { limitMs: 60_000 });
    expect(pair.clientConnection.statistics().receiveWindowBytes).toBe(16 * WINDOW_BYTES);
  });

  // RUDP-FLOW-4
  test('stays as it is on a slow path', () => {
    const pair = TransportPair.open({
      seed: 3,
      link: { delayMs: DELAY_MS, rateBitsPerSecond: 2e6 },
      config: { receiveWindowBytesInitial: 4 * WINDOW_BYTES, receiveWindowBytesMax: 8 * WINDOW_BYTES },
      serverSends: 1_000_000,
    });
    pair.runToEnd({ limitMs: 60_000 });
    expect(pair.clientConnection.statistics().receiveWindowBytes).toBe(4 * WINDOW_BYTES);
  });
});

describe('the send buffer', () => {
  test('takes what it has room for, and says when there is room again', () => {
    const pair = open({ serverSends: 0, serverFinishes: 'never', clientReads: false }).runToEstablished();
    const connection = pair.serverConnection;
    const offered = patternAt(0, 1 << 20);
    const room = connection.writableBytes;
    expect(connection.write(offered)).toBe(room);
    expect(room).toBeLessThan(offered.length);
    expect(connection.write(offered.subarray(room))).toBe(0);
    const writable = () => pair.server.events.filter(({ type }) => type === 'writable').length;
    expect(writable()).toBe(0);
    pair.runUntil(() => writable() === 1, { limitMs: 1000 });
    expect(connection.write(offered.subarray(room, room + 1))).toBe(1);
  });

  test('has room again as soon as bytes have left, not only when they have arrived', () => {
    const pair = TransportPair.open({
      seed: 5,
      link: { delayMs: DELAY_MS, rateBitsPerSecond: 100e6 },
      serverSends: 3_000_000,
      serverFinishes: 'never',
    }).runToEstablished();
    pair.runUntil(() => pair.serverConnection.acknowledgedBytes === 3_000_000, { limitMs: 10_000 });
    while (pair.serverConnection.write(patternAt(0, 1 << 16)) > 0) {}
    const writable = () => pair.server.events.filter(({ type }) => type === 'writable').length;
    const before = writable();
    pair.run({ untilMs: pair.now + DELAY_MS });
    expect(pair.serverConnection.acknowledgedBytes).toBe(3_000_000);
    expect(writable()).toBeGreaterThan(before);
  });

  test('a write that was taken whole raises no event', () => {
    const pair = open({ serverSends: 0, serverFinishes: 'never' }).runToEstablished();
    pair.serverConnection.write(patternAt(0, 10_000));
    pair.run({ untilMs: 5000 });
    expect(pair.server.events.filter(({ type }) => type === 'writable')).toEqual([]);
  });
});

// RUDP-FLOW-5
test('packets that are lost time and again do not stop the sender', () => {
  const link = { delayMs: 25, rateBitsPerSecond: 100_000_000, queueBytesMax: 625_000, overheadBytes: 28 };
  const pair = TransportPair.open({
    seed: 7,
    crypto: 'cheap',
    clientSends: 50_000_000,
    toServer: { ...link, loss: 0.05 },
    toClient: link,
  });
  const acknowledgedAt = (untilMs: number): number => {
    pair.run({ untilMs });
    return pair.clientConnection.acknowledgedBytes;
  };
  const start = acknowledgedAt(1000);
  const bitsPerSecond = ((acknowledgedAt(3500) - start) * 8) / 2.5;
  // Of 100 Mbit/s 95 % arrive, of which 95.6 % are the stream's.
  expect(bitsPerSecond).toBeGreaterThan(0.95 * 0.95 * 95_600_000);
});
