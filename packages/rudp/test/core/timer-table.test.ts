import { expect, test } from 'vitest';
import { TimerTable } from '../../src/core/timer-table.ts';

test('has nothing to wait for at first', () => {
  expect(new TimerTable().next).toBeUndefined();
  expect(new TimerTable().takeDue(Number.MAX_VALUE)).toEqual([]);
});

test('waits for the earliest deadline', () => {
  const timers = new TimerTable();
  timers.set('idle', 300);
  timers.set('ack-delay', 20.5);
  expect(timers.next).toBe(20.5);
  timers.set('ack-delay', undefined);
  expect([timers.next, timers.get('ack-delay'), timers.get('idle')]).toEqual([300, undefined, 300]);
});

test('hands out each timer once, when its time has come and not before', () => {
  const timers = new TimerTable();
  timers.set('idle', 100);
  timers.set('loss-detection', 50);
  timers.set('drain', 101);
  expect(timers.takeDue(49.999)).toEqual([]);
  expect(timers.takeDue(100)).toEqual(['loss-detection', 'idle']);
  expect(timers.takeDue(100)).toEqual([]);
  expect(timers.next).toBe(101);
});

test('a timer can be moved, to earlier and to later', () => {
  const timers = new TimerTable();
  timers.set('pacing', 50);
  timers.set('pacing', 80);
  expect(timers.takeDue(60)).toEqual([]);
  timers.set('pacing', 10);
  expect(timers.takeDue(10)).toEqual(['pacing']);
});

test('clears everything at once', () => {
  const timers = new TimerTable();
  timers.set('idle', 100);
  timers.set('keep-alive', 50);
  timers.clearAll();
  expect(timers.next).toBeUndefined();
});
