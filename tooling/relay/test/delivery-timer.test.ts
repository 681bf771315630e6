import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DeliveryTimer, monotonicNow } from '../src/delivery-timer.ts';

let delivered: string[] = [];

beforeEach(() => {
  delivered = [];
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

function createTimer(): DeliveryTimer<string> {
  return new DeliveryTimer((item) => delivered.push(item));
}

test('what is due is delivered at once, the rest when its time comes, in order of time', () => {
  const timer = createTimer();
  const start = monotonicNow();
  timer.add(start + 20, 'third');
  timer.add(start + 10, 'second');
  timer.add(start, 'first');
  expect([delivered, timer.length]).toEqual([['first'], 2]);
  vi.advanceTimersByTime(9);
  expect(delivered).toEqual(['first']);
  vi.advanceTimersByTime(1);
  expect(delivered).toEqual(['first', 'second']);
  vi.advanceTimersByTime(10);
  expect([delivered, timer.length]).toEqual([['first', 'second', 'third'], 0]);
});

test('an earlier item moves the alarm forward', () => {
  const timer = createTimer();
  const start = monotonicNow();
  timer.add(start + 1000, 'late');
  timer.add(start + 5, 'early');
  vi.advanceTimersByTime(5);
  expect(delivered).toEqual(['early']);
});

test('after closing nothing is delivered any more', () => {
  const timer = createTimer();
  timer.add(monotonicNow() + 5, 'never');
  timer.close();
  vi.advanceTimersByTime(1000);
  expect([delivered, vi.getTimerCount()]).toEqual([[], 0]);
});
