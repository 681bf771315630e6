import { describe, expect, test } from 'vitest';
import { ByteReader } from '../src/byte-reader.ts';
import { ByteWriter } from '../src/byte-writer.ts';
import {
  branded,
  brief,
  bytes,
  enumeration,
  type Field,
  type FieldsValue,
  fieldsBytesMax,
  list,
  optional,
  readFields,
  record,
  refined,
  shownText,
  text,
  u8,
  u16,
  u32,
  u53,
  unlessEmpty,
  varint,
  writeFields,
} from '../src/fields.ts';
import { fromHex, toHex } from './support.ts';

function encode<T>(field: Field<T>, value: T): string {
  const writer = new ByteWriter(1);
  field.write(writer, value);
  expect(writer.length).toBeLessThanOrEqual(field.bytesMax);
  return toHex(writer.finish());
}

const decode = <T>(field: Field<T>, hex: string): T => field.read(new ByteReader(fromHex(hex)));
const withCode = (name: string, code: string) => expect.objectContaining({ name, code });

// CHAT-FIELD-1
describe.each([
  ['u8', u8, 255, 'ff'],
  ['u16', u16, 65_535, 'ffff'],
  ['u32', u32, 4_294_967_295, 'ffffffff'],
  ['u53', u53, Number.MAX_SAFE_INTEGER, '001fffffffffffff'],
] as const)('%s', (_name, field, max, hex) => {
  test('holds whole numbers from 0 to its limit', () => {
    expect(encode(field, max)).toBe(hex);
    expect(decode(field, hex)).toBe(max);
    expect(encode(field, 0)).toBe('00'.repeat(hex.length / 2));
    for (const value of [max + 1, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => encode(field, value)).toThrow(withCode('EncodeError', 'value-too-large'));
    }
  });
});

// CHAT-FIELD-1
test('a u53 above 2^53 - 1 is an error', () => {
  expect(() => decode(u53, '0020000000000000')).toThrow(withCode('DecodeError', 'value-too-large'));
  expect(() => decode(u53, 'ffffffffffffffff')).toThrow(withCode('DecodeError', 'value-too-large'));
});

// CHAT-FIELD-10
describe('a varint', () => {
  test.each([
    [0, '00'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [16_383, 'ff7f'],
    [0x7fff_ffff, 'ffffffff07'],
    [0x8000_0000, '8080808008'],
    [Number.MAX_SAFE_INTEGER, 'ffffffffffffff0f'],
  ])('of %d has the bytes %s', (value, hex) => {
    expect(encode(varint, value)).toBe(hex);
    expect(decode(varint, hex)).toBe(value);
  });

  test('holds whole numbers from 0 to 2^53 - 1', () => {
    for (const value of [2 ** 53, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => encode(varint, value)).toThrow(withCode('EncodeError', 'value-too-large'));
    }
    for (const hex of ['8080808080808010', 'ffffffffffffff7f', '808080808080808001']) {
      expect(() => decode(varint, hex)).toThrow(withCode('DecodeError', 'value-too-large'));
    }
  });

  test('that is longer than it has to be, or has no end, is an error', () => {
    for (const hex of ['8000', 'ff00', '80808000']) {
      expect(() => decode(varint, hex)).toThrow(withCode('DecodeError', 'value-invalid'));
    }
    expect(() => decode(varint, '8080')).toThrow(withCode('DecodeError', 'body-truncated'));
  });
});

// CHAT-FIELD-11
describe('brief text', () => {
  test('has a varint for its length, and a limit in bytes at both sides', () => {
    expect(encode(brief(4), 'ab')).toBe('026162');
    expect(encode(brief(4), '🦜')).toBe('04f09fa69c');
    expect(encode(brief(200), 'x'.repeat(128))).toBe(`8001${'78'.repeat(128)}`);
    expect(decode(brief(200), `8001${'78'.repeat(128)}`)).toBe('x'.repeat(128));
    expect(decode(brief(4), '04f09fa69c')).toBe('🦜');
    expect(() => encode(brief(4), '🦜!')).toThrow(withCode('EncodeError', 'value-too-large'));
    expect(() => decode(brief(4), '05f09fa69c21')).toThrow(withCode('DecodeError', 'value-too-large'));
    expect(() => decode(brief(4), '0180')).toThrow(withCode('DecodeError', 'text-malformed'));
    expect(() => encode(brief(100), 'a\ud800b')).toThrow(withCode('EncodeError', 'text-malformed'));
  });

  const even = (value: string) =>
    value.length % 2 === 0 && value !== ''
      ? ({ ok: true, value } as const)
      : ({ ok: false, problem: 'odd' } as const);

  test('that stands for a value is parsed when it is read', () => {
    expect(decode(branded(brief(10), even), '026162')).toBe('ab');
    expect(() => decode(branded(brief(10), even), '0161')).toThrow(withCode('DecodeError', 'value-invalid'));
    expect(() => decode(branded(brief(10), even), '00')).toThrow(withCode('DecodeError', 'value-invalid'));
  });

  test('that is empty may stand for none', () => {
    const field = unlessEmpty(brief(10), even);
    expect(encode(field, undefined)).toBe('00');
    expect(decode(field, '00')).toBeUndefined();
    expect(encode(field, 'ab')).toBe('026162');
    expect(decode(field, '026162')).toBe('ab');
    expect(() => decode(field, '0161')).toThrow(withCode('DecodeError', 'value-invalid'));
  });
});

// CHAT-FIELD-2
describe('text', () => {
  test('has a limit in bytes at both sides', () => {
    expect(encode(text(4), 'aé€'.slice(0, 2))).toBe('000361c3a9');
    expect(encode(text(4), '🦜')).toBe('0004f09fa69c');
    expect(() => encode(text(4), '🦜!')).toThrow(withCode('EncodeError', 'value-too-large'));
    expect(decode(text(4), '0004f09fa69c')).toBe('🦜');
    expect(() => decode(text(4), '0005f09fa69c21')).toThrow(withCode('DecodeError', 'value-too-large'));
  });

  test.each([
    ['a lone continuation byte', '000180'],
    ['an overlong slash', '0002c0af'],
    ['a surrogate', '0003eda080'],
    ['a character above U+10FFFF', '0004f4908080'],
    ['a sequence cut short', '0002e282'],
    ['a byte that never occurs', '0001ff'],
  ])('%s is an error', (_name, hex) => {
    expect(() => decode(text(100), hex)).toThrow(withCode('DecodeError', 'text-malformed'));
  });

  test('a lone surrogate is refused instead of being replaced', () => {
    expect(() => encode(text(100), 'a\ud800b')).toThrow(withCode('EncodeError', 'text-malformed'));
  });

  test('reads short text, which is read in another way than long text, alike', () => {
    for (const length of [0, 1, 15, 16, 17, 40]) {
      for (const last of ['x', '\u007f', 'é', '🦜', '\ufeff']) {
        const value = 'a'.repeat(length) + last;
        expect(decode(text(100), encode(text(100), value))).toBe(value);
      }
    }
    // ASCII up to a byte that begins nothing; and a text that ends before its length.
    expect(() => decode(text(100), '0003 6161ff')).toThrow(withCode('DecodeError', 'text-malformed'));
    expect(() => decode(text(100), '0004 616161')).toThrow(withCode('DecodeError', 'body-truncated'));
  });

  test('a byte order mark and a NUL are ordinary characters', () => {
    for (const value of ['\ufeffa', 'a\ufeff', '\u0000']) {
      expect(decode(text(100), encode(text(100), value))).toBe(value);
    }
  });
});

// CHAT-FIELD-3, CHAT-TEXT-2
test('shown text has no control characters but line feed and tab, at both sides', () => {
  expect(decode(shownText(10), encode(shownText(10), 'a\n\tb'))).toBe('a\n\tb');
  for (const character of ['\u0000', '\u001b', '\r', '\u007f', '\u009b']) {
    const hex = encode(text(10), character);
    expect(() => encode(shownText(10), character)).toThrow(withCode('EncodeError', 'value-invalid'));
    expect(() => decode(shownText(10), hex)).toThrow(withCode('DecodeError', 'value-invalid'));
  }
});

// CHAT-FIELD-3
test('a refined field takes what its parser gives', () => {
  const lower = refined(text(10), (value) =>
    value === value.toLowerCase() ? { ok: true, value } : { ok: false, problem: 'expected lower case' },
  );
  expect(decode(lower, encode(lower, 'abc'))).toBe('abc');
  expect(() => encode(lower, 'Abc')).toThrow('expected lower case');
  expect(() => decode(lower, encode(text(10), 'Abc'))).toThrow('expected lower case');
});

// CHAT-FIELD-4
test('bytes have one length and are copied out of the chunk', () => {
  const chunk = Buffer.from('0102', 'hex');
  const read = bytes(2).read(new ByteReader(chunk));
  chunk.fill(0xff);
  expect(read).toEqual(Uint8Array.of(1, 2));
  expect(() => encode(bytes(2), new Uint8Array(3))).toThrow('expected 2 bytes, got 3');
});

// CHAT-FIELD-5
test('an optional is one byte 0, or 1 and the value', () => {
  expect(encode(optional(u8), undefined)).toBe('00');
  expect(encode(optional(u8), 7)).toBe('0107');
  expect(decode(optional(u8), '00')).toBeUndefined();
  expect(decode(optional(u8), '0107')).toBe(7);
  expect(() => decode(optional(u8), '0207')).toThrow(withCode('DecodeError', 'value-invalid'));
});

// CHAT-FIELD-6
test('a code without a meaning here reads as unknown where there is such a word, and is an error elsewhere', () => {
  const open = enumeration({ unknown: 0, yes: 1 });
  expect(encode(open, 'yes')).toBe('01');
  expect(decode(open, '09')).toBe('unknown');
  const closed = enumeration({ yes: 1, no: 2 });
  expect(() => decode(closed, '09')).toThrow(withCode('DecodeError', 'value-invalid'));
  expect(() => encode(closed, 'perhaps' as 'yes')).toThrow(withCode('EncodeError', 'value-invalid'));
});

// CHAT-FIELD-7
test('a list has a limit at both sides, noticed before its items', () => {
  expect(encode(list(u8, 2), [1, 2])).toBe('00020102');
  expect(() => encode(list(u8, 2), [1, 2, 3])).toThrow(withCode('EncodeError', 'value-too-large'));
  expect(decode(list(u8, 2), '00020102')).toEqual([1, 2]);
  expect(() => decode(list(u8, 2), '0003')).toThrow(withCode('DecodeError', 'value-too-large'));
});

// CHAT-FIELD-9
test('a record is skipped as a whole, with the fields that the reader does not know', () => {
  const pair = record({ a: u8, b: u8 });
  expect(encode(pair, { a: 1, b: 2 })).toBe('00020102');
  expect(decode(list(pair, 2), '0002 0003 0102ff 0002 0304')).toEqual([
    { a: 1, b: 2 },
    { a: 3, b: 4 },
  ]);
  // CHAT-FIELD-8
  expect(() => decode(pair, '0001 01 02')).toThrow(withCode('DecodeError', 'body-truncated'));
  expect(() => decode(pair, '0003 0102')).toThrow(withCode('DecodeError', 'body-truncated'));
});

test('a schema gives type, encoding and largest size', () => {
  const fields = { id: u32, name: text(5), tags: list(optional(u8), 3) };
  const value: FieldsValue<typeof fields> = { id: 1, name: 'abcde', tags: [1, undefined, 3] };
  const writer = new ByteWriter();
  writeFields(writer, fields, value);
  expect(readFields(new ByteReader(writer.finish()), fields)).toEqual(value);
  expect(fieldsBytesMax(fields)).toBe(4 + 7 + 2 + 6);
});
