import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SendStream } from '../../src/core/stream/send-stream.ts';
import { patternAt } from '../support/pattern.ts';
import { checkProperty } from '../support/properties.ts';

interface Segment {
  readonly offset: number;
  readonly length: number;
}

function stream(options: { granted?: number; bufferBytesMax?: number } = {}): SendStream {
  return new SendStream({
    bufferBytesMax: options.bufferBytesMax ?? 1 << 20,
    initialMaxData: options.granted ?? 1 << 20,
  });
}

/** Takes the next segment of at most `lengthMax` bytes and checks its bytes; undefined when there is none. */
function take(sendStream: SendStream, lengthMax: number): (Segment & { isRepeat: boolean }) | undefined {
  if (!sendStream.nextSegment(lengthMax)) return undefined;
  const { segmentOffset: offset, segmentLength: length } = sendStream;
  const target = new Uint8Array(length);
  const isRepeat = sendStream.takeSegment(target, 0);
  expect(target).toEqual(patternAt(offset, length));
  return { offset, length, isRepeat };
}

/** The same stream, one byte at a time and without cleverness. */
class Model {
  readonly acknowledged = new Set<number>();
  readonly lost = new Set<number>();
  readonly repeated = new Set<number>();
  readonly copies = new Set<number>();
  copied = 0;
  written = 0;
  sent = 0;
  granted = 0;

  /** What goes out again first: what is lost, then copies. */
  get again(): Set<number> {
    return this.lost.size > 0 ? this.lost : this.copies;
  }

  next(lengthMax: number): Segment | undefined {
    const again = this.again;
    const offset = again.size > 0 ? Math.min(...again) : this.sent;
    const isEligible = (at: number) =>
      again.size > 0 ? again.has(at) : at < this.written && at < this.granted;
    let end = offset;
    while (end - offset < lengthMax && isEligible(end)) end += 1;
    return end === offset ? undefined : { offset, length: end - offset };
  }

  take({ offset, length }: Segment): void {
    const again = this.again;
    for (let at = offset; at < offset + length; at += 1) {
      if (at < this.sent) this.repeated.add(at);
      again.delete(at);
    }
    this.sent = Math.max(this.sent, offset + length);
  }

  acknowledge({ offset, length }: Segment): void {
    for (let at = offset; at < offset + length; at += 1) {
      this.acknowledged.add(at);
      for (const set of [this.lost, this.repeated, this.copies]) set.delete(at);
    }
  }

  lose({ offset, length }: Segment): void {
    const end = offset + length;
    for (let from = offset; from < end; from += 1) {
      if (this.acknowledged.has(from)) continue;
      let to = from;
      for (; to < end && !this.acknowledged.has(to); to += 1) this.lost.add(to);
      if (this.repeated.has(from) && this.copied + (to - from) <= this.sent / 32) {
        this.copied += to - from;
        for (let at = from; at < to; at += 1) this.copies.add(at);
      }
      from = to;
    }
  }

  get acknowledgedWithoutGap(): number {
    let end = 0;
    while (this.acknowledged.has(end)) end += 1;
    return end;
  }
}

const operation = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), bytes: fc.integer({ min: 0, max: 60 }) }),
  fc.record({ kind: fc.constant('grant' as const), bytes: fc.integer({ min: 0, max: 400 }) }),
  fc.record({ kind: fc.constant('send' as const), bytes: fc.integer({ min: 0, max: 30 }) }),
  fc.record({ kind: fc.constant('acknowledge' as const), bytes: fc.nat(1000) }),
  fc.record({ kind: fc.constant('lose' as const), bytes: fc.nat(1000) }),
);

describe('the sending half of a stream', () => {
  // RUDP-SEND-1, RUDP-SEND-2, RUDP-SEND-3, RUDP-FLOW-1, RUDP-FLOW-2
  test('sends what a byte-by-byte model sends: lost bytes first, acknowledged ones never, none behind the grant', () => {
    checkProperty(
      fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
        const sendStream = stream({ granted: 100 });
        const model = new Model();
        model.granted = 100;
        const packets: Segment[] = [];
        for (const { kind, bytes } of operations) {
          const packet = packets[bytes % Math.max(1, packets.length)];
          if (kind === 'write') {
            expect(sendStream.write(patternAt(model.written, bytes))).toBe(bytes);
            model.written += bytes;
          } else if (kind === 'grant') {
            sendStream.onMaxData(bytes);
            model.granted = Math.max(model.granted, bytes);
          } else if (kind === 'send') {
            const expected = model.next(bytes);
            const segment = take(sendStream, bytes);
            if (segment === undefined) expect(expected).toBeUndefined();
            else {
              expect({ offset: segment.offset, length: segment.length }).toEqual(expected);
              expect(segment.isRepeat).toBe(segment.offset < model.sent);
              model.take(segment);
              packets.push(segment);
            }
          } else if (packet !== undefined && kind === 'acknowledge') {
            sendStream.onAcknowledged(packet.offset, packet.length);
            model.acknowledge(packet);
          } else if (packet !== undefined) {
            sendStream.onLost(packet.offset, packet.length);
            model.lose(packet);
          }
          expect(sendStream.hasSegment).toBe(model.next(1) !== undefined);
          expect(sendStream.acknowledgedBytes).toBe(model.acknowledgedWithoutGap);
        }
      }),
      { runs: 500 },
    );
  });

  // RUDP-FLOW-2
  test('a grant that is lower than the last changes nothing', () => {
    const sendStream = stream({ granted: 0 });
    sendStream.write(patternAt(0, 100));
    sendStream.onMaxData(50);
    sendStream.onMaxData(20);
    expect(take(sendStream, 1000)).toMatchObject({ offset: 0, length: 50 });
  });

  // RUDP-FLOW-1
  test('stops exactly at the grant and says that flow control holds it back', () => {
    const sendStream = stream({ granted: 64 });
    sendStream.write(patternAt(0, 100));
    expect(take(sendStream, 1000)).toMatchObject({ offset: 0, length: 64 });
    expect(take(sendStream, 1000)).toBeUndefined();
    expect(sendStream.isFlowControlled).toBe(true);
    sendStream.onMaxData(65);
    expect(sendStream.isFlowControlled).toBe(false);
    expect(take(sendStream, 1000)).toMatchObject({ offset: 64, length: 1 });
  });

  test('lost bytes go out again although the grant is used up', () => {
    const sendStream = stream({ granted: 64 });
    sendStream.write(patternAt(0, 100));
    take(sendStream, 64);
    sendStream.onLost(10, 5);
    expect(take(sendStream, 1000)).toMatchObject({ offset: 10, length: 5, isRepeat: true });
  });

  // RUDP-SEND-3
  test('what was lost twice goes out in two packets, behind all that is lost', () => {
    const sendStream = stream();
    sendStream.write(patternAt(0, 100_000));
    take(sendStream, 90_000);
    sendStream.onLost(1000, 500);
    expect(take(sendStream, 2000)).toMatchObject({ offset: 1000, length: 500, isRepeat: true });
    expect(take(sendStream, 2000)).toMatchObject({ offset: 90_000, isRepeat: false });
    sendStream.onLost(1000, 500);
    sendStream.onLost(3000, 500);
    expect(take(sendStream, 2000)).toMatchObject({ offset: 1000, length: 500, isRepeat: true });
    expect(take(sendStream, 2000)).toMatchObject({ offset: 3000, length: 500, isRepeat: true });
    expect(take(sendStream, 2000)).toMatchObject({ offset: 1000, length: 500, isRepeat: true });
    expect(take(sendStream, 2000)).toMatchObject({ offset: 92_000, isRepeat: false });
  });

  // RUDP-SEND-3
  test('copies are at most a 32nd of what was sent, and none of what has arrived', () => {
    const sendStream = stream();
    sendStream.write(patternAt(0, 32_000));
    take(sendStream, 32_000);
    for (const offset of [0, 1000, 2000]) sendStream.onLost(offset, 600);
    for (const offset of [0, 1000, 2000]) expect(take(sendStream, 600)).toMatchObject({ offset });
    for (const offset of [0, 1000, 2000]) sendStream.onLost(offset, 500);
    sendStream.onAcknowledged(1000, 600);
    for (const offset of [0, 2000]) expect(take(sendStream, 600)).toMatchObject({ offset, length: 500 });
    expect(take(sendStream, 600)).toMatchObject({ offset: 0, length: 500 });
    expect(take(sendStream, 600)).toBeUndefined();
  });

  // RUDP-SEND-3
  test('once everything has left, what was lost once goes out in two packets, up to a 64th of all', () => {
    const sendStream = stream();
    sendStream.write(patternAt(0, 64_000));
    take(sendStream, 64_000);
    sendStream.onLost(0, 500);
    expect(take(sendStream, 600)).toMatchObject({ offset: 0, length: 500 });
    expect(take(sendStream, 600)).toBeUndefined();
    sendStream.finish();
    for (const offset of [1000, 2000, 3000]) sendStream.onLost(offset, 500);
    for (const offset of [1000, 2000, 3000]) expect(take(sendStream, 600)).toMatchObject({ offset });
    for (const offset of [1000, 2000]) expect(take(sendStream, 600)).toMatchObject({ offset, length: 500 });
    expect(take(sendStream, 600)).toBeUndefined();
  });

  test('takes no more than its buffer holds, and again when the window slides', () => {
    const capacity = 1 << 18;
    const sendStream = stream({ bufferBytesMax: capacity, granted: 1 << 30 });
    expect(sendStream.write(patternAt(0, capacity + 10))).toBe(capacity);
    expect(sendStream.room).toBe(0);
    expect(sendStream.write(patternAt(0, 1))).toBe(0);
    const first = take(sendStream, 1000) as Segment;
    sendStream.onAcknowledged(first.offset, first.length);
    expect(sendStream.room).toBe(1000);
  });

  test('an acknowledgement out of order frees no room, for the window slides over whole runs only', () => {
    const sendStream = stream({ bufferBytesMax: 1 << 18 });
    sendStream.write(patternAt(0, 1 << 18));
    take(sendStream, 100);
    take(sendStream, 100);
    sendStream.onAcknowledged(100, 100);
    expect(sendStream.room).toBe(0);
    sendStream.onAcknowledged(0, 100);
    expect(sendStream.room).toBe(200);
  });

  test('the buffer follows the congestion window up to its cap, and never below its floor', () => {
    const sendStream = stream({ bufferBytesMax: 1 << 20 });
    expect(sendStream.room).toBe(1 << 18);
    const fit = (congestionWindow: number, isLossy: boolean) =>
      sendStream.fitTo({ congestionWindow, pacingRate: Number.POSITIVE_INFINITY }, { isLossy });
    fit(100_000, false);
    expect(sendStream.room).toBe(300_000);
    fit(100_000, true);
    expect(sendStream.room).toBe(800_000);
    fit(1 << 30, false);
    expect(sendStream.room).toBe(1 << 20);
    fit(1, true);
    expect(sendStream.room).toBe(1 << 18);
  });

  test('what was never sent is at most 50 ms of the pacing rate, and sending makes room', () => {
    const sendStream = stream({ bufferBytesMax: 1 << 24 });
    const rate = { congestionWindow: 1 << 22, pacingRate: 8e6 };
    sendStream.fitTo(rate, { isLossy: false });
    expect(sendStream.room).toBe(400_000);
    sendStream.write(patternAt(0, 400_000));
    expect(sendStream.room).toBe(0);
    take(sendStream, 1_000);
    expect(sendStream.room).toBe(1_000);
    sendStream.fitTo({ ...rate, pacingRate: 0 }, { isLossy: false });
    expect(sendStream.room).toBe(0);
  });

  test('takes nothing after finish()', () => {
    const sendStream = stream();
    sendStream.write(patternAt(0, 10));
    sendStream.finish();
    expect(sendStream.write(patternAt(10, 10))).toBe(0);
    expect(sendStream.writtenBytes).toBe(10);
  });
});

/** A source with so many bytes of the pattern, at most `pieceBytesMax` at a time, and what it was asked for. */
function patternSource(byteLength: number, pieceBytesMax = Number.POSITIVE_INFINITY) {
  let given = 0;
  const asked: number[] = [];
  const read = (target: Uint8Array): number | undefined => {
    asked.push(target.length);
    if (given === byteLength) return undefined;
    const count = Math.min(target.length, byteLength - given, pieceBytesMax);
    target.set(patternAt(given, count));
    given += count;
    return count;
  };
  return { read, asked };
}

describe('a source', () => {
  const BLOCK_BYTES = 65_536;

  test('is asked when bytes can leave, for a block at a time', () => {
    const sendStream = stream();
    const source = patternSource(200_000);
    sendStream.sendFrom(source);
    expect(source.asked).toEqual([]);
    for (let sent = 0; sent < 100_000; sent += 1_000) {
      sendStream.refill(1_000);
      expect(take(sendStream, 1_000)).toMatchObject({ offset: sent, length: 1_000 });
    }
    expect(source.asked).toEqual([BLOCK_BYTES, BLOCK_BYTES]);
  });

  test('that gives little is asked until a packet is full, or it has nothing', () => {
    const sendStream = stream();
    const source = patternSource(950, 100);
    sendStream.sendFrom(source);
    sendStream.refill(500);
    expect(source.asked).toHaveLength(5);
    sendStream.refill(10_000);
    expect(source.asked).toHaveLength(11);
    expect(take(sendStream, 10_000)).toMatchObject({ offset: 0, length: 950 });
  });

  test('that has nothing now is asked again when it is said to have something', () => {
    const sendStream = stream();
    let calls = 0;
    const read = (target: Uint8Array) => {
      calls += 1;
      if (calls < 3) return 0;
      target.set(patternAt(0, 10));
      return 10;
    };
    sendStream.sendFrom({ read });
    sendStream.refill(10);
    sendStream.refill(10);
    expect([calls, sendStream.hasSegment, sendStream.isFinishing]).toEqual([1, false, false]);
    sendStream.sendFrom({ read });
    sendStream.refill(10);
    expect([calls, sendStream.hasSegment]).toEqual([2, false]);
    sendStream.sendFrom({ read });
    sendStream.refill(10);
    expect(take(sendStream, 10)).toMatchObject({ offset: 0, length: 10 });
  });

  // RUDP-CLOSE-1
  test('is followed by a FIN, which the packet of its last bytes may take', () => {
    const sendStream = stream();
    sendStream.sendFrom(patternSource(300));
    sendStream.refill(1_000);
    expect(sendStream.isFinishing).toBe(true);
    expect(sendStream.isFinWithin(300)).toBe(true);
    take(sendStream, 1_000);
    expect(sendStream.isFinDue).toBe(true);
    expect(sendStream.writtenBytes).toBe(300);
  });

  // RUDP-SEND-2
  test('is not needed for what was lost, and fills the buffer no further than its bound', () => {
    const capacity = 1 << 18;
    const sendStream = stream({ bufferBytesMax: capacity, granted: 1 << 30 });
    const source = patternSource(1 << 20);
    sendStream.sendFrom(source);
    for (let at = 0; at < capacity; at += 1024) {
      sendStream.refill(1024);
      take(sendStream, 1024);
    }
    const askedBefore = source.asked.length;
    sendStream.refill(1024);
    expect(source.asked).toHaveLength(askedBefore);
    expect(sendStream.hasSegment).toBe(false);
    sendStream.onLost(2048, 1024);
    expect(take(sendStream, 1024)).toMatchObject({ offset: 2048, length: 1024, isRepeat: true });
    sendStream.onAcknowledged(0, 1024);
    sendStream.refill(1024);
    expect(source.asked).toHaveLength(askedBefore + 1);
  });

  test('costs no new memory although all in flight is acknowledged at once, and what a burst took is given back', () => {
    let allocated = 0;
    const sendStream = new SendStream({
      bufferBytesMax: 1 << 24,
      initialMaxData: 1e9,
      allocate: (byteLength) => {
        allocated += 1;
        return new Uint8Array(byteLength);
      },
    });
    sendStream.fitTo({ congestionWindow: 1 << 22, pacingRate: 1e9 }, { isLossy: false });
    sendStream.sendFrom({ read: (target) => target.length });
    const fly = (blocks: number): void => {
      const start = sendStream.acknowledgedBytes;
      for (let block = 0; block < blocks; block += 1) {
        sendStream.refill(BLOCK_BYTES);
        sendStream.nextSegment(BLOCK_BYTES);
        sendStream.takeSegment(new Uint8Array(BLOCK_BYTES), 0);
      }
      sendStream.onAcknowledged(start, blocks * BLOCK_BYTES);
    };
    fly(20);
    const atFirst = allocated;
    for (let flight = 0; flight < 64; flight += 1) fly(8);
    expect([atFirst, allocated]).toEqual([20, 20]);
    expect(sendStream.bufferBytesHeld).toBe(8 * BLOCK_BYTES);
    sendStream.sendFrom({ read: () => 0 });
    sendStream.refill(1);
    expect(sendStream.bufferBytesHeld).toBeLessThan(5 * BLOCK_BYTES);
  });
});

describe('the end of the stream', () => {
  // RUDP-CLOSE-1
  test('FIN is due once every byte has left once, lost or not', () => {
    const sendStream = stream();
    sendStream.write(patternAt(0, 20));
    sendStream.finish();
    expect(sendStream.isFinDue).toBe(false);
    take(sendStream, 10);
    sendStream.onLost(0, 10);
    expect(sendStream.isFinDue).toBe(false);
    take(sendStream, 10);
    take(sendStream, 10);
    sendStream.onLost(0, 10);
    expect(sendStream.isFinDue).toBe(true);
  });

  // RUDP-CLOSE-1
  test('an empty stream has its FIN due at once', () => {
    const sendStream = stream({ granted: 0 });
    expect(sendStream.isFinDue).toBe(false);
    sendStream.finish();
    expect(sendStream.isFinDue).toBe(true);
  });

  // RUDP-CLOSE-1
  test('FIN goes again when it was lost, and never once it was acknowledged', () => {
    const sendStream = stream();
    sendStream.finish();
    sendStream.onFinSent();
    expect(sendStream.isFinDue).toBe(false);
    sendStream.onFinLost();
    expect(sendStream.isFinDue).toBe(true);
    sendStream.onFinSent();
    sendStream.onFinAcknowledged();
    sendStream.onFinLost();
    expect(sendStream.isFinDue).toBe(false);
    expect(sendStream.isFinished).toBe(true);
  });

  test('is finished only when FIN and every byte are acknowledged, in whatever order', () => {
    const sendStream = stream();
    sendStream.write(patternAt(0, 20));
    sendStream.finish();
    take(sendStream, 10);
    take(sendStream, 10);
    sendStream.onFinSent();
    sendStream.onFinAcknowledged();
    expect(sendStream.isFinished).toBe(false);
    sendStream.onAcknowledged(10, 10);
    expect(sendStream.isFinished).toBe(false);
    sendStream.onAcknowledged(0, 10);
    expect(sendStream.isFinished).toBe(true);
  });
});
