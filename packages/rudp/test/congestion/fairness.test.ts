import { describe, expect, test } from 'vitest';
import { type Contest, jainIndex, runContest } from './fairness.ts';

/** 30 s over 10 Mbit/s and 50 ms; `fairness-grid.ts` has other paths. */
function contest(controllers: Contest['controllers'], queueBdp: number) {
  return runContest({ controllers, queueBdp, rateMbps: 10, rttMs: 50, seconds: 30, seed: 1 });
}

describe('flows that share a bottleneck', () => {
  test('with cubic have equal shares', () => {
    const { late, utilization } = contest(['cubic', 'cubic'], 1);
    expect(jainIndex(late)).toBeGreaterThan(0.95);
    expect(utilization).toBeGreaterThan(0.9);
  });

  test('with bbr have equal shares, two of them', () => {
    const { late, utilization } = contest(['bbr', 'bbr'], 1);
    expect(jainIndex(late)).toBeGreaterThan(0.95);
    expect(utilization).toBeGreaterThan(0.9);
  });

  // Equal shares take four of them about half a minute: see `fairness-grid.ts` with seconds=90.
  test('with bbr do not starve each other, four of them', () => {
    const { late, utilization } = contest(['bbr', 'bbr', 'bbr', 'bbr'], 1);
    expect(Math.min(...late)).toBeGreaterThan(0.3);
    expect(utilization).toBeGreaterThan(0.9);
  });

  test.each([1, 4])(
    'with bbr and cubic have at least three tenths of a half each, in a queue of %d BDP',
    (queueBdp) => {
      const { whole, utilization } = contest(['bbr', 'cubic'], queueBdp);
      expect(Math.min(...whole)).toBeGreaterThan(0.3);
      expect(utilization).toBeGreaterThan(0.9);
    },
  );
});
