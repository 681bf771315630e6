import { createRandom } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import type { CongestionController } from '../../src/core/congestion/controller.ts';
import { CubicController } from '../../src/core/congestion/cubic/cubic.ts';
import { HyStart } from '../../src/core/congestion/cubic/hystart.ts';
import { PACKET_BYTES } from './model-flow.ts';
import { PathModel } from './path-model.ts';

/** Rounds of ten ACK frames, each acknowledging one packet. */
class Rounds {
  readonly hystart = new HyStart();
  #packetNumber = 0;

  run(rttMs: number, frames = 10): void {
    const nextPacketNumber = this.#packetNumber + frames;
    for (let frame = 0; frame < frames; frame += 1) {
      const sample = { largestAckedPacketNumber: this.#packetNumber, nextPacketNumber, latestRttMs: rttMs };
      this.hystart.update(sample);
      this.#packetNumber += 1;
    }
  }
}

describe('HyStart++', () => {
  // RUDP-CUBIC-6: RFC 9406 §4.2, an eighth of 80 ms.
  test('grows more slowly when a round is an eighth longer than the one before, not when it is shorter than that', () => {
    const rounds = new Rounds();
    rounds.run(80);
    rounds.run(89.9);
    expect(rounds.hystart.isConservative).toBe(false);
    expect(rounds.hystart.growthFor(1000)).toBe(1000);
    rounds.run(102);
    expect(rounds.hystart.isConservative).toBe(true);
    expect(rounds.hystart.growthFor(1000)).toBe(250);
  });

  // RUDP-CUBIC-6
  test.each([
    [10, 13.9, 14],
    [400, 415.9, 416],
  ])(
    'takes at least 4 ms and at most 16 ms for a rise: from %d ms, %d is none and %d is one',
    (first, little, much) => {
      const calm = new Rounds();
      calm.run(first);
      calm.run(little);
      expect(calm.hystart.isConservative).toBe(false);
      const risen = new Rounds();
      risen.run(first);
      risen.run(much);
      expect(risen.hystart.isConservative).toBe(true);
    },
  );

  // RUDP-CUBIC-6
  test('does not judge a round by fewer than eight samples', () => {
    const rounds = new Rounds();
    rounds.run(50);
    rounds.run(100, 7);
    expect(rounds.hystart.isConservative).toBe(false);
    rounds.run(50);
    rounds.run(100, 8);
    expect(rounds.hystart.isConservative).toBe(true);
  });

  // RUDP-CUBIC-6: RFC 9406 counts the round in which the suspicion began.
  test('ends slow start after five slow rounds', () => {
    const rounds = new Rounds();
    rounds.run(50);
    for (let round = 0; round < 5; round += 1) rounds.run(60);
    expect(rounds.hystart.isOver).toBe(false);
    rounds.run(60);
    expect(rounds.hystart.isOver).toBe(true);
  });

  // RUDP-CUBIC-6
  test('resumes slow start when round trips are short again: it was jitter', () => {
    const rounds = new Rounds();
    rounds.run(50);
    rounds.run(60);
    rounds.run(50);
    expect(rounds.hystart.isConservative).toBe(false);
    for (let round = 0; round < 10; round += 1) rounds.run(50);
    expect(rounds.hystart.isOver).toBe(false);
  });
});

/** The same controller with HyStart++ kept in the dark: it never sees an RTT sample. */
function withoutHyStart(controller: CubicController): CongestionController {
  return {
    name: controller.name,
    get congestionWindow() {
      return controller.congestionWindow;
    },
    get pacingRate() {
      return controller.pacingRate;
    },
    onPacketSent: (event) => controller.onPacketSent(event),
    onAcknowledgement: (event) => controller.onAcknowledgement({ ...event, latestRttMs: undefined }),
    onPacketsLost: (event) => controller.onPacketsLost(event),
    onCongestionMark: (event) => controller.onCongestionMark(event),
    onSpuriousLoss: (...spurious) => controller.onSpuriousLoss(...spurious),
    onPersistentCongestion: (now) => controller.onPersistentCongestion(now),
    onApplicationLimited: (...limits) => controller.onApplicationLimited(...limits),
    onMaxDatagramSize: (bytes) => controller.onMaxDatagramSize(bytes),
  };
}

function lossesOfSlowStart(rateMbps: number, queueBdp: number, hasHyStart: boolean): number {
  const rttMs = 50;
  const random = createRandom(1);
  const path = new PathModel({
    rateMbps,
    queueBytes: queueBdp * rateMbps * 125 * rttMs,
    lossRatio: 0,
    random: () => random.ratio(),
  });
  const controller = new CubicController({ maxDatagramBytes: PACKET_BYTES });
  const flow = path.addFlow(hasHyStart ? controller : withoutHyStart(controller), rttMs);
  path.run(4000);
  return flow.sender.lostBytes / PACKET_BYTES;
}

describe('the first slow start on a path with a deep queue', () => {
  // RUDP-CUBIC-6
  test.each([
    [20, 12],
    [100, 10],
  ])(
    'at %d Mbit/s ends before a queue of %d BDP overflows, which it would without HyStart++',
    (rate, queue) => {
      expect(lossesOfSlowStart(rate, queue, true)).toBe(0);
      expect(lossesOfSlowStart(rate, queue, false)).toBeGreaterThan(500);
    },
  );

  // RUDP-CUBIC-6: five slow rounds still triple the window.
  test('loses less than a third of what it would where the queue has 4 BDP', () => {
    const lost = lossesOfSlowStart(100, 4, true);
    expect(lost).toBeLessThan(lossesOfSlowStart(100, 4, false) / 3);
  });
});
