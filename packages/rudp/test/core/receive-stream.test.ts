import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REASSEMBLY_RANGES_MAX } from '../../src/core/limits.ts';
import { ProtocolViolationError, ResetCode } from '../../src/core/states/connection-end.ts';
import { ReceiveStream } from '../../src/core/stream/receive-stream.ts';
import { patternAt } from '../support/pattern.ts';
import { checkProperty } from '../support/properties.ts';

const STREAM_BYTES = 400;

function readAll(stream: ReceiveStream, chunkBytes = 1 << 16): Uint8Array {
  const parts: Uint8Array[] = [];
  for (;;) {
    const target = new Uint8Array(chunkBytes);
    const count = stream.read(target);
    if (count === 0) return new Uint8Array(Buffer.concat(parts));
    parts.push(target.subarray(0, count));
  }
}

/** A sink that fails when a byte comes twice or is wrong. */
class CheckingSink {
  readonly seen = new Set<number>();

  write(offset: number, bytes: Uint8Array): void {
    expect(bytes).toEqual(patternAt(offset, bytes.length));
    for (let at = offset; at < offset + bytes.length; at += 1) {
      expect(this.seen.has(at)).toBe(false);
      this.seen.add(at);
    }
  }
}

const segments = fc.array(
  fc.record({
    offset: fc.integer({ min: 0, max: STREAM_BYTES }),
    length: fc.integer({ min: 0, max: 60 }),
    readBytes: fc.integer({ min: 0, max: 80 }),
  }),
  { maxLength: 60 },
);

function resetCodeOf(action: () => void): number | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof ProtocolViolationError) return error.resetCode;
    throw error;
  }
  return undefined;
}

describe('in order', () => {
  // RUDP-RECV-1
  test('delivers each byte once and in order, whatever the order, overlap and repetition of the segments', () => {
    checkProperty(
      fc.property(segments, (arrivals) => {
        const stream = new ReceiveStream();
        const arrived = new Set<number>();
        let delivered = 0;
        for (const { offset, length, readBytes } of arrivals) {
          const bytes = patternAt(offset, length);
          expect(stream.handleSegment(offset, bytes, 2 * STREAM_BYTES)).toBe(true);
          for (let at = offset; at < offset + length; at += 1) arrived.add(at);
          let contiguous = 0;
          while (arrived.has(contiguous)) contiguous += 1;
          expect(stream.contiguousBytes).toBe(contiguous);
          expect(stream.readableBytes).toBe(contiguous - delivered);
          const target = new Uint8Array(readBytes);
          const count = stream.read(target);
          expect(count).toBe(Math.min(readBytes, contiguous - delivered));
          expect(target.subarray(0, count)).toEqual(patternAt(delivered, count));
          delivered += count;
          expect(stream.consumedEnd).toBe(delivered);
        }
      }),
      { runs: 500 },
    );
  });

  // RUDP-RECV-1
  test('gives chunks away that nothing touches any more, in turn with copies', () => {
    checkProperty(
      fc.property(segments, (arrivals) => {
        const stream = new ReceiveStream();
        const pieces: Uint8Array[] = [];
        for (const { offset, length, readBytes } of arrivals) {
          stream.handleSegment(offset, patternAt(offset, length), 2 * STREAM_BYTES);
          const chunk = readBytes % 2 === 0 ? stream.readChunk() : undefined;
          const copy = new Uint8Array(readBytes >> 2);
          pieces.push(chunk ?? copy.subarray(0, stream.read(copy)));
        }
        for (let chunk = stream.readChunk(); chunk !== undefined; chunk = stream.readChunk())
          pieces.push(chunk);
        const bytes = new Uint8Array(Buffer.concat(pieces));
        expect(bytes).toEqual(patternAt(0, stream.contiguousBytes));
        expect(stream.consumedEnd).toBe(bytes.length);
      }),
      { runs: 500 },
    );
  });

  // RUDP-RECV-1
  test('keeps what arrives out of order until the gap is filled', () => {
    const stream = new ReceiveStream();
    stream.handleSegment(10, patternAt(10, 10), 100);
    expect(readAll(stream)).toHaveLength(0);
    stream.handleSegment(0, patternAt(0, 10), 100);
    expect(readAll(stream)).toEqual(patternAt(0, 20));
  });

  test('grows for a far segment without losing what it holds', () => {
    const stream = new ReceiveStream();
    const far = 3 << 20;
    stream.handleSegment(5, patternAt(5, 100), 1 << 24);
    stream.handleSegment(far, patternAt(far, 100), 1 << 24);
    stream.handleSegment(0, patternAt(0, 5), 1 << 24);
    expect(readAll(stream)).toEqual(patternAt(0, 105));
    for (let at = 105; at < far; at += 65_535) {
      stream.handleSegment(at, patternAt(at, Math.min(65_535, far - at)), 1 << 24);
    }
    const rest = readAll(stream);
    expect(rest.length).toBe(far + 100 - 105);
    expect(Buffer.compare(rest, patternAt(105, rest.length))).toBe(0);
  });
});

describe('in positional mode', () => {
  // RUDP-RECV-1
  test('gives the sink each byte once, whatever the order, overlap and repetition of the segments', () => {
    checkProperty(
      fc.property(segments, fc.nat(60), (arrivals, switchAt) => {
        const stream = new ReceiveStream();
        const sink = new CheckingSink();
        const arrived = new Set<number>();
        arrivals.forEach(({ offset, length }, index) => {
          if (index === switchAt) stream.receiveInto(sink);
          stream.handleSegment(offset, patternAt(offset, length), 2 * STREAM_BYTES);
          for (let at = offset; at < offset + length; at += 1) arrived.add(at);
        });
        if (arrivals.length <= switchAt) stream.receiveInto(sink);
        expect([...sink.seen].sort((a, b) => a - b)).toEqual([...arrived].sort((a, b) => a - b));
        expect(stream.readableBytes).toBe(0);
      }),
      { runs: 300 },
    );
  });

  test('what was read before the switch does not go to the sink', () => {
    const stream = new ReceiveStream();
    stream.handleSegment(0, patternAt(0, 20), 100);
    stream.handleSegment(30, patternAt(30, 10), 100);
    stream.read(new Uint8Array(15));
    const sink = new CheckingSink();
    stream.receiveInto(sink);
    expect([...sink.seen]).toEqual([15, 16, 17, 18, 19, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
  });

  test('holes do not hold the window back, for they cost no memory', () => {
    const stream = new ReceiveStream();
    stream.receiveInto(new CheckingSink());
    stream.handleSegment(50, patternAt(50, 10), 100);
    expect(stream.consumedEnd).toBe(60);
  });
});

describe('the end of the stream', () => {
  test('is complete when the FIN and every byte have arrived, in whatever order, and read when they were read', () => {
    const stream = new ReceiveStream();
    stream.handleFin(20);
    expect([stream.isComplete, stream.finalSize]).toEqual([false, 20]);
    stream.handleSegment(10, patternAt(10, 10), 100);
    expect(stream.isComplete).toBe(false);
    stream.handleSegment(0, patternAt(0, 10), 100);
    expect([stream.isComplete, stream.isRead]).toEqual([true, false]);
    readAll(stream);
    expect(stream.isRead).toBe(true);
  });

  test('an empty stream is complete and read with its FIN', () => {
    const stream = new ReceiveStream();
    stream.handleFin(0);
    expect([stream.isComplete, stream.isRead]).toEqual([true, true]);
  });

  // RUDP-CLOSE-2
  test('a repeated FIN is fine, another final size is not', () => {
    const stream = new ReceiveStream();
    stream.handleFin(20);
    expect(resetCodeOf(() => stream.handleFin(20))).toBeUndefined();
    expect(resetCodeOf(() => stream.handleFin(21))).toBe(ResetCode.finalSizeChanged);
    expect(resetCodeOf(() => stream.handleFin(19))).toBe(ResetCode.finalSizeChanged);
  });

  // RUDP-CLOSE-2
  test('a final size at the last byte is fine, below it is not', () => {
    const atEnd = new ReceiveStream();
    atEnd.handleSegment(10, patternAt(10, 10), 100);
    expect(resetCodeOf(() => atEnd.handleFin(20))).toBeUndefined();
    const below = new ReceiveStream();
    below.handleSegment(10, patternAt(10, 10), 100);
    expect(resetCodeOf(() => below.handleFin(19))).toBe(ResetCode.finalSizeChanged);
  });

  // RUDP-CLOSE-2
  test('a segment without bytes is no byte that came: a final size below it is fine', () => {
    const stream = new ReceiveStream();
    expect(stream.handleSegment(30, patternAt(30, 0), 100)).toBe(true);
    expect([stream.highestEnd, stream.contiguousBytes]).toEqual([0, 0]);
    expect(resetCodeOf(() => stream.handleFin(20))).toBeUndefined();
    expect(resetCodeOf(() => stream.handleSegment(21, patternAt(21, 0), 100))).toBe(
      ResetCode.finalSizeChanged,
    );
  });

  // RUDP-CLOSE-2
  test('bytes up to the final size are fine, bytes behind it are not', () => {
    const stream = new ReceiveStream();
    stream.handleFin(20);
    expect(resetCodeOf(() => stream.handleSegment(15, patternAt(15, 5), 100))).toBeUndefined();
    expect(resetCodeOf(() => stream.handleSegment(15, patternAt(15, 6), 100))).toBe(
      ResetCode.finalSizeChanged,
    );
  });
});

describe('limits', () => {
  // RUDP-FLOW-3
  test('bytes up to the grant are fine, one more is not', () => {
    const stream = new ReceiveStream();
    expect(resetCodeOf(() => stream.handleSegment(90, patternAt(90, 10), 100))).toBeUndefined();
    expect(resetCodeOf(() => stream.handleSegment(91, patternAt(91, 10), 100))).toBe(
      ResetCode.flowControlExceeded,
    );
    expect(resetCodeOf(() => stream.handleSegment(Number.MAX_SAFE_INTEGER, patternAt(0, 1), 100))).toBe(
      ResetCode.flowControlExceeded,
    );
  });

  // RUDP-RECV-1
  test('drops a segment that would make one hole too many, and takes the one that fills the first', () => {
    const stream = new ReceiveStream();
    const grant = 4 * REASSEMBLY_RANGES_MAX;
    for (let index = 1; index <= REASSEMBLY_RANGES_MAX; index += 1) {
      expect(stream.handleSegment(2 * index, patternAt(2 * index, 1), grant)).toBe(true);
    }
    const behind = 2 * REASSEMBLY_RANGES_MAX + 2;
    expect(stream.handleSegment(behind, patternAt(behind, 1), grant)).toBe(false);
    expect(stream.highestEnd).toBe(behind - 1);
    expect(stream.handleSegment(0, patternAt(0, 2), grant)).toBe(true);
    expect(stream.contiguousBytes).toBe(3);
    expect(stream.handleSegment(3, patternAt(3, 1), grant)).toBe(true);
    expect(stream.handleSegment(behind, patternAt(behind, 1), grant)).toBe(true);
  });
});
