import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReceivedPackets } from '../../src/core/acknowledgement/received-packets.ts';
import { RECEIVED_RANGES_MAX } from '../../src/core/limits.ts';
import { checkProperty } from '../support/properties.ts';

const DELAY_MS = 25;

/** Notes ack-eliciting packets, one each 100 ms before time 0, and returns those after which an acknowledgement left. */
function acknowledgedAfter(received: ReceivedPackets, from: number, to: number): number[] {
  const after: number[] = [];
  for (let number = from; number < to; number += 1) {
    const now = 100 * (number - 1000);
    received.record(now, number, true, 100 * DELAY_MS);
    if (!received.isAckDue(now)) continue;
    after.push(number);
    received.onAckSent(now);
  }
  return after;
}

describe('when an acknowledgement is due', () => {
  // RUDP-ACK-1
  test('after every second packet among the first hundred, then after every tenth', () => {
    const received = new ReceivedPackets();
    expect(acknowledgedAfter(received, 0, 100)).toEqual(
      Array.from({ length: 50 }, (_, index) => 2 * index + 1),
    );
    expect(acknowledgedAfter(received, 100, 140)).toEqual([109, 119, 129, 139]);
  });

  // RUDP-ACK-1
  test.each([
    { delayMs: 8, spacingMs: 2 },
    { delayMs: 16, spacingMs: 4 },
    { delayMs: 25, spacingMs: 4 },
  ])('on a fast path $spacingMs ms after the last, when the longest delay is $delayMs ms', (path) => {
    const received = new ReceivedPackets();
    acknowledgedAfter(received, 0, 200);
    received.onAckSent(0);
    for (let number = 200; number < 209; number += 1) received.record(0.1, number, true, path.delayMs);
    expect(received.ackDeadline).toBe(0.1 + path.delayMs);
    received.record(0.2, 209, true, path.delayMs);
    expect(received.isAckDue(0.2)).toBe(false);
    // Even when nothing more arrives.
    expect(received.ackDeadline).toBe(path.spacingMs);
    received.record(path.spacingMs, 210, true, path.delayMs);
    expect(received.isAckDue(path.spacingMs)).toBe(true);
  });

  // RUDP-ACK-1
  test('after 65,536 bytes in any case', () => {
    const received = new ReceivedPackets();
    acknowledgedAfter(received, 0, 200);
    received.record(0, 200, true, DELAY_MS, 65_535);
    expect(received.isAckDue(0)).toBe(false);
    received.record(0, 201, true, DELAY_MS, 1);
    expect(received.isAckDue(0)).toBe(true);
    received.onAckSent(0);
    received.record(0, 202, true, DELAY_MS, 65_535);
    expect(received.isAckDue(0)).toBe(false);
  });

  // RUDP-ACK-1
  test('at once when a packet is skipped, and again when the skipped one arrives', () => {
    const received = new ReceivedPackets();
    acknowledgedAfter(received, 0, 200);
    received.record(0, 201, true, DELAY_MS);
    expect(received.isAckDue(0)).toBe(true);
    received.onAckSent(0);
    received.record(0, 200, true, DELAY_MS);
    expect(received.isAckDue(0)).toBe(true);
  });

  // RUDP-ACK-1
  test('for a lone packet after the delay, not a moment earlier', () => {
    const received = new ReceivedPackets();
    received.record(1000, 0, true, DELAY_MS);
    expect(received.ackDeadline).toBe(1025);
    expect(received.isAckDue(1024.999)).toBe(false);
    expect(received.isAckDue(1025)).toBe(true);
    received.onAckSent(0);
    expect([received.ackDeadline, received.isAckDue(2000)]).toEqual([undefined, false]);
  });

  // RUDP-ACK-1
  test('the delay runs from the first packet that waits', () => {
    const received = new ReceivedPackets();
    acknowledgedAfter(received, 0, 200);
    received.onAckSent(0);
    received.record(1000, 200, true, DELAY_MS);
    received.record(1020, 201, true, DELAY_MS);
    expect(received.ackDeadline).toBe(1025);
  });

  // RUDP-FRAME-1
  test('never for packets that elicit none, so that two sides do not acknowledge each other for ever', () => {
    const received = new ReceivedPackets();
    for (const number of [0, 1, 5, 3]) received.record(0, number, false, DELAY_MS);
    expect([received.isAckDue(1e9), received.ackDeadline, received.hasNews]).toEqual([
      false,
      undefined,
      false,
    ]);
    expect(received.largest).toBe(5);
  });

  test('at once when asked', () => {
    const received = new ReceivedPackets();
    received.acknowledgeNow();
    received.record(0, 0, true, DELAY_MS);
    expect([received.isAckDue(0), received.ackDeadline]).toEqual([true, undefined]);
  });

  test('the delay that is reported is that of the largest packet', () => {
    const received = new ReceivedPackets();
    received.record(100, 5, true, DELAY_MS);
    received.record(110, 4, true, DELAY_MS);
    expect(received.ackDelayMs(117)).toBe(17);
  });
});

describe('duplicates', () => {
  // RUDP-PKT-6
  test('a number that arrived is a duplicate for ever, through any order, acknowledgements and forgetting', () => {
    const step = fc.record({ number: fc.integer({ min: 0, max: 300 }), isTrimmed: fc.boolean() });
    checkProperty(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const received = new ReceivedPackets();
        const seen = new Set<number>();
        for (const { number, isTrimmed } of steps) {
          if (isTrimmed) received.onAckAcknowledged(number);
          const isDuplicate = received.isDuplicate(number);
          if (seen.has(number)) expect(isDuplicate).toBe(true);
          if (isDuplicate) continue;
          seen.add(number);
          received.record(0, number, true, DELAY_MS);
        }
        for (const number of seen) expect(received.isDuplicate(number)).toBe(true);
        expect(received.isDuplicate(received.largest + 1)).toBe(false);
      }),
    );
  });

  // RUDP-PKT-6
  test('with more gaps than it remembers the oldest is given up, and counts as arrived', () => {
    const received = new ReceivedPackets();
    for (let index = 0; index <= RECEIVED_RANGES_MAX; index += 1)
      received.record(0, 2 * index + 1, true, DELAY_MS);
    expect(received.ranges.count).toBe(RECEIVED_RANGES_MAX);
    expect([received.isDuplicate(0), received.isDuplicate(1)]).toEqual([true, true]);
    expect([received.isDuplicate(2), received.isDuplicate(3)]).toEqual([false, true]);
  });
});

describe('what need not be reported again', () => {
  // RUDP-ACK-4
  test('when the peer has acknowledged an acknowledgement, everything below what it reported is dropped', () => {
    const received = new ReceivedPackets();
    for (const number of [0, 1, 2, 5, 6, 9]) received.record(0, number, true, DELAY_MS);
    received.onAckAcknowledged(6);
    expect([received.ranges.count, received.ranges.startAt(0), received.ranges.endAt(0)]).toEqual([2, 6, 7]);
    expect(received.isDuplicate(3)).toBe(true);
    expect(received.isDuplicate(7)).toBe(false);
  });

  // RUDP-ACK-4
  test('an older acknowledgement that is acknowledged late changes nothing', () => {
    const received = new ReceivedPackets();
    for (let number = 0; number < 20; number += 2) received.record(0, number, true, DELAY_MS);
    received.onAckAcknowledged(16);
    received.onAckAcknowledged(4);
    expect([received.ranges.startAt(0), received.ranges.count]).toEqual([16, 2]);
  });

  test('many gaps ask the peer to confirm some', () => {
    const received = new ReceivedPackets();
    for (let number = 0; number < 64; number += 2) received.record(0, number, true, DELAY_MS);
    expect(received.wantsTrim).toBe(false);
    received.record(0, 64, true, DELAY_MS);
    expect(received.wantsTrim).toBe(true);
    received.onAckAcknowledged(64);
    expect(received.wantsTrim).toBe(false);
  });
});
