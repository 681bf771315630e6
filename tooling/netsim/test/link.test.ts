import { describe, expect, test } from 'vitest';
import {
  createRandom,
  expectedLossRatio,
  Link,
  type LinkOptions,
  type LossModel,
  type Transmission,
} from '../src/index.ts';

const PACKETS = 50_000;

function createLink(options: LinkOptions, seed = 1): Link {
  return new Link(options, createRandom(seed));
}

/** Sends packets of 100 bytes, one per millisecond. */
function sendMany(link: Link, count = PACKETS): Transmission[] {
  return Array.from({ length: count }, (_, index) => link.transmit(index, new Uint8Array(100)));
}

function arrivals(transmissions: readonly Transmission[]): number[] {
  return transmissions.flatMap(({ deliveries }) => deliveries.map(({ atMs }) => atMs));
}

test('a link without options delivers everything at once and unchanged', () => {
  const link = createLink({});
  const bytes = Uint8Array.of(1, 2, 3);
  expect(link.transmit(5, bytes)).toEqual({
    fate: 'delivered',
    deliveries: [{ atMs: 5, bytes: Uint8Array.of(1, 2, 3), mark: 0 }],
    isCorrupted: false,
    isHeldBack: false,
  });
  expect(link.counters).toMatchObject({
    packetsOffered: 1,
    bytesOffered: 3,
    packetsDelivered: 1,
    bytesDelivered: 3,
  });
});

describe('time', () => {
  test('delay adds the same to every packet', () => {
    expect(arrivals(sendMany(createLink({ delayMs: 25 }), 3))).toEqual([25, 26, 27]);
  });

  test('jitter adds evenly from nothing to its limit, and reorders', () => {
    const times = arrivals(sendMany(createLink({ delayMs: 10, jitterMs: 8 })));
    const extra = times.map((atMs, index) => atMs - index - 10);
    expect(Math.min(...extra.slice(0, 10_000))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...extra.slice(0, 10_000))).toBeLessThan(8);
    expect(extra.reduce((sum, value) => sum + value, 0) / PACKETS).toBeCloseTo(4, 1);
    expect(times.some((atMs, index) => atMs < (times[index - 1] ?? 0))).toBe(true);
  });

  test('jitter that keeps the order never lets a packet overtake', () => {
    const times = arrivals(sendMany(createLink({ delayMs: 10, jitterMs: 8, keepsOrder: true })));
    expect(times.every((atMs, index) => atMs >= (times[index - 1] ?? 0))).toBe(true);
  });

  test('held-back packets come later by the time told, the others on time', () => {
    const link = createLink({ delayMs: 10, reorderRatio: 0.02, holdBackMs: 7, keepsOrder: true });
    const transmissions = sendMany(link);
    expect(arrivals(transmissions)).toEqual(
      transmissions.map(({ isHeldBack }, index) => index + 10 + (isHeldBack ? 7 : 0)),
    );
    expect(link.counters.packetsHeldBack / PACKETS).toBeCloseTo(0.02, 2);
    expect(transmissions.filter(({ isHeldBack }) => isHeldBack).length).toBe(link.counters.packetsHeldBack);
  });
});

describe('loss', () => {
  const burst: LossModel = {
    kind: 'gilbert-elliott',
    goodToBadRatio: 0.01,
    badToGoodRatio: 0.2,
    lossInBadRatio: 0.5,
    lossInGoodRatio: 0.001,
  };

  test.each([
    ['no model', { kind: 'none' }, 0],
    ['independent', { kind: 'independent', ratio: 0.1 }, 0.1],
    ['always', { kind: 'independent', ratio: 1 }, 1],
    ['bursts', burst, (0.01 / 0.21) * 0.5 + (0.2 / 0.21) * 0.001],
  ] as [string, LossModel, number][])('%s loses the share that is expected', (_, model, expected) => {
    const link = createLink({ loss: model });
    sendMany(link);
    expect(expectedLossRatio(model)).toBeCloseTo(expected, 10);
    expect(Math.abs(link.counters.packetsDropped.loss / PACKETS - expected)).toBeLessThan(0.004);
    expect(link.counters.packetsDelivered).toBe(PACKETS - link.counters.packetsDropped.loss);
  });

  test('a number is a share of independent losses', () => {
    const short = sendMany(createLink({ loss: 0.05 }), 1000);
    const long = sendMany(createLink({ loss: { kind: 'independent', ratio: 0.05 } }), 1000);
    expect(short).toEqual(long);
    expect(short.filter(({ fate }) => fate === 'loss').length).toBeGreaterThan(20);
  });

  test('losses of the burst model follow each other, independent ones do not', () => {
    expect(lossAfterLoss(burst)).toBeGreaterThan(0.35);
    const ratio = expectedLossRatio(burst);
    expect(Math.abs(lossAfterLoss({ kind: 'independent', ratio }) - ratio)).toBeLessThan(0.02);
  });

  function lossAfterLoss(loss: LossModel): number {
    const isLost = sendMany(createLink({ loss })).map(({ fate }) => fate === 'loss');
    const afterLoss = isLost.filter((_, index) => isLost[index - 1] === true);
    return afterLoss.filter(Boolean).length / afterLoss.length;
  }

  test('a script drops exactly the packets it names, by number and by content', () => {
    const link = createLink({ drop: (index, bytes) => index === 1 || bytes[0] === 9 });
    const fates = [0, 0, 9, 0].map((first) => link.transmit(0, Uint8Array.of(first)).fate);
    expect(fates).toEqual(['delivered', 'scripted', 'scripted', 'delivered']);
    expect(link.counters.packetsDropped.scripted).toBe(2);
  });

  test('an outage takes what is sent from its start until before its end', () => {
    const link = createLink({ outages: [{ fromMs: 10, untilMs: 20 }] });
    const fates = [9.9, 10, 19.9, 20].map((now) => link.transmit(now, new Uint8Array(1)).fate);
    expect(fates).toEqual(['delivered', 'outage', 'outage', 'delivered']);
    expect(link.counters.packetsDropped.outage).toBe(2);
  });

  test('a packet above the MTU vanishes, one of exactly the MTU passes', () => {
    const link = createLink({ mtuBytes: 1500 });
    expect(link.transmit(0, new Uint8Array(1472)).fate).toBe('delivered');
    expect(link.transmit(0, new Uint8Array(1473)).fate).toBe('too-big');
    expect(link.counters.packetsDropped['too-big']).toBe(1);
  });

  test('a script does not shift the random losses of other packets', () => {
    const plain = sendMany(createLink({ loss: 0.3 }), 500).map(({ fate }) => fate);
    const scripted = sendMany(createLink({ loss: 0.3, drop: (index) => index < 100 }), 500).map(
      ({ fate }) => fate,
    );
    expect(scripted.slice(100)).toEqual(plain.slice(100));
    expect(plain.slice(100)).toContain('loss');
  });
});

describe('other faults', () => {
  test('duplicates arrive as often as told, each with bytes of its own', () => {
    const link = createLink({ duplicateRatio: 0.05 });
    const transmissions = sendMany(link);
    const copies = transmissions.filter(({ deliveries }) => deliveries.length === 2);
    expect(copies.length / PACKETS).toBeCloseTo(0.05, 2);
    expect(link.counters.packetsDuplicated).toBe(copies.length);
    expect(link.counters.packetsDelivered).toBe(PACKETS + copies.length);
    const [first, second] = copies[0]?.deliveries ?? [];
    expect(first?.bytes).toEqual(second?.bytes);
    expect(first?.bytes.buffer).not.toBe(second?.bytes.buffer);
  });

  test('corruption flips one single bit, anywhere in the packet', () => {
    const link = createLink({ corruptRatio: 0.1 });
    const transmissions = sendMany(link);
    const positions = new Set<number>();
    for (const { deliveries, isCorrupted } of transmissions) {
      const bytes = deliveries[0]?.bytes ?? new Uint8Array();
      const index = bytes.findIndex((byte) => byte !== 0);
      if (index < 0 && !isCorrupted) continue;
      // The only byte that is not zero any more has one bit.
      expect({ isCorrupted, others: bytes.findLastIndex((byte) => byte !== 0) - index }).toEqual({
        isCorrupted: true,
        others: 0,
      });
      const bit = Math.log2(bytes[index] ?? 0);
      expect(Number.isInteger(bit)).toBe(true);
      positions.add(8 * index + bit);
    }
    expect(link.counters.packetsCorrupted / PACKETS).toBeCloseTo(0.1, 2);
    expect(positions.size).toBeGreaterThan(790);
  });

  test('an empty packet cannot be corrupted', () => {
    expect(createLink({ corruptRatio: 1 }).transmit(0, new Uint8Array(0)).isCorrupted).toBe(false);
  });

  test('turning one knob leaves the other faults where they were', () => {
    const lost = (options: LinkOptions) =>
      sendMany(createLink({ loss: 0.1, ...options }), 2000).flatMap(({ fate }, index) =>
        fate === 'loss' ? [index] : [],
      );
    const plain = lost({});
    expect(plain.length).toBeGreaterThan(100);
    expect(lost({ jitterMs: 3, duplicateRatio: 0.2, corruptRatio: 0.2, reorderRatio: 0.2 })).toEqual(plain);
  });
});

describe('rate and queue', () => {
  // 972 + 28 bytes of overhead are 8000 bits: exactly one millisecond of a line of 8 Mbit/s.
  const rateBitsPerSecond = 8_000_000;
  const packet = () => new Uint8Array(972);

  test('each packet occupies the line for its own time, overhead included', () => {
    const link = createLink({ rateBitsPerSecond, delayMs: 10 });
    const times = [0, 0, 0.5, 10].map((now) => link.transmit(now, packet()).deliveries[0]?.atMs);
    expect(times).toEqual([11, 12, 13, 21]);
  });

  test('overhead can be set to nothing', () => {
    const link = createLink({ rateBitsPerSecond, overheadBytes: 0 });
    expect(link.transmit(0, new Uint8Array(1000)).deliveries[0]?.atMs).toBe(1);
  });

  test('a saturated line delivers exactly its rate', () => {
    const link = createLink({ rateBitsPerSecond: 100e6, queueBytesMax: 1e6, delayMs: 25 });
    let lastMs = 0;
    let bytes = 0;
    for (let now = 0; now < 10_000; now += 0.1) {
      for (const delivery of link.transmit(now, new Uint8Array(1472)).deliveries) {
        lastMs = delivery.atMs;
        bytes += delivery.bytes.length;
      }
    }
    const goodputMbps = (bytes * 8e-3) / (lastMs - 25);
    expect(goodputMbps).toBeCloseTo((100 * 1472) / 1500, 6);
    expect(link.counters.packetsDropped['queue-full']).toBeGreaterThan(0);
  });

  test('the queue holds what it is told to the byte and drops the rest at its tail', () => {
    const link = createLink({ rateBitsPerSecond, queueBytesMax: 3000 });
    const fates = Array.from({ length: 5 }, () => link.transmit(0, packet()).fate);
    expect(fates).toEqual(['delivered', 'delivered', 'delivered', 'queue-full', 'queue-full']);
    expect(link.transmit(0.9, packet()).fate).toBe('queue-full');
    expect(link.transmit(1, packet()).fate).toBe('delivered');
    expect(link.counters.queueBytesPeak).toBe(3000);
    expect(link.counters.packetsDropped['queue-full']).toBe(3);
  });

  test('the queue keeps its exact size over many packets', () => {
    const link = createLink({ rateBitsPerSecond: 33_333_333, queueBytesMax: 20 * 1000 });
    for (let index = 0; index < 20; index++) link.transmit(0, packet());
    let dropped = 0;
    for (let index = 1; index <= 20_000; index++) {
      // One packet leaves, one comes.
      if (link.transmit((index * 8_000_000) / 33_333_333, packet()).fate === 'queue-full') dropped++;
    }
    expect(dropped).toBe(0);
  });

  test('a packet lost on the wire has used its share of the line', () => {
    const link = createLink({ rateBitsPerSecond, loss: 1 });
    link.transmit(0, packet());
    link.configure({ loss: 0 });
    expect(link.transmit(0, packet()).deliveries[0]?.atMs).toBe(2);
  });

  test('a queue that nobody sizes holds one bandwidth-delay product, and never less than 65,536 bytes', () => {
    expect(createLink({ rateBitsPerSecond: 100e6, delayMs: 25 }).options.queueBytesMax).toBe(625_000);
    expect(createLink({ rateBitsPerSecond: 1e6, delayMs: 25 }).options.queueBytesMax).toBe(65_536);
    expect(createLink({}).options.queueBytesMax).toBe(Number.POSITIVE_INFINITY);
  });

  test('a changed rate holds for packets sent from then on', () => {
    const link = createLink({ rateBitsPerSecond });
    link.transmit(0, packet());
    link.configure({ rateBitsPerSecond: 2 * rateBitsPerSecond });
    expect(link.transmit(0, packet()).deliveries[0]?.atMs).toBe(1.5);
    link.configure({ rateBitsPerSecond: Number.POSITIVE_INFINITY });
    expect(link.transmit(0, packet()).deliveries[0]?.atMs).toBe(1.5);
  });
});

test('values that make no sense are refused', () => {
  for (const options of [
    { loss: 10 },
    { loss: -0.1 },
    { duplicateRatio: 5 },
    { delayMs: -1 },
    { delayMs: Number.NaN },
    { rateBitsPerSecond: 0 },
    {
      loss: {
        kind: 'gilbert-elliott',
        goodToBadRatio: 2,
        badToGoodRatio: 0,
        lossInBadRatio: 0,
        lossInGoodRatio: 0,
      },
    },
  ] satisfies LinkOptions[]) {
    expect(() => createLink(options)).toThrow(RangeError);
  }
});

test('a packet that may be marked is marked behind a queue, and no other', () => {
  const link = createLink({ rateBitsPerSecond: 8e6, overheadBytes: 0, markQueueBytes: 2000 });
  const marks = ([2, 2, 2, 2, 0] as const).map(
    (mark) => link.transmit(0, new Uint8Array(1000), mark).deliveries[0]?.mark,
  );
  expect(marks).toEqual([2, 2, 2, 3, 0]);
  expect(link.counters.packetsMarked).toBe(1);
});

test('a path may erase marks', () => {
  expect(createLink({ marks: 'erased' }).transmit(0, new Uint8Array(1), 2).deliveries[0]?.mark).toBe(0);
});
