import { describe, expect, test } from 'vitest';
import { ArrivalClock } from '../../src/node/offload/arrival-clock.ts';
import type { Libc } from '../../src/node/offload/libc.ts';

const WALL_MINUS_MONOTONIC_MS = 1_000_000;

/** A kernel whose clocks and stamps the test sets. */
function kernel() {
  const state = { now: 500, stampMs: undefined as number | undefined, stepMs: 0, readingMs: 0 };
  const libc = {
    receivedAtWallMs: () => state.stampMs,
    wallClockMs: () => {
      state.now += state.readingMs;
      return state.now + WALL_MINUS_MONOTONIC_MS + state.stepMs;
    },
  } as unknown as Libc;
  return { state, clock: new ArrivalClock(libc, () => state.now) };
}

describe('the time at which the kernel received a datagram', () => {
  test('is told on the clock of the program', () => {
    const { state, clock } = kernel();
    state.stampMs = WALL_MINUS_MONOTONIC_MS + 480;
    expect(clock.arrivalOf(3)).toBe(480);
  });

  test('is unknown where the kernel does not note it', () => {
    expect(kernel().clock.arrivalOf(3)).toBeUndefined();
  });

  test('is never in the future nor before the last one, whoever sets the clock of the wall', () => {
    const { state, clock } = kernel();
    state.stampMs = WALL_MINUS_MONOTONIC_MS + 490;
    expect(clock.arrivalOf(3)).toBe(490);
    state.now = 510;
    state.stampMs += 3_600_000;
    expect(clock.arrivalOf(3)).toBe(510);
    state.now = 520;
    state.stampMs -= 7_200_000;
    expect(clock.arrivalOf(3)).toBe(510);
  });

  test('follows a clock that was set, after a tenth of a second', () => {
    const { state, clock } = kernel();
    state.stampMs = WALL_MINUS_MONOTONIC_MS + 500;
    clock.arrivalOf(3);
    state.stepMs = 3_600_000;
    state.now = 700;
    state.stampMs = WALL_MINUS_MONOTONIC_MS + state.stepMs + 690;
    expect(clock.arrivalOf(3)).toBe(690);
  });
});
