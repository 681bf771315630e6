import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvariantError } from '../../src/core/structures/invariant.ts';
import { RingBuffer } from '../../src/core/structures/ring-buffer.ts';
import { patternAt } from '../support/pattern.ts';
import { checkProperty } from '../support/properties.ts';

function read(ring: RingBuffer, offset: number, length: number): Uint8Array {
  const target = new Uint8Array(length + 2);
  ring.read(offset, length, target, 1);
  expect([target[0], target[length + 1]]).toEqual([0, 0]);
  return target.subarray(1, length + 1);
}

test('keeps every byte of its window through sliding, wrapping and growing', () => {
  const step = fc.record({
    slide: fc.integer({ min: 0, max: 20 }),
    write: fc.integer({ min: 0, max: 40 }),
  });
  checkProperty(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const ring = new RingBuffer(8);
      let end = 0;
      for (const { slide, write } of steps) {
        ring.advanceTo(Math.min(end, ring.base + slide));
        ring.ensure(end + write);
        ring.write(end, patternAt(end, write));
        end += write;
        expect(read(ring, ring.base, end - ring.base)).toEqual(patternAt(ring.base, end - ring.base));
        expect(ring.capacity).toBeGreaterThanOrEqual(end - ring.base);
      }
    }),
  );
});

test('writes out of order land at their offsets', () => {
  const ring = new RingBuffer(16);
  ring.ensure(10);
  ring.write(0, patternAt(0, 10));
  ring.advanceTo(10);
  ring.ensure(40);
  ring.write(30, patternAt(30, 10));
  ring.write(10, patternAt(10, 20));
  expect(read(ring, 10, 30)).toEqual(patternAt(10, 30));
});

test('takes no memory before it is needed, then grows by doubling', () => {
  const ring = new RingBuffer(16);
  expect(ring.capacity).toBe(0);
  ring.ensure(16);
  expect(ring.capacity).toBe(16);
  ring.ensure(17);
  expect(ring.capacity).toBe(32);
  ring.advanceTo(17);
  ring.ensure(49);
  expect(ring.capacity).toBe(32);
  ring.ensure(200);
  expect(ring.capacity).toBe(256);
});

test('an access outside of the window is a bug', () => {
  const ring = new RingBuffer(16);
  ring.ensure(1);
  ring.advanceTo(4);
  expect(() => ring.write(3, new Uint8Array(1))).toThrow(InvariantError);
  expect(() => ring.write(20, new Uint8Array(1))).toThrow(InvariantError);
  expect(() => ring.write(19, new Uint8Array(1))).not.toThrow();
  expect(() => read(ring, 3, 1)).toThrow(InvariantError);
  expect(() => read(ring, 19, 2)).toThrow(InvariantError);
  expect(() => ring.advanceTo(3)).toThrow(InvariantError);
});

test('offsets beyond 2^32 are offsets like others', () => {
  const far = 2 ** 40 + 3;
  const ring = new RingBuffer(16);
  ring.advanceTo(far);
  ring.ensure(far + 12);
  ring.write(far, patternAt(5, 12));
  ring.advanceTo(far + 7);
  ring.ensure(far + 40);
  ring.write(far + 12, patternAt(17, 28));
  expect(read(ring, far + 7, 33)).toEqual(patternAt(12, 33));
});
