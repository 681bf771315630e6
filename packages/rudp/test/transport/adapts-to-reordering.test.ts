import { expect, test } from 'vitest';
import { TransportPair } from '../support/transport-pair.ts';

// RUDP-LOSS-3
test('a path that holds packets back for most of a round trip soon causes no more needless repeats (seed 3)', () => {
  const link = { delayMs: 5, reorderRatio: 0.1, holdBackMs: 8, rateBitsPerSecond: 100e6 };
  const pair = TransportPair.open({ seed: 3, link, serverSends: 8_000_000 });
  pair.runToEnd();
  const { packetsSpurious, packetsLost, datagramsSent } = pair.serverConnection.statistics();
  // Nothing is lost on this link but by a full queue: every tenth of 5,600 packets is late, and only the first few are mistaken.
  expect(packetsSpurious).toBeGreaterThan(0);
  expect(packetsSpurious).toBeLessThan(0.01 * datagramsSent);
  expect(packetsLost).toBeLessThan(0.05 * datagramsSent);
});
