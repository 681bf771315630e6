import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BlockBuffer } from '../../src/core/structures/block-buffer.ts';
import { InvariantError } from '../../src/core/structures/invariant.ts';
import { patternAt } from '../support/pattern.ts';
import { checkProperty } from '../support/properties.ts';

const BLOCK_BYTES = 65_536;
const allocate = (byteLength: number) => new Uint8Array(byteLength);

/** Takes everything up to `end`, piece by piece. */
function takeAll(buffer: BlockBuffer, offset: number, end: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = offset; at < end; at += (pieces.at(-1) as Uint8Array).length)
    pieces.push(buffer.take(at, end));
  return pieces;
}

/** Reads into the middle of a buffer, and sees that nothing beside it is touched. */
function read(buffer: BlockBuffer, offset: number, length: number): Buffer {
  const target = Buffer.alloc(length + 2);
  buffer.read(offset, length, target, 1);
  expect([target[0], target[length + 1]]).toEqual([0, 0]);
  return target.subarray(1, length + 1);
}

test('gives every byte away once, and never touches it again', () => {
  const step = fc.record({
    write: fc.integer({ min: 0, max: 180_000 }),
    take: fc.integer({ min: 0, max: 180_000 }),
  });
  checkProperty(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const buffer = new BlockBuffer(allocate);
      const pieces: Uint8Array[] = [];
      let [taken, written] = [0, 0];
      for (const { write, take } of steps) {
        buffer.write(written, patternAt(written, write));
        written += write;
        const end = Math.min(written, taken + take);
        pieces.push(...takeAll(buffer, taken, end));
        taken = end;
        expect(buffer.capacity).toBeLessThan(written - taken + 2 * BLOCK_BYTES);
      }
      expect(Buffer.concat(pieces).equals(patternAt(0, taken))).toBe(true);
    }),
  );
});

test('writes out of order land at their offsets, and a hole takes no memory', () => {
  const buffer = new BlockBuffer(allocate);
  expect(buffer.capacity).toBe(0);
  buffer.write(10 * BLOCK_BYTES - 5, patternAt(10 * BLOCK_BYTES - 5, 10));
  expect(buffer.capacity).toBe(2 * BLOCK_BYTES);
  buffer.write(0, patternAt(0, 10));
  expect(buffer.capacity).toBe(3 * BLOCK_BYTES);
  const start = 10 * BLOCK_BYTES - 5;
  expect(takeAll(buffer, 0, 10)).toEqual([patternAt(0, 10)]);
  expect(takeAll(buffer, start, start + 10)).toEqual([patternAt(start, 5), patternAt(start + 5, 5)]);
});

test('what is given away is not copied: pieces of one block share its memory', () => {
  const buffer = new BlockBuffer(allocate);
  buffer.write(0, patternAt(0, 100));
  const first = buffer.take(0, 60);
  buffer.write(100, patternAt(100, 100));
  const second = buffer.take(60, 200);
  expect(second.buffer).toBe(first.buffer);
  expect([first, second]).toEqual([patternAt(0, 60), patternAt(60, 140)]);
});

test('what was not released is read as often as wanted, and blocks that were released are used again', () => {
  const step = fc.record({
    write: fc.integer({ min: 0, max: 400_000 }),
    release: fc.integer({ min: 0, max: 400_000 }),
  });
  checkProperty(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let allocated = 0;
      const buffer = new BlockBuffer((byteLength) => {
        allocated += 1;
        return new Uint8Array(byteLength);
      });
      let [base, written, blocksMax] = [0, 0, 0];
      for (const { write, release } of steps) {
        buffer.write(written, patternAt(written, write));
        written += write;
        blocksMax = Math.max(blocksMax, (written - base) / BLOCK_BYTES + 2);
        expect(read(buffer, base, written - base).equals(patternAt(base, written - base))).toBe(true);
        base = Math.min(written, base + release);
        buffer.release(base);
        const held = written - base + 2 * BLOCK_BYTES;
        expect(buffer.capacity).toBeLessThan(held + Math.max(held, 2 * BLOCK_BYTES));
        expect(read(buffer, base, written - base).equals(patternAt(base, written - base))).toBe(true);
      }
      if (steps.every(({ release }) => release < 2 * BLOCK_BYTES))
        expect(allocated).toBeLessThan(blocksMax + 4);
    }),
  );
});

test('reading what was released, or never written, is a bug', () => {
  const buffer = new BlockBuffer(allocate);
  expect(() => read(buffer, 0, 1)).toThrow(InvariantError);
  buffer.write(0, patternAt(0, 2 * BLOCK_BYTES));
  buffer.release(BLOCK_BYTES);
  expect(() => read(buffer, 0, 1)).toThrow(InvariantError);
  expect(read(buffer, BLOCK_BYTES, 1)).toEqual(Buffer.from(patternAt(BLOCK_BYTES, 1)));
});

test('offsets beyond 2^32 are offsets like others', () => {
  const far = 2 ** 34 - 3;
  const buffer = new BlockBuffer(allocate);
  buffer.write(far, patternAt(5, 12));
  expect(takeAll(buffer, far, far + 12)).toEqual([patternAt(5, 3), patternAt(8, 9)]);
});

test('taking what has not arrived is a bug', () => {
  const buffer = new BlockBuffer(allocate);
  expect(() => buffer.take(0, 1)).toThrow(InvariantError);
  buffer.write(0, patternAt(0, 1));
  expect(() => buffer.take(0, 0)).toThrow(InvariantError);
});
