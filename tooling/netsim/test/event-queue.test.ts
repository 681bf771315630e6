import { expect, test } from 'vitest';
import { createRandom, EventQueue, VirtualClock } from '../src/index.ts';

function drain<Item>(queue: EventQueue<Item>): Item[] {
  const items: Item[] = [];
  while (queue.length > 0) items.push(queue.pop() as Item);
  return items;
}

test('gives items by time, and those of the same time in the order they came', () => {
  const random = createRandom(1);
  const queue = new EventQueue<{ atMs: number; order: number }>();
  const expected = Array.from({ length: 2000 }, (_, order) => ({ atMs: random.integer(0, 50) / 4, order }));
  for (const item of expected) queue.push(item.atMs, item);
  expect(queue.nextAtMs).toBe(0);
  expected.sort((left, right) => left.atMs - right.atMs || left.order - right.order);
  expect(drain(queue)).toEqual(expected);
});

test('keeps its order when pushes and pops alternate', () => {
  const random = createRandom(2);
  const queue = new EventQueue<number>();
  let last = 0;
  for (let round = 0; round < 3000; round++) {
    const atMs = last + random.exponential(10);
    queue.push(atMs, atMs);
    if (random.chance(0.4)) continue;
    const next = queue.pop() as number;
    expect(next).toBeGreaterThanOrEqual(last);
    last = next;
  }
  const rest = drain(queue);
  expect(rest).toEqual([...rest].sort((left, right) => left - right));
});

test('an empty queue has no next item', () => {
  const queue = new EventQueue<string>();
  expect([queue.nextAtMs, queue.peek(), queue.pop(), queue.length]).toEqual([
    undefined,
    undefined,
    undefined,
    0,
  ]);
  queue.push(3, 'only');
  expect([queue.nextAtMs, queue.peek(), queue.length]).toEqual([3, 'only', 1]);
  expect([queue.pop(), queue.pop()]).toEqual(['only', undefined]);
});

test('refuses a time that is no number', () => {
  expect(() => new EventQueue().push(Number.NaN, 'never')).toThrow(RangeError);
});

test('the clock goes forward and never back', () => {
  const clock = new VirtualClock(5);
  clock.advanceTo(5);
  clock.advanceTo(7.25);
  expect(clock.now).toBe(7.25);
  expect(() => clock.advanceTo(7)).toThrow(RangeError);
  expect(() => clock.advanceTo(Number.NaN)).toThrow(RangeError);
});
