import { expect, test } from 'vitest';
import { TurnClock } from '../src/node/turn-clock.ts';

test('the time stands still while a turn is held, and never goes back', () => {
  let monotonic = 0;
  let wall = 1_000;
  const clock = new TurnClock({
    now: () => {
      monotonic += 1;
      return monotonic;
    },
    wall: () => {
      wall += 1;
      return wall;
    },
  });
  expect([clock.now(), clock.wall(), clock.wall(), clock.now(), clock.wall()]).toEqual([
    1, 1_001, 1_001, 2, 1_002,
  ]);
  clock.hold();
  expect([clock.now(), clock.wall(), clock.now(), clock.wall()]).toEqual([3, 1_003, 3, 1_003]);
  clock.hold();
  expect(clock.now()).toBe(3);
  clock.release();
  expect([clock.now(), clock.now()]).toEqual([4, 5]);
  clock.hold();
  expect(clock.now()).toBe(6);
});
