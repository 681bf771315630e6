import { expect, test } from 'vitest';
import { createRandom } from '../src/index.ts';

const SAMPLES = 100_000;

function mean(draw: () => number): number {
  let sum = 0;
  for (let index = 0; index < SAMPLES; index++) sum += draw();
  return sum / SAMPLES;
}

test('gives the numbers of sfc32', () => {
  // From a C program of its own, with PractRand's sfc32 and the same hash of the seed "1".
  const random = createRandom(1);
  expect([random.bits(), random.bits(), random.bits(), random.bits(), random.bits()]).toEqual([
    0x93a66d0b, 0xce848e4d, 0xe52aa1b0, 0x3a49f10b, 0x4b049650,
  ]);
});

test('other seeds give other numbers, also those far apart and long ones', () => {
  const seeds = [
    0,
    1,
    2,
    2 ** 32,
    2 ** 32 + 1,
    -1,
    0.5,
    'a',
    'b',
    'a very long seed, 1',
    'a very long seed, 2',
  ];
  expect(new Set(seeds.map((seed) => createRandom(seed).bits())).size).toBe(seeds.length);
});

test('a fork depends on the seed and the label, not on what was drawn before', () => {
  const fresh = createRandom(7);
  const used = createRandom(7);
  for (let index = 0; index < 100; index++) used.bits();
  expect(used.fork('loss').bytes(16)).toEqual(fresh.fork('loss').bytes(16));
  expect(used.fork('loss').bits()).not.toBe(used.fork('jitter').bits());
  expect(used.fork('loss').seed).toBe('7/loss');
});

test('ratios are uniform from 0 to 1', () => {
  const random = createRandom(2);
  expect(mean(() => random.ratio())).toBeCloseTo(0.5, 2);
  const tenths = new Array<number>(10).fill(0);
  for (let index = 0; index < SAMPLES; index++) {
    const tenth = Math.floor(random.ratio() * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  // Each is binomial with a standard deviation of 95.
  for (const count of tenths) expect(Math.abs(count - SAMPLES / 10)).toBeLessThan(400);
});

test('whole numbers reach both ends evenly', () => {
  const random = createRandom(3);
  const counts = new Map<number, number>();
  for (let index = 0; index < SAMPLES; index++) {
    const value = random.integer(-1, 2);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  expect([...counts.keys()].sort((left, right) => left - right)).toEqual([-1, 0, 1, 2]);
  for (const count of counts.values()) expect(Math.abs(count - SAMPLES / 4)).toBeLessThan(600);
  expect(random.integer(5, 5)).toBe(5);
  expect(() => random.integer(2, 1)).toThrow(RangeError);
  expect(() => random.integer(0, 1.5)).toThrow(RangeError);
});

test('exponential numbers are positive, have the mean asked for, and a tail', () => {
  const random = createRandom(4);
  let above = 0;
  let lowest = Number.POSITIVE_INFINITY;
  const average = mean(() => {
    const value = random.exponential(20);
    if (value > 60) above++;
    lowest = Math.min(lowest, value);
    return value;
  });
  expect(lowest).toBeGreaterThanOrEqual(0);
  expect(average).toBeGreaterThan(19.7);
  expect(average).toBeLessThan(20.3);
  expect(above / SAMPLES).toBeCloseTo(Math.exp(-3), 2);
});

test('chance keeps its promise at both ends and in the middle', () => {
  const random = createRandom(5);
  expect(mean(() => Number(random.chance(0)))).toBe(0);
  expect(mean(() => Number(random.chance(1)))).toBe(1);
  expect(mean(() => Number(random.chance(0.1)))).toBeCloseTo(0.1, 2);
});

test('picks every item and refuses to pick from nothing', () => {
  const random = createRandom(6);
  const picked = new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c'])));
  expect([...picked].sort()).toEqual(['a', 'b', 'c']);
  expect(() => random.pick([])).toThrow(RangeError);
});

test('bytes have every length and every value', () => {
  const random = createRandom(7);
  for (const length of [0, 1, 3, 4, 5, 17]) expect(random.bytes(length).length).toBe(length);
  expect(new Set(random.bytes(10_000)).size).toBe(256);
});
