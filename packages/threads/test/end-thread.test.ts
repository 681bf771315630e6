import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { endThread } from '../src/index.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a thread that was asked to close', () => {
  test('is ended when it is done, and no timer is left behind', async () => {
    const terminate = vi.fn(async () => 0);
    let report: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
      report = resolve;
    });
    const ended = endThread({ terminate }, closed);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(terminate).not.toHaveBeenCalled();
    report();
    await ended;
    expect(terminate).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is stopped when it does not answer', async () => {
    const terminate = vi.fn(async () => 0);
    const ended = endThread({ terminate }, new Promise(() => undefined));
    await vi.advanceTimersByTimeAsync(4_000);
    await ended;
    expect(terminate).toHaveBeenCalledOnce();
  });
});
