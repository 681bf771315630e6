import { expect, test } from 'vitest';
import type { FanLoadReport } from '../src/chat/fan-load.ts';
import { summarizeTurns } from '../src/chat/latency-turns.ts';

const report = (talk: number, p50Ms: number, p99Ms: number, p99AllMs: number): FanLoadReport => ({
  talk,
  messagesPerSecond: 400,
  deliveriesPerSecond: 40_000,
  p50Ms,
  p99Ms,
  p999Ms: p99Ms,
  maxMs: p99Ms,
  p99AllMs,
  undelivered: 0,
  closed: 0,
  refused: 0,
  gaps: 0,
  serverCpu: 0.3,
  generatorCpu: 0.3,
  rssMb: 100 + talk,
});

test('a second in which the machine stood still does not decide the latency, and is told', () => {
  const reports = [report(1, 0.5, 1.1, 1.1), report(2, 0.6, 57, 31), report(3, 0.4, 1.3, 18)];

  expect(summarizeTurns(reports)).toEqual({ p50Ms: 0.5, p99Ms: 1.3, p99AllMs: 18, turns: 3, rssMb: 103 });
});
