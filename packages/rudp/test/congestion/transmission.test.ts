import { expect, test } from 'vitest';
import { TransportPair } from '../support/transport-pair.ts';

/** A client that sends without end over 20 Mbit/s and 40 ms, with some loss. */
function open(config: {
  congestionController: 'bbr' | 'fixed-window';
  fixedWindowPackets?: number;
}): TransportPair {
  const toServer = { delayMs: 20, rateBitsPerSecond: 20e6, queueBytesMax: 100_000, loss: 0.01 };
  const options = { seed: 3, toServer, toClient: { delayMs: 20 }, config, clientSends: 1e12 };
  return TransportPair.open({ ...options, crypto: 'cheap', clientFinishes: 'never' }).runToEstablished();
}

// RUDP-CC-1, RUDP-CC-20
test('never has more in flight than the window, probes apart', () => {
  const pair = open({ congestionController: 'fixed-window', fixedWindowPackets: 24 });
  let bytesMax = 0;
  for (let atMs = 100; atMs <= 3000; atMs += 1) {
    pair.run({ untilMs: atMs });
    const { bytesInFlight, congestionWindow, probeTimeouts } = pair.clientConnection.statistics();
    expect(probeTimeouts).toBe(0);
    expect(bytesInFlight).toBeLessThanOrEqual(congestionWindow);
    bytesMax = Math.max(bytesMax, bytesInFlight);
  }
  const { congestionWindow, mtu } = pair.clientConnection.statistics();
  expect(bytesMax).toBeGreaterThan(congestionWindow - 2 * mtu);
});

// RUDP-CC-1, RUDP-PACE-3
test('a connection under bbr sends at the pacing rate and fills the link', () => {
  const pair = open({ congestionController: 'bbr' });
  pair.run({ untilMs: 2000 });
  const before = pair.serverApplication?.receivedBytes ?? 0;
  pair.run({ untilMs: 5000 });
  const mbps = (((pair.serverApplication?.receivedBytes ?? 0) - before) * 8) / 3e6;
  expect(mbps).toBeGreaterThan(0.92 * 20 * 0.99);
  expect(pair.clientConnection.statistics().smoothedRttMs).toBeLessThan(60);
});
