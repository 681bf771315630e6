import { describe, expect, test } from 'vitest';
import { ProbeClock } from '../../src/core/congestion/bbr/probe-clock.ts';

/** Waits before each of the first probes over a round trip of `rttMs`, with the smallest number of rounds between them. */
function waits(rttMs: number, count: number): number[] {
  const clock = new ProbeClock();
  return Array.from({ length: count }, () => {
    clock.start(0, 0, 0);
    let now = 0;
    while (!clock.isDue(now, Math.floor(now / rttMs), rttMs)) now += 1;
    return now;
  });
}

// RUDP-CC-7
describe('time between probes', () => {
  test('on a short path grows from probe to probe: a start that was cut short is made good soon', () => {
    expect(waits(2, 6)).toEqual([30, 60, 120, 240, 250, 250]);
  });

  test('begins anew when there may be more than was found', () => {
    const clock = new ProbeClock();
    for (let probe = 0; probe < 6; probe += 1) clock.start(0, 0, 0);
    expect(clock.isDue(200, 100, 2)).toBe(false);
    clock.hasten();
    clock.start(0, 0, 0);
    expect(clock.isDue(29, 100, 2)).toBe(false);
    expect(clock.isDue(30, 100, 2)).toBe(true);
  });

  test('is eight round trips at least, from the first probe on', () => {
    expect(waits(50, 3)).toEqual([400, 400, 400]);
  });
});
