// Streams that share a rate, on a clock that the test moves.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseConfig } from '../../src/core/config.ts';
import { type RateShare, SharedRate, windowsForRate } from '../../src/node/shared-rate.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A stream that always has more to move, in pieces of that size. */
class Mover {
  readonly share: RateShare;
  readonly #pieceBytes: number;
  bytes = 0;

  constructor(rate: SharedRate, owner: string, pieceBytes = 4_096) {
    this.share = rate.join(owner);
    this.#pieceBytes = pieceBytes;
    this.#next();
  }

  // The transport takes a piece with the next turn of the loop.
  #next(): void {
    this.share.take(this.#pieceBytes, () => {
      this.bytes += this.#pieceBytes;
      setTimeout(() => this.#next(), 0);
    });
  }
}

// CHAT-RATE-1
test('one stream moves at the rate, and two owners a half each', () => {
  const rate = new SharedRate({ bytesPerSecondMax: 1_000_000 });
  const [one, ...ten] = ['modest', ...Array(10).fill('greedy')].map((owner) => new Mover(rate, owner));
  vi.advanceTimersByTime(10_000);
  const others = ten.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(((one?.bytes ?? 0) + others) / 10_000_000).toBeCloseTo(1, 1);
  expect((one?.bytes ?? 0) / 5_000_000).toBeCloseTo(1, 1);
});

test('a piece larger than a turn is paid for by the next ones', () => {
  const mover = new Mover(new SharedRate({ bytesPerSecondMax: 1_000_000 }), 'ann', 300_000);
  vi.advanceTimersByTime(10_000);
  expect(mover.bytes / 10_000_000).toBeGreaterThan(0.95);
  expect(mover.bytes / 10_000_000).toBeLessThan(1.05);
});

// CHAT-RATE-2
test('what is larger than a turn can be moved piece by piece, at the rate from the beginning', () => {
  const rate = new SharedRate({ bytesPerSecondMax: 100_000 });
  const moved: number[] = [];
  let isDone = false;
  rate.join('ann').takeEach(
    new Uint8Array(65_536),
    (piece, next) => {
      moved.push(piece.byteLength);
      setTimeout(next, 0);
    },
    () => {
      isDone = true;
    },
  );
  const bytes = () => moved.reduce((sum, count) => sum + count, 0);
  vi.advanceTimersByTime(100);
  expect(bytes()).toBeLessThanOrEqual(20_000);
  vi.advanceTimersByTime(600);
  expect(bytes()).toBe(65_536);
  expect(Math.max(...moved)).toBe(4_096);
  expect(isDone).toBe(true);
});

test('without a limit all of it is one piece', () => {
  const moved: number[] = [];
  const take = (bytes: Uint8Array) =>
    new SharedRate().join('ann').takeEach(
      bytes,
      (piece) => moved.push(piece.byteLength),
      () => undefined,
    );
  take(new Uint8Array(300_000));
  take(new Uint8Array(0));
  expect(moved).toEqual([300_000, 0]);
});

// CHAT-RATE-2
test('what came is paid for to the last byte before more may come', () => {
  const rate = new SharedRate({ bytesPerSecondMax: 100_000 });
  const share = rate.join('ann');
  const paid: number[] = [];
  for (const byteLength of [50_000, 0, 4_096]) {
    share.pay(byteLength, () => paid.push(performance.now()));
    vi.advanceTimersByTime(1_000);
  }
  const [first = 0, second = 0, third = 0] = paid;
  const startedAt = performance.now() - 3_000;
  expect(first - startedAt).toBeGreaterThan(400);
  expect(first - startedAt).toBeLessThan(550);
  expect(second - startedAt).toBeLessThan(1_100);
  expect(third - startedAt).toBeLessThan(2_100);
});

// CHAT-RATE-2
test.each([
  [undefined, {}],
  [10_000, { receiveWindowBytesInitial: 16_384, receiveBytesPerSecondMax: 10_000 }],
  [1_000_000, { receiveWindowBytesInitial: 100_000, receiveBytesPerSecondMax: 1_000_000 }],
  [100_000_000, { receiveWindowBytesInitial: 1_048_576, receiveBytesPerSecondMax: 100_000_000 }],
])('of %j bytes a second a connection grants %j', (rate, windows) => {
  expect(windowsForRate(rate)).toEqual(windows);
  expect(() => parseConfig(windowsForRate(rate))).not.toThrow();
});

test('a limit can be lifted, set and changed while streams move', () => {
  const rate = new SharedRate();
  const mover = new Mover(rate, 'ann');
  const moved = (forMs: number) => {
    const { bytes } = mover;
    vi.advanceTimersByTime(forMs);
    return mover.bytes - bytes;
  };
  // A piece each millisecond, which is what a timer of 0 ms takes.
  expect(moved(1_000)).toBeGreaterThan(4_000_000);
  rate.setLimits({ bytesPerSecondMax: 100_000 });
  expect(moved(10_000) / 1_000_000).toBeCloseTo(1, 1);
  rate.setLimits({ bytesPerSecondMax: 500_000 });
  expect(moved(10_000) / 5_000_000).toBeCloseTo(1, 1);
  rate.setLimits(undefined);
  expect(moved(1_000)).toBeGreaterThan(4_000_000);
});

test('nothing is called after a stream has left, and no timer is left behind', () => {
  const rate = new SharedRate({ bytesPerSecondMax: 10_000 });
  const mover = new Mover(rate, 'ann');
  vi.advanceTimersByTime(1_000);
  const { bytes } = mover;
  mover.share.leave();
  mover.share.leave();
  vi.advanceTimersByTime(10_000);
  expect(mover.bytes).toBe(bytes);
  expect(vi.getTimerCount()).toBe(0);
});

test('a limit that is lifted and set again while a stream is paused holds for it', () => {
  const rate = new SharedRate({ bytesPerSecondMax: 1_000_000 });
  const share = rate.join('one');
  // More than a turn: it has asked for the next one, and takes nothing meanwhile.
  share.take(50_000, () => undefined);
  vi.advanceTimersByTime(0);
  rate.setLimits(undefined);
  rate.setLimits({ bytesPerSecondMax: 1_000_000 });
  let bytes = 0;
  const next = () =>
    share.take(10_000, () => {
      bytes += 10_000;
      setTimeout(next, 1);
    });
  next();
  vi.advanceTimersByTime(1_000);
  expect(bytes).toBeLessThan(1_200_000);
  share.leave();
});
