import { expect, test } from 'vitest';
import { KnownPaths } from '../../src/node/transfers/known-paths.ts';

const HINT = { smoothedRttMs: 60, minRttMs: 50, deliveryRate: 10_000_000, mtu: 1472 };

test('what was measured of a path is known for ten minutes, and only there', () => {
  const paths = new KnownPaths();
  paths.remember('192.0.2.1', HINT, 1000);
  expect(paths.recall('192.0.2.1', 601_000)).toEqual(HINT);
  expect(paths.recall('192.0.2.2', 1000)).toBeUndefined();
  expect(paths.recall('192.0.2.1', 601_001)).toBeUndefined();
  // Not even when asked with an earlier clock: it is gone.
  expect(paths.recall('192.0.2.1', 1000)).toBeUndefined();
});

test('the last measurement counts, and nothing is kept of loopback', () => {
  const paths = new KnownPaths();
  paths.remember('192.0.2.1', HINT, 0);
  paths.remember('192.0.2.1', { ...HINT, deliveryRate: 5_000_000 }, 1);
  expect(paths.recall('192.0.2.1', 2)?.deliveryRate).toBe(5_000_000);
  paths.remember(undefined, HINT, 0);
  expect(paths.recall(undefined, 0)).toBeUndefined();
});

test('a thousand addresses are remembered; the one that nobody asked for makes room', () => {
  const paths = new KnownPaths();
  for (let host = 0; host < 1000; host += 1) paths.remember(`h${host}`, HINT, host);
  expect(paths.recall('h0', 1000)).toEqual(HINT);
  paths.remember('another', HINT, 1000);
  expect(paths.recall('h1', 1000)).toBeUndefined();
  expect(paths.recall('h0', 1000)).toEqual(HINT);
});
