import { describe, expect, test } from 'vitest';
import { EcnCounter, EcnMark, EcnValidation } from '../../src/core/recovery/ecn.ts';

/** A sender that has sent `count` packets, marked where it may. */
function sendMarked(ecn: EcnValidation, count: number): number {
  let marked = 0;
  for (let sent = 0; sent < count; sent += 1) {
    if (!ecn.startTrain()) continue;
    ecn.onMarkedSent();
    marked += 1;
  }
  return marked;
}

/** An ACK frame of `acknowledged` marked packets that reports these counts. */
function acknowledge(
  ecn: EcnValidation,
  acknowledged: number,
  [ect0, congestion, ect1 = 0]: readonly [number, number, number?],
): number {
  for (let count = 0; count < acknowledged; count += 1) ecn.onMarkedAcknowledged();
  return ecn.handleFrame({ ect0, ect1, congestion }, true);
}

describe('a sender of marked packets', () => {
  // RUDP-ECN-1
  test('marks nothing when it is off', () => {
    const ecn = new EcnValidation(false);
    expect(sendMarked(ecn, 5)).toBe(0);
    expect(acknowledge(ecn, 0, [5, 5])).toBe(0);
    expect(ecn.state).toBe('off');
  });

  // RUDP-ECN-1
  test('marks ten packets for a test, then none, and all once it has succeeded', () => {
    const ecn = new EcnValidation(true);
    expect(sendMarked(ecn, 15)).toBe(10);
    expect(ecn.state).toBe('unknown');
    expect(acknowledge(ecn, 4, [4, 0])).toBe(0);
    expect(ecn.state).toBe('capable');
    expect(sendMarked(ecn, 15)).toBe(15);
  });

  // RUDP-ECN-4, RUDP-ECN-5
  test('believes marks of congestion in a sound report, once each', () => {
    const ecn = new EcnValidation(true);
    sendMarked(ecn, 10);
    expect(acknowledge(ecn, 4, [3, 1])).toBe(1);
    expect(acknowledge(ecn, 4, [7, 1])).toBe(0);
    expect(acknowledge(ecn, 2, [7, 3])).toBe(2);
    expect(ecn.state).toBe('capable');
  });

  // RUDP-ECN-4
  test.each<[string, readonly [number, number, number?]]>([
    ['fewer than were acknowledged', [3, 0]],
    ['more than were marked', [11, 0]],
    ['ECT(1), which was never sent', [4, 0, 1]],
  ])('fails when the report counts %s', (_name, counts) => {
    const ecn = new EcnValidation(true);
    sendMarked(ecn, 10);
    expect(acknowledge(ecn, 4, counts)).toBe(0);
    expect(ecn.state).toBe('failed');
    expect(sendMarked(ecn, 5)).toBe(0);
  });

  // RUDP-ECN-4
  test('fails when counts shrink, even after success', () => {
    const ecn = new EcnValidation(true);
    sendMarked(ecn, 10);
    acknowledge(ecn, 4, [3, 1]);
    expect(acknowledge(ecn, 1, [5, 0])).toBe(0);
    expect(ecn.state).toBe('failed');
  });

  // RUDP-ECN-4
  test('fails when marked packets are acknowledged without counts', () => {
    const ecn = new EcnValidation(true);
    sendMarked(ecn, 2);
    ecn.handleFrame(undefined, true);
    expect(ecn.state).toBe('testing');
    ecn.onMarkedAcknowledged();
    ecn.handleFrame(undefined, true);
    expect(ecn.state).toBe('failed');
  });

  // RUDP-ECN-4
  test('does not judge by a frame that came late; what it acknowledged is judged with the next', () => {
    const ecn = new EcnValidation(true);
    sendMarked(ecn, 10);
    acknowledge(ecn, 6, [6, 0]);
    ecn.onMarkedAcknowledged();
    expect(ecn.handleFrame({ ect0: 4, ect1: 0, congestion: 0 }, false)).toBe(0);
    expect(ecn.state).toBe('capable');
    acknowledge(ecn, 1, [7, 0]);
    expect(ecn.state).toBe('failed');
  });

  // RUDP-ECN-4
  test('fails when ten in a row are lost, and not when one of them arrives', () => {
    const ecn = new EcnValidation(true);
    sendMarked(ecn, 10);
    for (let lost = 0; lost < 9; lost += 1) ecn.onMarkedLost();
    expect(ecn.state).toBe('testing');
    ecn.onMarkedLost();
    expect(ecn.state).toBe('failed');
    const other = new EcnValidation(true);
    sendMarked(other, 10);
    for (let lost = 0; lost < 9; lost += 1) other.onMarkedLost();
    acknowledge(other, 1, [1, 0]);
    other.onMarkedLost();
    expect(other.state).toBe('capable');
  });

  // RUDP-PATH-9, RUDP-ECN-4
  test('tests another path anew', () => {
    const ecn = new EcnValidation(true);
    sendMarked(ecn, 1);
    acknowledge(ecn, 1, [0, 0]);
    ecn.restart();
    expect(ecn.state).toBe('testing');
    expect(sendMarked(ecn, 20)).toBe(10);
  });
});

// RUDP-ECN-2
test('a receiver counts each mark by itself', () => {
  const counter = new EcnCounter();
  counter.count(EcnMark.none);
  expect(counter.hasCounts).toBe(false);
  for (const mark of [EcnMark.ect0, EcnMark.ect0, EcnMark.ect1, EcnMark.congestion]) counter.count(mark);
  expect(counter).toMatchObject({ ect0: 2, ect1: 1, congestion: 1 });
});
