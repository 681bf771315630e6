import { expect, test } from 'vitest';
import { ReceiveCredit } from '../../src/core/stream/receive-credit.ts';

const credit = () => new ReceiveCredit({ windowBytesInitial: 1000, windowBytesMax: 4000 });
const RTT_MS = 50;

// RUDP-FLOW-4
test('a grant is due when an eighth of the window has been consumed, not a byte earlier', () => {
  const receiver = credit();
  expect([receiver.isUpdateDue(124), receiver.isUpdateDue(125)]).toEqual([false, true]);
  expect(receiver.grant(0, 125, RTT_MS)).toBe(1125);
  expect([receiver.isUpdateDue(249), receiver.isUpdateDue(250)]).toEqual([false, true]);
});

// RUDP-FLOW-4
test('the window doubles when it is consumed within two round trips, up to its cap', () => {
  const receiver = credit();
  receiver.grant(0, 500, RTT_MS);
  expect(receiver.windowBytes).toBe(1000);
  receiver.grant(99.9, 1000, RTT_MS);
  expect([receiver.windowBytes, receiver.maxData]).toEqual([2000, 3000]);
  receiver.grant(150, 2000, RTT_MS);
  receiver.grant(200, 4000, RTT_MS);
  expect([receiver.windowBytes, receiver.maxData]).toEqual([4000, 8000]);
});

// RUDP-FLOW-4
test('grants for less than half of the window say nothing of how fast it is consumed', () => {
  const receiver = credit();
  receiver.grant(0, 500, RTT_MS);
  for (let end = 625; end < 1000; end += 125) receiver.grant(end / 10, end, RTT_MS);
  expect([receiver.windowBytes, receiver.maxData]).toEqual([1000, 1875]);
  receiver.grant(99.9, 1000, RTT_MS);
  expect([receiver.windowBytes, receiver.maxData]).toEqual([2000, 3000]);
});

// RUDP-FLOW-4
test('the window stays when its consumption took two round trips', () => {
  const receiver = credit();
  receiver.grant(0, 500, RTT_MS);
  receiver.grant(100, 1000, RTT_MS);
  expect(receiver.windowBytes).toBe(1000);
});

// RUDP-FLOW-4
test('a paused receiver grants nothing, and goes on where it was', () => {
  const receiver = credit();
  receiver.isPaused = true;
  expect(receiver.isUpdateDue(1000)).toBe(false);
  receiver.isPaused = false;
  expect(receiver.isUpdateDue(1000)).toBe(true);
});

// RUDP-FLOW-2
test('a grant never shrinks', () => {
  const receiver = credit();
  receiver.grant(0, 900, RTT_MS);
  expect(receiver.grant(1000, 100, RTT_MS)).toBe(1900);
});

const arrival = (highestEnd: number, readableBytes = 0) => ({ highestEnd, readableBytes });

// RUDP-FLOW-5
test('the window is eight times what arrives within a round trip, up to its cap', () => {
  const receiver = credit();
  receiver.onArrival(1000, arrival(10), RTT_MS);
  receiver.onArrival(1049.9, arrival(260), RTT_MS);
  expect(receiver.windowBytes).toBe(1000);
  receiver.onArrival(1050, arrival(260), RTT_MS);
  expect(receiver.windowBytes).toBe(2000);
  receiver.onArrival(1100, arrival(5000), RTT_MS);
  expect(receiver.windowBytes).toBe(4000);
});

// RUDP-FLOW-5
test('a round that lasted longer counts for less, and the window never shrinks', () => {
  const receiver = credit();
  receiver.onArrival(1000, arrival(0), RTT_MS);
  receiver.onArrival(1100, arrival(500), RTT_MS);
  expect(receiver.windowBytes).toBe(2000);
  receiver.onArrival(5000, arrival(501), RTT_MS);
  expect(receiver.windowBytes).toBe(2000);
});

// RUDP-FLOW-5
test.each([
  { unreadBytes: 125, windowBytes: 2000 },
  { unreadBytes: 126, windowBytes: 1000 },
])(
  'with $unreadBytes of 1,000 bytes unread the window becomes $windowBytes',
  ({ unreadBytes, windowBytes }) => {
    const receiver = credit();
    receiver.onArrival(1000, arrival(0), RTT_MS);
    receiver.onArrival(1050, arrival(250, unreadBytes), RTT_MS);
    expect(receiver.windowBytes).toBe(windowBytes);
  },
);

// RUDP-FLOW-5
test('a path without any delay leaves a window', () => {
  const receiver = credit();
  receiver.onArrival(0, arrival(500), 0);
  receiver.onArrival(1, arrival(900), 0);
  expect(receiver.windowBytes).toBe(1000);
});

// RUDP-FLOW-6
test('the window is what 1 Gbit/s brings in the round trip of the handshake, up to half of its cap, and the peer is told', () => {
  const receiver = credit();
  receiver.fitTo(8);
  expect([receiver.windowBytes, receiver.isUpdateDue(0)]).toEqual([1000, false]);
  receiver.fitTo(12);
  expect([receiver.windowBytes, receiver.isUpdateDue(0)]).toEqual([1500, true]);
  receiver.fitTo(100);
  expect([receiver.windowBytes, receiver.isUpdateDue(0)]).toEqual([2000, true]);
  expect(receiver.grant(0, 0, 100)).toBe(2000);
});

// RUDP-FLOW-7
test('the peer is told of a window that has grown by an eighth of what it is now, although nothing is consumed', () => {
  const receiver = new ReceiveCredit({ windowBytesInitial: 1000, windowBytesMax: 4000 });
  receiver.onArrival(50, { highestEnd: 142, readableBytes: 0 }, 50);
  expect([receiver.windowBytes, receiver.isUpdateDue(0)]).toEqual([1136, false]);
  receiver.onArrival(100, { highestEnd: 285, readableBytes: 0 }, 50);
  expect([receiver.windowBytes, receiver.isUpdateDue(0)]).toEqual([1144, true]);
  receiver.grant(100, 0, 50);
  expect(receiver.isUpdateDue(0)).toBe(false);
});

// RUDP-FLOW-8
test('of a limited rate the window is what comes in a tenth of a second and two round trips, however fast it is used up', () => {
  const receiver = new ReceiveCredit({
    windowBytesInitial: 1_000,
    windowBytesMax: 4_000,
    bytesPerSecondMax: 10_000,
  });
  receiver.fitTo(1);
  expect(receiver.windowBytes).toBe(1_020);
  for (let at = 10; at < 20; at += 1) {
    receiver.onArrival(at, { highestEnd: at * 10_000, readableBytes: 0 }, 1);
    receiver.grant(at, at * 10_000, 1);
  }
  expect(receiver.windowBytes).toBe(1_020);
  receiver.fitTo(100);
  expect(receiver.windowBytes).toBe(3_000);
  receiver.onArrival(30, { highestEnd: 300_000, readableBytes: 0 }, 5);
  expect(receiver.windowBytes).toBe(3_000);
  receiver.onArrival(1_000, { highestEnd: 310_000, readableBytes: 0 }, 500);
  expect(receiver.windowBytes).toBe(4_000);
});
