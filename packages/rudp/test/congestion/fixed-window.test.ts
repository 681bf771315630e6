import { expect, test } from 'vitest';
import { createCongestionController } from '../../src/core/congestion/create.ts';
import { PACKET_BYTES } from './model-flow.ts';
import { PathModel } from './path-model.ts';

// RUDP-CC-20
test('a fixed window of n packets never has more than n in flight, and never fewer to send', () => {
  const path = new PathModel({ rateMbps: 100, queueBytes: 65_536, lossRatio: 0.05, random: everyNth(19) });
  const controller = createCongestionController('fixed-window', {
    maxDatagramBytes: PACKET_BYTES,
    random: () => 0,
    windowPackets: 32,
  });
  const { sender } = path.addFlow(controller, 20);
  path.run(2000);
  expect(controller.pacingRate).toBe(Number.POSITIVE_INFINITY);
  expect(controller.congestionWindow).toBe(32 * PACKET_BYTES);
  expect(sender.bytesInFlightMax).toBe(32 * PACKET_BYTES);
  expect(sender.lostBytes).toBeGreaterThan(0);
});

/** Zero every so often, else nearly one: some packets are lost, with no chance in it. */
function everyNth(period: number): () => number {
  let count = 0;
  return () => {
    count += 1;
    return count % period === 0 ? 0 : 0.99;
  };
}
