import { expect, test } from 'vitest';
import { ByteWriter } from '../src/byte-writer.ts';

test('runs that are finished stay as they are while others are written', () => {
  const writer = new ByteWriter(4);
  writer.u16(0x0102);
  const first = writer.finish();
  writer.u32(0x03040506);
  writer.u32(0x0708090a);
  const second = writer.finish();
  writer.u16(0x0b0c);
  writer.setU16(0, 0x0d0e);
  expect([...first]).toEqual([1, 2]);
  expect([...second]).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
  expect([...writer.finish()]).toEqual([0x0d, 0x0e]);
});

test('what was discarded is in no run', () => {
  const writer = new ByteWriter(4);
  writer.u8(1);
  writer.discard();
  writer.u8(2);
  expect([...writer.finish()]).toEqual([2]);
});

test('a text is written after its length when it is ASCII, and not at all when it is not', () => {
  const writer = new ByteWriter(1);
  expect(writer.asciiText('a~')).toBe(true);
  expect(writer.asciiText('aé')).toBe(false);
  expect(writer.asciiText('')).toBe(true);
  expect([...writer.finish()]).toEqual([0, 2, 0x61, 0x7e, 0, 0]);
});
