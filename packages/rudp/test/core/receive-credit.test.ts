import { expect, test } from 'vitest';
import { ReceiveCredit } from '../../src/core/receive-credit.ts';

const credit = () => new ReceiveCredit({ windowBytesInitial: 1000, windowBytesMax: 4000 });
const rttMs = 50;

// RUDP-FLOW-4
test('a grant is due when half of the window has been consumed, not a byte earlier', () => {
  const receiver = credit();
  expect([receiver.isUpdateDue(499), receiver.isUpdateDue(500)]).toEqual([false, true]);
  expect(receiver.grant(0, 500, rttMs)).toBe(1500);
  expect([receiver.isUpdateDue(999), receiver.isUpdateDue(1000)]).toEqual([false, true]);
});

// RUDP-FLOW-4
test('the window doubles when it is consumed within two round trips, up to its cap', () => {
  const receiver = credit();
  receiver.grant(0, 500, rttMs);
  expect(receiver.windowBytes).toBe(1000);
  receiver.grant(99.9, 1000, rttMs);
  expect([receiver.windowBytes, receiver.maxData]).toEqual([2000, 3000]);
  receiver.grant(150, 2000, rttMs);
  receiver.grant(200, 4000, rttMs);
  expect([receiver.windowBytes, receiver.maxData]).toEqual([4000, 8000]);
});

// RUDP-FLOW-4
test('the window stays when its consumption took two round trips', () => {
  const receiver = credit();
  receiver.grant(0, 500, rttMs);
  receiver.grant(100, 1000, rttMs);
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
  receiver.grant(0, 900, rttMs);
  expect(receiver.grant(1000, 100, rttMs)).toBe(1900);
});
