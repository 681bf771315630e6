import { describe, expect, test } from 'vitest';
import { TransportPair } from '../support/transport-pair.ts';

const DELAY_MS = 10;
const TRANSFER_BYTES = 400_000;

function largestDatagram(pair: TransportPair, from: string): number {
  return Math.max(...pair.trace.select({ from }).map(({ byteLength }) => byteLength));
}

describe('packet sizes', () => {
  // RUDP-MTU-1
  test('rise from 1,200 to 1,472 bytes on an Ethernet path, as soon as there is something to send', () => {
    const pair = TransportPair.open({
      seed: 1,
      link: { delayMs: DELAY_MS, mtuBytes: 1500 },
      serverSends: TRANSFER_BYTES,
    });
    pair.runToEnd({ limitMs: 10_000 });
    expect(pair.serverConnection.statistics().mtu).toBe(1472);
    expect(pair.toClient.counters.packetsDropped['too-big']).toBe(0);
    // The client had nothing to send and probed for nothing.
    expect(pair.clientConnection.statistics().mtu).toBe(1200);
  });

  // RUDP-MTU-1, RUDP-MTU-2
  test.each([1228, 1240, 1300, 1400, 1450, 1492])(
    'settle at most 20 bytes below a path of %i, and the transfer is none the worse',
    (mtuBytes) => {
      const pair = TransportPair.open({
        seed: mtuBytes,
        link: { delayMs: DELAY_MS, mtuBytes, rateBitsPerSecond: 4e6 },
        serverSends: TRANSFER_BYTES,
      });
      pair.runToEnd({ limitMs: 10_000 });
      const { mtu, bytesRetransmitted, packetsLost } = pair.serverConnection.statistics();
      expect(mtu).toBeLessThanOrEqual(mtuBytes - 28);
      expect(mtu).toBeGreaterThanOrEqual(Math.max(1200, mtuBytes - 28 - 20));
      // Only probes were lost, and they carry nothing.
      expect(bytesRetransmitted).toBe(0);
      expect(packetsLost).toBe(pair.toClient.counters.packetsDropped['too-big']);
      expect(pair.clientApplication?.receivedBytes).toBe(TRANSFER_BYTES);
    },
  );

  // RUDP-MTU-1
  test.each([
    [9000, 8952],
    [65_536, 65_000],
  ])('climb to what a path of %i carries when both ends can take it', (mtuBytes, expected) => {
    const pair = TransportPair.open({
      seed: mtuBytes,
      link: { delayMs: DELAY_MS, mtuBytes },
      crypto: 'cheap',
      config: { datagramBytesMax: 65_000 },
      serverSends: 10 * TRANSFER_BYTES,
    });
    pair.runToEnd({ limitMs: 10_000 });
    const { mtu, bytesRetransmitted } = pair.serverConnection.statistics();
    expect(mtu).toBe(expected);
    expect(bytesRetransmitted).toBe(0);
    expect(pair.toClient.counters.packetsDropped['too-big']).toBe(expected === 65_000 ? 0 : 1);
    expect(pair.clientApplication?.receivedBytes).toBe(10 * TRANSFER_BYTES);
  });

  // RUDP-MTU-1
  test('never exceed what the peer said that it receives', () => {
    const pair = TransportPair.open({
      seed: 2,
      link: { delayMs: DELAY_MS },
      config: { datagramBytesMax: 1300 },
      serverConfig: { datagramBytesMax: 9000 },
      serverSends: TRANSFER_BYTES,
      clientSends: TRANSFER_BYTES,
    });
    pair.runToEnd({ limitMs: 10_000 });
    expect(largestDatagram(pair, 'server')).toBe(1300);
    expect(largestDatagram(pair, 'client')).toBe(1300);
  });

  // RUDP-MTU-1
  test('reach jumbo frames where both sides allow them', () => {
    const pair = TransportPair.open({
      seed: 3,
      link: { delayMs: DELAY_MS },
      config: { datagramBytesMax: 8972 },
      serverSends: 2_000_000,
    });
    pair.runToEnd({ limitMs: 10_000 });
    expect(pair.serverConnection.statistics().mtu).toBe(8972);
    expect(pair.clientApplication?.receivedBytes).toBe(2_000_000);
  });
});

describe('a path that begins to swallow large packets in mid-transfer', () => {
  // RUDP-MTU-3
  test.each([1228, 1300, 1400])('(down to %i bytes) is survived with packets of 1,200', (mtuBytes) => {
    const pair = TransportPair.open({
      seed: mtuBytes,
      link: { delayMs: DELAY_MS, mtuBytes: 1500, rateBitsPerSecond: 20e6 },
      serverSends: 3_000_000,
    });
    pair.runUntil(() => (pair.clientApplication?.receivedBytes ?? 0) > 1_000_000);
    expect(pair.serverConnection.statistics().mtu).toBe(1472);
    pair.toClient.configure({ mtuBytes });
    pair.runUntil(() => pair.serverConnection.statistics().mtu === 1200, { limitMs: 5000 });
    pair.runToEnd({ limitMs: 30_000 });
    expect(pair.clientApplication?.receivedBytes).toBe(3_000_000);
    expect(pair.endKinds).toEqual({ client: 'finished', server: 'finished' });
  });

  // RUDP-MTU-3
  test('is searched again after a minute', () => {
    const pair = TransportPair.open({
      seed: 4,
      link: { delayMs: DELAY_MS, mtuBytes: 1500, rateBitsPerSecond: 128e3, queueBytesMax: 6000 },
      serverSends: 2_000_000,
    });
    pair.runUntil(() => (pair.clientApplication?.receivedBytes ?? 0) > 50_000);
    pair.toClient.configure({ mtuBytes: 1228 });
    pair.runUntil(() => pair.serverConnection.statistics().mtu === 1200, { limitMs: 10_000 });
    const shrunkAtMs = pair.now;
    pair.toClient.configure({ mtuBytes: 1500 });
    pair.runUntil(() => pair.serverConnection.statistics().mtu === 1472, { limitMs: 70_000 });
    expect(pair.now - shrunkAtMs).toBeGreaterThan(59_000);
  });
});
