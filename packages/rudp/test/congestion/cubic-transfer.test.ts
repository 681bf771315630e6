import type { LinkOptions } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import { TransportPair } from '../support/transport-pair.ts';

const RTT_MS = 50;

/** A client that sends without end through a bottleneck with a queue of one BDP. */
function open(rateMbps: number, toServer: LinkOptions = {}): TransportPair {
  const link = { delayMs: RTT_MS / 2 };
  const bottleneck = {
    rateBitsPerSecond: rateMbps * 1e6,
    queueBytesMax: rateMbps * 125 * RTT_MS,
    ...toServer,
  };
  const config = { congestionController: 'cubic' } as const;
  const options = { seed: 1, link, toServer: bottleneck, config, clientSends: 1e12 };
  return TransportPair.open({ ...options, crypto: 'cheap', clientFinishes: 'never' }).runToEstablished();
}

/** Mbit/s of stream bytes that arrive between two times. */
function goodput(pair: TransportPair, fromMs: number, untilMs: number): number {
  pair.run({ untilMs: fromMs });
  const before = pair.serverApplication?.receivedBytes ?? 0;
  pair.run({ untilMs });
  return (((pair.serverApplication?.receivedBytes ?? 0) - before) * 8) / 1000 / (untilMs - fromMs);
}

describe('a transfer with cubic', () => {
  // RUDP-CUBIC-2, RUDP-CUBIC-7
  test('fills 100 Mbit/s over 50 ms, and goes on after the queue has overflowed', () => {
    const pair = open(100);
    expect(goodput(pair, 700, 3000)).toBeGreaterThan(90);
    expect(pair.clientConnection.statistics().congestionController).toBe('cubic');
    expect(pair.toServer.counters.packetsDropped['queue-full']).toBeGreaterThan(0);
    expect(pair.clientConnection.statistics().probeTimeouts).toBe(0);
  });

  // RUDP-CUBIC-2, RUDP-CUBIC-4
  test('fills 10 Mbit/s through many overflows, a window that falls and rises', () => {
    const pair = open(10);
    expect(goodput(pair, 2000, 15_000)).toBeGreaterThan(9);
    expect(pair.clientConnection.statistics().packetsLost).toBeGreaterThan(10);
  });

  // RUDP-CUBIC-9
  test('keeps its rate where packets overtake each other: losses that were none are undone', () => {
    const pair = open(20, { reorderRatio: 0.002, holdBackMs: 30, queueBytesMax: 1e7 });
    expect(goodput(pair, 1000, 6000)).toBeGreaterThan(18);
    const { packetsLost, packetsSpurious } = pair.clientConnection.statistics();
    expect(packetsSpurious).toBeGreaterThan(0);
    expect(packetsSpurious).toBe(packetsLost);
  });

  // RUDP-CUBIC-8
  test('begins anew after the path was gone, and gets its rate back', () => {
    const pair = open(20, { outages: [{ fromMs: 2000, untilMs: 5000 }] });
    pair.run({ untilMs: 4990 });
    const before = pair.clientConnection.statistics();
    pair.runUntil(() => pair.clientConnection.statistics().packetsLost > before.packetsLost);
    const { congestionWindow, mtu } = pair.clientConnection.statistics();
    expect(congestionWindow).toBeLessThanOrEqual(4 * mtu);
    expect(goodput(pair, pair.now + 2000, pair.now + 6000)).toBeGreaterThan(18);
  });

  // RUDP-CUBIC-1
  test('collapses on a path that loses 1 % at random, and still delivers', () => {
    const rate = goodput(open(100, { loss: 0.01 }), 2000, 12_000);
    expect(rate).toBeGreaterThan(1);
    expect(rate).toBeLessThan(10);
  });
});
