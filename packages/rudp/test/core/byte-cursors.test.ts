import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader, MalformedPacketError } from '../../src/core/structures/byte-reader.ts';
import { ByteWriter, uintBytes, VARINT_MAX, varintBytes } from '../../src/core/structures/byte-writer.ts';
import { InvariantError } from '../../src/core/structures/invariant.ts';
import { fromHex, toHex } from '../support/bytes.ts';
import { checkProperty } from '../support/properties.ts';

function written(write: (writer: ByteWriter) => void): string {
  const writer = new ByteWriter(new Uint8Array(64));
  write(writer);
  return toHex(writer.bytes.subarray(0, writer.position));
}

describe('integers of some bytes', () => {
  test.each([
    [0, ''],
    [1, '01'],
    [0xff, 'ff'],
    [0x100, '0100'],
    [0xffff, 'ffff'],
    [0x1_0000, '010000'],
    [0xff_ffff, 'ffffff'],
    [0x100_0000, '01000000'],
    [0x8000_0000, '80000000'],
    [0xffff_ffff, 'ffffffff'],
    [0x1_0000_0000, '0100000000'],
    [0xfedc_ba98_76, 'fedcba9876'],
    [2 ** 48 - 1, 'ffffffffffff'],
    [VARINT_MAX, '1fffffffffffff'],
  ])('%d is %s', (value, digits) => {
    expect(uintBytes(value)).toBe(digits.length / 2);
    expect(written((writer) => writer.uint(value, uintBytes(value)))).toBe(digits);
    expect(new ByteReader(fromHex(digits)).uint(digits.length / 2)).toBe(value);
  });

  test('keep their low bytes in fewer than they need, and read back from more', () => {
    expect(written((writer) => writer.uint(0x1234_5678_9a, 2))).toBe('789a');
    expect(written((writer) => writer.uint(7, 6))).toBe('000000000007');
    expect(new ByteReader(fromHex('000000000007')).uint(6)).toBe(7);
  });

  test.each(['20000000000000', 'ffffffffffffff'])('%s is above 2^53 - 1', (digits) => {
    expect(() => new ByteReader(fromHex(digits)).uint(7)).toThrow(MalformedPacketError);
  });
});

describe('variable-length integers', () => {
  // RFC 9000, appendix A.1. Its 8-byte example is above 2^53 and has a test of its own.
  test.each([
    ['25', 37],
    ['7bbd', 15_293],
    ['9d7f3e7d', 494_878_333],
  ])('reads and writes the example %s of RFC 9000 as %d', (digits, value) => {
    expect(new ByteReader(fromHex(digits)).varint()).toBe(value);
    expect(written((writer) => writer.varint(value))).toBe(digits);
    expect(varintBytes(value)).toBe(digits.length / 2);
  });

  test('reads the two-byte form of 37, as RFC 9000 allows', () => {
    expect(new ByteReader(fromHex('4025')).varint()).toBe(37);
  });

  test.each([
    [0, '00'],
    [0x3f, '3f'],
    [0x40, '4040'],
    [0x3fff, '7fff'],
    [0x4000, '80004000'],
    [0x3fff_ffff, 'bfffffff'],
    [0x4000_0000, 'c000000040000000'],
    [0xffff_ffff, 'c0000000ffffffff'],
    [0x1_0000_0000, 'c000000100000000'],
    [VARINT_MAX, 'c01fffffffffffff'],
  ])('has the boundary %d as %s', (value, digits) => {
    expect(written((writer) => writer.varint(value))).toBe(digits);
    expect(new ByteReader(fromHex(digits)).varint()).toBe(value);
  });

  test.each(['c020000000000000', 'c2197c5eff14e88c', 'ffffffffffffffff'])(
    'refuses %s, which is above 2^53 - 1',
    (digits) => {
      expect(() => new ByteReader(fromHex(digits)).varint()).toThrow(MalformedPacketError);
    },
  );

  test('a value above 2^53 - 1 is a bug of the writer', () => {
    expect(() => written((writer) => writer.varint(VARINT_MAX + 1))).toThrow(InvariantError);
  });

  test('what was written is read back, in as many bytes as announced', () => {
    checkProperty(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 0, max: 52 }), (large, shift) => {
        const value = Math.floor(large / 2 ** shift);
        const writer = new ByteWriter(new Uint8Array(8));
        writer.varint(value);
        expect(writer.position).toBe(varintBytes(value));
        expect(new ByteReader(writer.bytes).varint()).toBe(value);
      }),
    );
  });

  test.each(['', '40', '9d7f3e', 'c000000040000000'.slice(0, 14)])('refuses the cut-off %s', (digits) => {
    expect(() => new ByteReader(fromHex(digits)).varint()).toThrow(MalformedPacketError);
  });
});

describe('the cursors', () => {
  test('write big-endian integers, bytes and zeros', () => {
    const digits = written((writer) => {
      writer.u8(0x01);
      writer.u16(0x0203);
      writer.u32(0xf4050607);
      writer.raw(fromHex('0809'));
      writer.zerosTo(12);
      writer.u16At(1, 0xaabb);
    });
    expect(digits).toBe('01aabbf40506070809000000');
  });

  test('read what was written, from a view that does not begin at its buffer', () => {
    const reader = new ByteReader(fromHex('ffff 01 0203 f4050607 0809 ff').subarray(2), 0, 9);
    expect([reader.u8(), reader.u16(), reader.u32()]).toEqual([0x01, 0x0203, 0xf4050607]);
    expect(toHex(reader.raw(2))).toBe('0809');
    expect(reader.remaining).toBe(0);
  });

  test('never read behind the limit, though there are bytes', () => {
    const bytes = new Uint8Array(16);
    expect(() => new ByteReader(bytes, 4, 4).u8()).toThrow(MalformedPacketError);
    expect(() => new ByteReader(bytes, 4, 5).u16()).toThrow(MalformedPacketError);
    expect(() => new ByteReader(bytes, 4, 7).u32()).toThrow(MalformedPacketError);
    expect(() => new ByteReader(bytes, 4, 7).raw(4)).toThrow('expected 4 more bytes, found 3');
    expect(new ByteReader(bytes, 4, 7).raw(3)).toHaveLength(3);
  });

  test('a read that fails does not move the cursor', () => {
    const reader = new ByteReader(fromHex('0102'));
    expect(() => reader.u32()).toThrow(MalformedPacketError);
    expect(reader.u16()).toBe(0x0102);
  });
});
