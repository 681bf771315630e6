/**
 * The declarative schema of a message body. One description of a field gives its encoding, its decoding, its TypeScript
 * type, its limits at both sides, and the largest size it can take on the wire.
 *
 *     const fields = { requestId: u32, nickname: text(128) };
 *     type Value = FieldsValue<typeof fields>; // { readonly requestId: number; readonly nickname: string }
 */
import type { ByteReader } from './byte-reader.ts';
import { type ByteWriter, VARINT_BYTES_MAX } from './byte-writer.ts';
import { DecodeError, EncodeError } from './errors.ts';
import { type Parsed, troubleInText } from './identifiers.ts';
import { U53_MAX } from './limits.ts';
import { decodeUtf8, encodeUtf8, isWellFormed } from './utf8.ts';

/** One kind of field: how a `T` becomes bytes and bytes become a `T`. */
export interface Field<T> {
  /** Appends the encoding of `value`; throws `EncodeError` when the value is outside the field's limits. */
  write(writer: ByteWriter, value: T): void;
  /** Takes one value; throws `DecodeError` when the bytes are not one. */
  read(reader: ByteReader): T;
  /** The most bytes that `write` ever appends. */
  readonly bytesMax: number;
}

/** A body: named fields in the order in which they are on the wire. */
export type Fields = { readonly [name: string]: Field<unknown> };

/** The TypeScript type of a field. */
type FieldValue<F> = F extends { read(reader: ByteReader): infer T } ? T : never;

/** The TypeScript type of a body. */
export type FieldsValue<F extends Fields> = { readonly [Name in keyof F]: FieldValue<F[Name]> };

// CHAT-FIELD-1
function unsigned(
  bytesMax: number,
  max: number,
  put: (writer: ByteWriter, value: number) => void,
  take: (reader: ByteReader) => number,
): Field<number> {
  return {
    bytesMax,
    write(writer, value) {
      if (!Number.isInteger(value) || value < 0 || value > max) {
        throw new EncodeError('value-too-large', `expected a whole number from 0 to ${max}, got ${value}`);
      }
      put(writer, value);
    },
    read(reader) {
      const value = take(reader);
      if (value > max) throw new DecodeError('value-too-large', `expected at most ${max}, got ${value}`);
      return value;
    },
  };
}

/** A whole number of one byte. */
export const u8 = unsigned(
  1,
  0xff,
  (writer, value) => writer.u8(value),
  (reader) => reader.u8(),
);
/** A whole number of two bytes. */
export const u16 = unsigned(
  2,
  0xffff,
  (writer, value) => writer.u16(value),
  (reader) => reader.u16(),
);
/** A whole number of four bytes. */
export const u32 = unsigned(
  4,
  0xffff_ffff,
  (writer, value) => writer.u32(value),
  (reader) => reader.u32(),
);
/** A whole number of eight bytes, at most 2⁵³ − 1: sizes, offsets, sequences and times (milliseconds since 1970, UTC). */
export const u53 = unsigned(
  8,
  U53_MAX,
  (writer, value) => writer.u64(value),
  (reader) => reader.u64(),
);

/** A whole number of one to eight bytes, at most 2⁵³ − 1: for what is small most of the time and sent often. */
// CHAT-FIELD-10
export const varint = unsigned(
  VARINT_BYTES_MAX,
  U53_MAX,
  (writer, value) => writer.varint(value),
  (reader) => reader.varint(),
);

/** Up to this length a loop over text is faster than a decoder. */
const SHORT_TEXT_BYTES = 16;

/** Any well-formed text of at most `bytesMax` bytes in UTF-8; its meaning is checked by who uses it. */
// CHAT-FIELD-2
export function text(bytesMax: number): Field<string> {
  return textWithLength(bytesMax, u16, (writer, value) => writer.asciiText(value));
}

/** The same with its length as a `varint`: a byte for nearly everything that is said. */
// CHAT-FIELD-11
export function brief(bytesMax: number): Field<string> {
  const lengthBytesMax = 1 + Math.floor(Math.log2(bytesMax) / 7);
  return textWithLength(bytesMax, { ...varint, bytesMax: lengthBytesMax }, (writer, value) =>
    writer.briefAsciiText(value),
  );
}

function textWithLength(
  bytesMax: number,
  lengthField: Field<number>,
  writeAscii: (writer: ByteWriter, value: string) => boolean,
): Field<string> {
  return {
    bytesMax: lengthField.bytesMax + bytesMax,
    write(writer, value) {
      if (value.length <= bytesMax && writeAscii(writer, value)) return;
      if (!isWellFormed(value)) throw new EncodeError('text-malformed', 'text has to be well-formed Unicode');
      const bytes = encodeUtf8(value);
      if (bytes.length > bytesMax) {
        throw new EncodeError(
          'value-too-large',
          `text has at most ${bytesMax} bytes, this one has ${bytes.length}`,
        );
      }
      lengthField.write(writer, bytes.length);
      writer.bytes(bytes);
    },
    read(reader) {
      const length = lengthField.read(reader);
      if (length > bytesMax) {
        throw new DecodeError(
          'value-too-large',
          `text has at most ${bytesMax} bytes, this one has ${length}`,
        );
      }
      const short = length <= SHORT_TEXT_BYTES ? reader.asciiText(length) : undefined;
      if (short !== undefined) return short;
      const value = decodeUtf8(reader.view(length));
      if (value === undefined) throw new DecodeError('text-malformed', 'text has to be well-formed UTF-8');
      return value;
    },
  };
}

/** Text that can be shown: no control characters but line feed and tab (CHAT-TEXT-2). */
// CHAT-FIELD-3
export function shownText(bytesMax: number): Field<string> {
  return refined(text(bytesMax), (value) => {
    const trouble = troubleInText(value);
    return trouble === undefined ? { ok: true, value } : { ok: false, problem: trouble };
  });
}

/** A field whose values have to pass a parser in both directions, such as a nickname. */
// CHAT-FIELD-3
export function refined<Raw, T extends Raw>(raw: Field<Raw>, parse: (value: Raw) => Parsed<T>): Field<T> {
  return {
    bytesMax: raw.bytesMax,
    write(writer, value) {
      const parsed = parse(value);
      if (!parsed.ok) throw new EncodeError('value-invalid', parsed.problem);
      raw.write(writer, parsed.value);
    },
    read(reader) {
      const parsed = parse(raw.read(reader));
      if (!parsed.ok) throw new DecodeError('value-invalid', parsed.problem);
      return parsed.value;
    },
  };
}

/**
 * A field whose values only their parser can make. Those that are written were parsed when they came, and are not parsed
 * again: it is for what is said, which a server writes most of the time.
 */
// CHAT-FIELD-3
export function branded<T extends string>(raw: Field<string>, parse: (value: string) => Parsed<T>): Field<T> {
  return { ...refined(raw, parse), write: (writer, value) => raw.write(writer, value) };
}

/** A text that is never empty, or nothing: an empty one. */
// CHAT-FIELD-11
export function unlessEmpty<T extends string>(
  raw: Field<string>,
  parse: (value: string) => Parsed<T>,
): Field<T | undefined> {
  const { bytesMax, write } = branded(raw, parse);
  const filled = refined<string, string>(raw, (value) => (value === '' ? { ok: true, value } : parse(value)));
  return {
    bytesMax,
    write: (writer, value) => write(writer, value ?? ('' as T)),
    read: (reader) => (filled.read(reader) as T) || undefined,
  };
}

/** Exactly `length` bytes, without a length on the wire. Decoding copies them. */
// CHAT-FIELD-4
export function bytes<T extends Uint8Array = Uint8Array>(length: number): Field<T> {
  return {
    bytesMax: length,
    write(writer, value) {
      if (value.length !== length) {
        throw new EncodeError('value-invalid', `expected ${length} bytes, got ${value.length}`);
      }
      writer.bytes(value);
    },
    read(reader) {
      return reader.copy(length) as T;
    },
  };
}

/** Nothing or a value: one byte 0 or 1, then the value when it is 1. */
// CHAT-FIELD-5
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    bytesMax: 1 + field.bytesMax,
    write(writer, value) {
      writer.u8(value === undefined ? 0 : 1);
      if (value !== undefined) field.write(writer, value);
    },
    read(reader) {
      const present = reader.u8();
      if (present > 1)
        throw new DecodeError('value-invalid', `expected 0 or 1 before an optional, got ${present}`);
      return present === 1 ? field.read(reader) : undefined;
    },
  };
}

/**
 * One of a fixed set of words, as one byte. A byte without a word is an error, unless the set has the word `unknown`:
 * then a newer peer may send words that this side has not learned yet.
 */
// CHAT-FIELD-6
export function enumeration<Word extends string>(numbers: { readonly [W in Word]: number }): Field<Word> {
  const words = new Map<number, Word>();
  // Of all enumerations there is one function: a property by a name that is not written there is looked up anew each time.
  const numbersByWord = new Map<string, number>(Object.entries<number>(numbers));
  for (const [word, number] of numbersByWord) words.set(number, word as Word);
  const fallback = 'unknown' in numbers ? ('unknown' as Word) : undefined;
  return {
    bytesMax: 1,
    write(writer, value) {
      const number = numbersByWord.get(value);
      if (number === undefined)
        throw new EncodeError('value-invalid', `expected a known word, got "${value}"`);
      writer.u8(number);
    },
    read(reader) {
      const number = reader.u8();
      const word = words.get(number) ?? fallback;
      if (word === undefined) throw new DecodeError('value-invalid', `no word has the number ${number}`);
      return word;
    },
  };
}

/** Up to `countMax` values: a count of two bytes, then the values. */
// CHAT-FIELD-7
export function list<T>(item: Field<T>, countMax: number): Field<readonly T[]> {
  return {
    bytesMax: 2 + countMax * item.bytesMax,
    write(writer, values) {
      if (values.length > countMax) {
        throw new EncodeError(
          'value-too-large',
          `a list has at most ${countMax} items, this one has ${values.length}`,
        );
      }
      writer.u16(values.length);
      for (const value of values) item.write(writer, value);
    },
    read(reader) {
      const count = reader.u16();
      if (count > countMax) {
        throw new DecodeError(
          'value-too-large',
          `a list has at most ${countMax} items, this one has ${count}`,
        );
      }
      const values: T[] = [];
      for (let index = 0; index < count; index += 1) values.push(item.read(reader));
      return values;
    },
  };
}

/** Named fields inside a list, preceded by their length in two bytes so that a reader can skip what it does not know. */
// CHAT-FIELD-9
export function record<F extends Fields>(fields: F): Field<FieldsValue<F>> {
  return {
    bytesMax: 2 + fieldsBytesMax(fields),
    write(writer, value) {
      const start = writer.length;
      writer.u16(0);
      writeFields(writer, fields, value);
      writer.setU16(start, writer.length - start - 2);
    },
    read(reader) {
      return readFields(reader.section(reader.u16()), fields);
    },
  };
}

/** Appends all fields of a body. Errors name the field. */
export function writeFields<F extends Fields>(writer: ByteWriter, fields: F, values: FieldsValue<F>): void {
  for (const name in fields) {
    const field = fields[name] as Field<unknown>;
    try {
      field.write(writer, values[name]);
    } catch (error) {
      if (error instanceof EncodeError) throw new EncodeError(error.code, `${name}: ${error.message}`);
      throw error;
    }
  }
}

/**
 * Takes all fields of a body; what follows them is left unread (CHAT-FIELD-9). Errors name the field. The fields of a
 * whole message get its `type` beside them.
 */
export function readFields<F extends Fields>(reader: ByteReader, fields: F, type?: string): FieldsValue<F> {
  const values: { [name: string]: unknown } = type === undefined ? {} : { type };
  for (const name in fields) {
    const field = fields[name] as Field<unknown>;
    try {
      values[name] = field.read(reader);
    } catch (error) {
      if (error instanceof DecodeError) throw new DecodeError(error.code, `${name}: ${error.message}`);
      throw error;
    }
  }
  return values as FieldsValue<F>;
}

/** The most bytes that a body of these fields takes. */
export function fieldsBytesMax(fields: Fields): number {
  let total = 0;
  for (const name in fields) total += (fields[name] as Field<unknown>).bytesMax;
  return total;
}
