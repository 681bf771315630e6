import { describe, expect, test } from 'vitest';
import type { BbrController } from '../../src/core/congestion/bbr/bbr.ts';
import { CubicController } from '../../src/core/congestion/cubic/cubic.ts';
import { CellRun } from './measure.ts';

const MAX_DATAGRAM_BYTES = 1200;

describe('a mark of congestion', () => {
  // RUDP-ECN-6
  test('reduces the window of cubic to 0.7, once a round, and for good', () => {
    const cubic = new CubicController({ maxDatagramBytes: MAX_DATAGRAM_BYTES });
    const mark = (largestAckedPacketNumber: number, nextPacketNumber: number) =>
      cubic.onCongestionMark({ now: 0, bytesInFlight: 12_000, largestAckedPacketNumber, nextPacketNumber });
    const before = cubic.congestionWindow;
    mark(5, 10);
    expect(cubic.slowStartThreshold).toBeCloseTo(0.7 * before);
    expect(cubic.isRecovery).toBe(true);
    mark(9, 12);
    expect(cubic.slowStartThreshold).toBeCloseTo(0.7 * before);
    cubic.onSpuriousLoss(0, 100_000, 0);
    expect(cubic.slowStartThreshold).toBeCloseTo(0.7 * before);
    cubic.onAcknowledgement({
      now: 50,
      ackedBytes: 6000,
      lostBytes: 0,
      lostPackets: 0,
      largestLostPacketNumber: -1,
      priorBytesInFlight: 12_000,
      bytesInFlight: 6000,
      largestAckedPacketNumber: 10,
      nextPacketNumber: 20,
      latestRttMs: 50,
      smoothedRttMs: 50,
      minRttMs: 50,
      rateSample: undefined,
      arrivals: [],
    });
    const later = cubic.congestionWindow;
    mark(10, 20);
    expect(cubic.slowStartThreshold).toBeCloseTo(0.7 * later);
  });

  /** A flow of bbr on a path of 100 Mbit/s, run until its controller is in this state. */
  function bbrIn(state: BbrController['state']) {
    const run = new CellRun({ rateMbps: 100, rttMs: 20, seed: 7 });
    const { controller } = run.addBbr();
    for (let stepMs = 0; controller.state !== state && stepMs < 20_000; stepMs += 1) run.run(1);
    expect(controller.state).toBe(state);
    let packetNumber = 1e6;
    // Each mark is reported by a packet that left after the last one was answered, unless told otherwise.
    const mark = (isSameRound = false) => {
      const largestAckedPacketNumber = isSameRound ? packetNumber - 1 : packetNumber;
      packetNumber = isSameRound ? packetNumber : packetNumber + 100;
      const bytesInFlight = controller.congestionWindow;
      controller.onCongestionMark({
        now: run.path.now,
        bytesInFlight,
        largestAckedPacketNumber,
        nextPacketNumber: packetNumber,
      });
    };
    return { controller, mark };
  }

  // RUDP-ECN-6
  test('ends the startup of bbr', () => {
    const { controller, mark } = bbrIn('startup');
    mark();
    expect(controller.state).toBe('drain');
  });

  // RUDP-ECN-6
  test.each(['cruise', 'refill'] as const)(
    'makes bbr yield a tenth of the bandwidth in %s, once a round',
    (state) => {
      const { controller, mark } = bbrIn(state);
      const before = controller.bandwidth;
      mark();
      expect(controller.state).toBe('down');
      expect(controller.bandwidth).toBeCloseTo(0.9 * before);
      mark(true);
      expect(controller.bandwidth).toBeCloseTo(0.9 * before);
    },
  );

  // RUDP-ECN-6
  test('ends a probe of bbr, and is no loss of the path', () => {
    const { controller, mark } = bbrIn('up');
    const { bandwidth, pathLossRatio } = controller;
    mark();
    expect(controller.state).toBe('down');
    expect(controller.bandwidth).toBe(bandwidth);
    expect(controller.pathLossRatio).toBe(pathLossRatio);
  });

  // RUDP-CC-12
  test('is answered for no longer than the queue lasts: bbr is back at what was delivered long before the next probe', () => {
    const run = new CellRun({ rateMbps: 100, rttMs: 2, seed: 7 });
    const { flow, controller } = run.addBbr();
    run.run(2000);
    for (const state of ['down', 'cruise'] as const)
      for (let stepMs = 0; controller.state !== state && stepMs < 1000; stepMs += 1) run.run(1);
    const before = controller.bandwidth;
    const nextPacketNumber = flow.sender.packets.next;
    const mark = { largestAckedPacketNumber: nextPacketNumber - 1, nextPacketNumber };
    controller.onCongestionMark({ now: run.path.now, bytesInFlight: flow.sender.bytesInFlight, ...mark });
    run.run(20);
    expect(controller.bandwidth / before).toBeCloseTo(0.9);
    run.run(60);
    expect(controller.state).toBe('cruise');
    expect(controller.bandwidth / before).toBeCloseTo(1);
  });
});
