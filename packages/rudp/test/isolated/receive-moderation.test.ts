import { fstatSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ArrivalClock } from '../../src/node/offload/arrival-clock.ts';
import { IntervalReader } from '../../src/node/offload/interval-reader.ts';
import type { Libc } from '../../src/node/offload/libc.ts';
import type { ReceivedMessages } from '../../src/node/offload/message-batch.ts';
import { ReceiveModeration } from '../../src/node/offload/receive-moderation.ts';

/** Wakes the reader `perMs` times a millisecond until it wants intervals; the time and the interval, or undefined. */
function wakeUntilInterval(moderation: ReceiveModeration, perMs: number, limitMs = 3000) {
  for (let wakes = 1; wakes < perMs * limitMs; wakes += 1) {
    const intervalMs = moderation.handleWake(wakes / perMs);
    if (intervalMs !== undefined) return { atMs: wakes / perMs, intervalMs };
  }
  return undefined;
}

describe('the moderation of reads', () => {
  test('begins when a path has been busy for ten round trips', () => {
    const begin = wakeUntilInterval(new ReceiveModeration(() => 50), 2);
    expect(begin?.intervalMs).toBe(2);
    expect(begin?.atMs).toBeGreaterThanOrEqual(500);
    expect(begin?.atMs).toBeLessThan(600);
  });

  test.each([
    [2, 1],
    [16, 1],
    [31.9, 1],
    [32, 2],
    [300, 2],
  ])('over a round trip of %s ms reads every %s ms', (roundTripMs, intervalMs) => {
    const begin = wakeUntilInterval(new ReceiveModeration(() => roundTripMs), 4, 4000);
    expect(begin?.intervalMs).toBe(intervalMs);
  });

  test.each([0, 1.9, Number.POSITIVE_INFINITY])('leaves a round trip of %s ms alone', (roundTripMs) => {
    expect(wakeUntilInterval(new ReceiveModeration(() => roundTripMs), 4)).toBeUndefined();
  });

  test('does not mind a program that waits for the processor for half of each window', () => {
    const moderation = new ReceiveModeration(() => 50);
    const intervals = Array.from({ length: 30 * 128 }, (_, wake) =>
      moderation.handleWake(64 * Math.floor(wake / 128) + (wake % 128) / 4),
    );
    expect(intervals).toContain(2);
  });

  test('leaves a path alone that wakes its reader rarely, or in spells', () => {
    const roundTripMs = () => 50;
    expect(wakeUntilInterval(new ReceiveModeration(roundTripMs), 0.9)).toBeUndefined();
    const moderation = new ReceiveModeration(roundTripMs);
    for (let spell = 0; spell < 20; spell += 1)
      for (let wake = 0; wake < 1000; wake += 1)
        expect(moderation.handleWake(spell * 1000 + wake * 0.4)).toBeUndefined();
  });

  test.each([
    ['few', 0.9, false],
    ['one each', 1, true],
    ['many', 96, true],
    ['batches', 97, false],
  ])('with %s datagrams in an interval (%s) goes on: %s', (_, reads, isWorthIt) => {
    const moderation = new ReceiveModeration(() => 50);
    wakeUntilInterval(moderation, 4);
    // A late timer finds many at once: only the average of 16 counts.
    const results = [reads * 16, ...Array(15).fill(0)].map((count) => moderation.handleInterval(count));
    expect(results).toEqual([...Array(15).fill(true), isWorthIt]);
  });

  test('ends when the path is too short for it', () => {
    let roundTripMs = 50;
    const moderation = new ReceiveModeration(() => roundTripMs);
    wakeUntilInterval(moderation, 4);
    roundTripMs = 1;
    expect(Array.from({ length: 16 }, () => moderation.handleInterval(10)).at(-1)).toBe(false);
  });
});

describe('a group of sockets that is read at intervals', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Descriptors 0 to 3 wake somebody, 4 to 7 do not; the kernel's filter and queues. */
  function openGroup() {
    const waiting: string[][] = Array.from({ length: 8 }, () => []);
    const places = new Map<number, number>();
    const kernel = { place: 0, closed: [] as number[], onPlaced: () => undefined as unknown };
    const libc = {
      sortByMark: (_: number, place: number) => {
        kernel.onPlaced();
        kernel.place = place;
      },
      replace: (number: number, fd: number) => places.set(number, fd),
      receiveMessages: (fd: number): ReceivedMessages => {
        const texts = waiting[places.get(fd) as number]?.splice(0) ?? [];
        return {
          count: texts.length,
          isFull: false,
          bytesOf: (index) => new TextEncoder().encode(texts[index]),
          addressOf: () => new Uint8Array(16),
          isWhole: () => true,
          receivedAtWallMs: () => undefined,
          segmentBytesOf: () => undefined,
        };
      },
      close: (fd: number) => kernel.closed.push(fd),
    } as unknown as Libc;
    const received: string[] = [];
    const emptyFirst = () => {
      for (const [mark, texts] of waiting.slice(0, 4).entries())
        received.push(...texts.splice(0).map((text) => `${text}${mark}`));
    };
    const group = { first: [0, 1, 2, 3], second: [4, 5, 6, 7], clock: new ArrivalClock(libc), emptyFirst };
    const reader = new IntervalReader(libc, group, {
      roundTripMs: () => 50,
      onDatagram: (_, bytes, mark) => received.push(`${new TextDecoder().decode(bytes)}${mark}`),
      onError: () => undefined,
    });
    const beBusy = () => {
      for (let wakes = 0; wakes < 1200 && kernel.place === 0; wakes += 1) {
        vi.advanceTimersByTime(wakes % 2);
        reader.handleWake();
      }
    };
    onTestFinished(() => reader.close());
    return { waiting, kernel, received, reader, beBusy, places };
  }

  test('hands on what comes there with its mark, and goes back when little comes', () => {
    const { waiting, kernel, received, reader, beBusy } = openGroup();
    beBusy();
    expect(kernel.place).toBe(4);
    expect(reader.intervalMs).toBe(2);
    waiting[4]?.push('a', 'b');
    waiting[6]?.push('c');
    vi.advanceTimersByTime(2);
    expect(received).toEqual(['a0', 'b0', 'c2']);
    vi.advanceTimersByTime(2 * 16);
    expect(kernel.place).toBe(0);
    // One for each of the two sockets that had something.
    expect(reader.reads).toBe(2);
  });

  test('hands on what waits in the others before anything that comes there', () => {
    const { waiting, received, beBusy } = openGroup();
    waiting[0]?.push('old');
    beBusy();
    waiting[4]?.push('new');
    vi.advanceTimersByTime(2);
    expect(received).toEqual(['old0', 'new0']);
  });

  test('hands on what came last before the others get anything again', () => {
    const { waiting, kernel, received, beBusy } = openGroup();
    beBusy();
    kernel.onPlaced = () => waiting[4]?.push('last');
    while (kernel.place === 4) vi.advanceTimersByTime(2);
    expect(received).toEqual(['last0']);
  });

  test('reads once more what was on its way when the filter changed back', () => {
    const { waiting, kernel, received, reader, beBusy } = openGroup();
    beBusy();
    while (kernel.place === 4) vi.advanceTimersByTime(2);
    waiting[7]?.push('late');
    vi.advanceTimersByTime(2);
    expect(received).toEqual(['late3']);
    expect(reader.intervalMs).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is read at once when one of the others is woken, so that nothing is overtaken', () => {
    const { waiting, received, reader, beBusy } = openGroup();
    beBusy();
    waiting[6]?.push('first');
    reader.handleWake();
    expect(received).toEqual(['first2']);
  });

  test('stops when it is closed', () => {
    const { waiting, received, reader, beBusy, places } = openGroup();
    beBusy();
    waiting[4]?.push('too late');
    reader.close();
    reader.close();
    reader.handleWake();
    expect(vi.getTimerCount()).toBe(0);
    expect(received).toEqual([]);
    for (const number of places.keys()) expect(() => fstatSync(number)).toThrow('EBADF');
  });
});
