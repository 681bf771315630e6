import { beforeAll, describe, expect, test } from 'vitest';
import { type Cell, CellRun, jainIndex, type Measurement } from './measure.ts';
import { PACKET_BYTES } from './model-flow.ts';
import { BUSY_STALLS, STARVED_STALLS } from './path-model.ts';

const seed = Number(process.env.CONGESTION_SEED ?? 20_261_122);

beforeAll(() => {
  console.log(`path model: CONGESTION_SEED=${seed}`);
});

/** One bulk transfer; what is seen after `settleMs`. */
function steady(cell: Omit<Cell, 'seed'>, settleMs: number, durationMs: number): Measurement {
  const run = new CellRun({ ...cell, seed });
  run.addBbr();
  run.run(settleMs);
  return run.run(durationMs);
}

describe('one flow in steady state', () => {
  // RUDP-CC-5, RUDP-CC-10, RUDP-CC-13
  test.each([
    { rateMbps: 100, rttMs: 2, lossRatio: 0 },
    { rateMbps: 100, rttMs: 50, lossRatio: 0 },
    { rateMbps: 100, rttMs: 50, lossRatio: 0.05 },
    { rateMbps: 100, rttMs: 200, lossRatio: 0.05 },
    { rateMbps: 500, rttMs: 50, lossRatio: 0.01 },
  ])('reaches 95 % of what the link delivers at $rateMbps Mbit/s, $rttMs ms, loss $lossRatio', (cell) => {
    const seen = steady(cell, cell.rttMs >= 200 ? 3000 : 1500, 1500);
    expect(seen.utilization).toBeGreaterThan(0.95);
    expect(seen.wireRatio).toBeLessThan(1.05);
  });

  test('reaches 95 % on machines that stall and whose timers are late', () => {
    expect(
      steady({ rateMbps: 100, rttMs: 20, lossRatio: 0.02, stalls: BUSY_STALLS }, 1500, 2000).utilization,
    ).toBeGreaterThan(0.95);
  });

  // RUDP-PACE-2, RUDP-RATE-4, RUDP-RATE-5, RUDP-RTT-4, RUDP-CC-3
  test.each([
    { rateMbps: 100, rttMs: 50, utilization: 0.8 },
    { rateMbps: 100, rttMs: 10, utilization: 0.5 },
    { rateMbps: 500, rttMs: 10, utilization: 0.5 },
  ])(
    'does not take a machine that lets both ends wait for a slow path: $rateMbps Mbit/s, $rttMs ms',
    ({ utilization, ...cell }) => {
      const runs = [1, 2, 3, 4, 5, 6].map((fixedSeed) => {
        const run = new CellRun({ ...cell, stalls: STARVED_STALLS, seed: fixedSeed });
        run.addBbr();
        run.run(1500);
        return run.run(1500).utilization;
      });
      expect(Math.min(...runs)).toBeGreaterThan(utilization);
    },
  );

  // RUDP-CC-11
  test('a bound that an overflow has taught leaves room for acknowledgements that come in lumps', () => {
    const stalls = { everyMs: 30, msMin: 1, msMax: 8 };
    const runs = [1, 2, 3, 4].map((fixedSeed) => {
      const run = new CellRun({ rateMbps: 500, rttMs: 2, stalls, seed: fixedSeed });
      run.addBbr();
      run.run(1500);
      return run.run(1500).utilization;
    });
    expect(Math.min(...runs)).toBeGreaterThan(0.82);
  });

  // RUDP-CC-10
  test('does not collapse at 10 % random loss', () => {
    expect(steady({ rateMbps: 100, rttMs: 50, lossRatio: 0.1 }, 2000, 2000).utilization).toBeGreaterThan(
      0.95,
    );
  });

  // RUDP-CC-10
  test('keeps its rate when random loss sets in', () => {
    const run = new CellRun({ rateMbps: 100, rttMs: 50, seed });
    const { controller } = run.addBbr();
    run.run(2000);
    run.path.lossRatio = 0.05;
    run.run(1000);
    expect(run.run(2000).utilization).toBeGreaterThan(0.92);
    expect(controller.pathLossRatio).toBeGreaterThan(0.02);
    expect(controller.pathLossRatio).toBeLessThan(0.07);
  });

  // RUDP-CC-7, RUDP-CC-8, RUDP-CC-14
  test('keeps less than a tenth of a round trip queued in a queue of four', () => {
    const seen = steady({ rateMbps: 100, rttMs: 50, queueBytes: 4 * 625_000 }, 1500, 2500);
    expect(seen.queueRtts).toBeLessThan(0.1);
    expect(seen.dropRatio).toBe(0);
  });

  // RUDP-CC-11
  test('loses less than 3 % to a queue of 64 KB and still reaches 95 %', () => {
    const seen = steady({ rateMbps: 100, rttMs: 50, queueBytes: 65_536 }, 1500, 2500);
    expect(seen.dropRatio).toBeLessThan(0.03);
    expect(seen.utilization).toBeGreaterThan(0.95);
  });
});

describe('startup', () => {
  // RUDP-CC-2, RUDP-CC-3, RUDP-CC-4
  test('fills the pipe within 14 round trips and overflows a queue of one pipe by less than half a pipe', () => {
    const run = new CellRun({ rateMbps: 100, rttMs: 50, seed });
    const { flow, controller } = run.addBbr();
    run.run(700);
    expect(controller.state).not.toBe('startup');
    expect(run.run(300).utilization).toBeGreaterThan(0.9);
    expect(flow.queueDroppedBytes).toBeLessThan(run.bdpBytes / 2);
  });

  // RUDP-CC-3
  test('ends at the overflow of a short queue, before it has lost two and a half pipes', () => {
    const run = new CellRun({ rateMbps: 100, rttMs: 50, queueBytes: 65_536, seed });
    const { flow } = run.addBbr();
    run.run(1000);
    expect(flow.queueDroppedBytes).toBeLessThan(2.5 * run.bdpBytes);
  });

  // RUDP-CC-17
  test('begins with 32 packets in two trains and never goes below four', () => {
    const run = new CellRun({ rateMbps: 100, rttMs: 50, seed });
    const { flow, controller } = run.addBbr();
    run.run(1);
    expect(flow.sender.sentBytes).toBe(16 * PACKET_BYTES);
    // A quarter of the round trip.
    run.run(12);
    expect(flow.sender.sentBytes).toBe(32 * PACKET_BYTES);
    run.run(30);
    expect(flow.sender.sentBytes).toBe(32 * PACKET_BYTES);
    controller.onPersistentCongestion(1);
    expect(controller.congestionWindow).toBe(4 * PACKET_BYTES);
  });
});

describe('a path that changes', () => {
  // RUDP-CC-12
  test('halves its rate within twelve round trips when the link halves', () => {
    const run = new CellRun({ rateMbps: 100, rttMs: 50, seed });
    const { controller } = run.addBbr();
    run.run(2000);
    run.path.rateMbps = 50;
    run.run(600);
    // A probe may be under way: what counts is what it starts from.
    expect((controller.bandwidth * 8) / 1e6).toBeLessThan(60);
    expect(run.run(1500).utilization).toBeGreaterThan(0.9);
  });

  // RUDP-CC-12
  test('that begins to lose packets gets back what was yielded to that, without a probe, as soon as it is known', () => {
    const isBackWithoutProbe = (pathSeed: number) => {
      const run = new CellRun({ rateMbps: 100, rttMs: 200, seed: pathSeed });
      const { controller } = run.addBbr();
      run.run(5000);
      const before = controller.bandwidth;
      run.path.lossRatio = 0.06;
      let hasYielded = false;
      for (let step = 0; step < 60; step += 1) {
        run.run(50);
        if (controller.bandwidth < 0.9 * before) hasYielded = true;
        else if (hasYielded) return controller.state === 'cruise';
      }
      return false;
    };
    // In some of these runs a probe is due before.
    expect([1, 2, 3, 4].filter(isBackWithoutProbe)).not.toEqual([]);
  });

  // RUDP-CC-7, RUDP-CC-8
  test('finds a doubled rate within thirty round trips', () => {
    const run = new CellRun({ rateMbps: 100, rttMs: 50, seed });
    run.addBbr();
    run.run(2000);
    run.path.rateMbps = 200;
    run.run(1500);
    expect(run.run(1000).utilization).toBeGreaterThan(0.95);
  });

  // RUDP-CC-16
  test('starts anew after an outage and is back within a second', () => {
    const run = new CellRun({ rateMbps: 100, rttMs: 50, seed });
    const { controller } = run.addBbr();
    run.run(1500);
    run.path.lossRatio = 1;
    run.path.run(run.path.now + 1000);
    run.path.lossRatio = 0;
    controller.onPersistentCongestion(run.path.now);
    run.run(1500);
    expect(run.run(1000).utilization).toBeGreaterThan(0.95);
  });

  // RUDP-CC-9
  test('drains the path for a tenth of a second when others may hide the minimum RTT', () => {
    const run = new CellRun({ rateMbps: 20, rttMs: 50, queueBytes: 500_000, seed });
    const controllers = [run.addBbr(0).controller, run.addBbr(500).controller];
    let hasProbed = false;
    for (let step = 0; step < 800 && !hasProbed; step += 1) {
      run.run(25);
      hasProbed = controllers.some((controller) => controller.state === 'probe-rtt');
    }
    expect(hasProbed).toBe(true);
  });
});

describe('several flows', () => {
  // RUDP-CC-7, RUDP-CC-12
  test('two share a link fairly after ten seconds', () => {
    const run = new CellRun({ rateMbps: 50, rttMs: 40, seed });
    run.addBbr(0);
    run.addBbr(1000);
    run.run(10_000);
    const seen = run.run(10_000);
    expect(jainIndex(seen.flowsMbps)).toBeGreaterThan(0.95);
    expect(seen.utilization).toBeGreaterThan(0.95);
    expect(seen.queueRtts).toBeLessThan(0.75);
    expect(seen.dropRatio).toBeLessThan(0.02);
  });

  // RUDP-CC-10
  test('four do not take the losses that they cause in a queue of 64 KB for the path’s own', () => {
    const run = new CellRun({ rateMbps: 100, rttMs: 50, queueBytes: 65_536, seed });
    for (let index = 0; index < 4; index += 1) run.addBbr(index * 200);
    run.run(4000);
    expect(run.run(4000).dropRatio).toBeLessThan(0.08);
  });
});

describe('an application with little to send', () => {
  // RUDP-CC-6
  test('does not lower the bandwidth estimate', () => {
    const run = new CellRun({ rateMbps: 100, rttMs: 50, seed });
    const { flow, controller } = run.addBbr();
    run.run(1500);
    const before = controller.bandwidth;
    for (let step = 0; step < 100; step += 1) {
      flow.sender.backlogBytes = 10 * PACKET_BYTES;
      flow.wakeAtMs = run.path.now;
      run.run(20);
    }
    expect(controller.bandwidth / before).toBeGreaterThan(0.99);
  });
});

// RUDP-CC-15
test('gives back what a loss that was none has taken', () => {
  const run = new CellRun({ rateMbps: 100, rttMs: 50, seed });
  const { flow, controller } = run.addBbr();
  run.run(1500);
  const before = controller.bandwidth;
  run.path.lossRatio = 0.4;
  for (let step = 0; step < 40 && controller.bandwidth >= 0.95 * before; step += 1) run.run(10);
  expect(controller.bandwidth / before).toBeLessThan(0.95);
  controller.onSpuriousLoss(run.path.now, flow.sender.lostBytes);
  expect(controller.bandwidth / before).toBeGreaterThan(0.99);
});
