/** What a server lacks of a folder that a client uploads, as it travels against the stream of it (CHAT-FOLDER-9). */
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { DecodeError } from './errors.ts';
import { readFields, u32, u53, writeFields } from './fields.ts';
import { FOLDER_ENTRIES_MAX } from './limits.ts';

/** Files at neighbouring places of a folder's list. */
export interface WantedPlaces {
  /** Place in the list, counted from 0. */
  readonly start: number;
  /** The place behind the last. */
  readonly end: number;
  /** The byte of the file at `start` from which it is wanted; the others are wanted whole. */
  readonly from: number;
}

const fields = { start: u32, end: u32, from: u53 };
const COUNT_BYTES = 4;
const RECORD_BYTES = 16;

/** The bytes of a wish, whose places have to be in order. */
export function encodeFolderWish(wanted: readonly WantedPlaces[]): Uint8Array {
  const writer = new ByteWriter(COUNT_BYTES + wanted.length * RECORD_BYTES);
  writer.u32(wanted.length);
  for (const places of wanted) writeFields(writer, fields, places);
  return writer.finish();
}

/** Reads a wish about a list of so many entries; `undefined` when more bytes have to come. Throws `DecodeError`. */
// CHAT-FOLDER-9
export function decodeFolderWish(bytes: Uint8Array, entryCount: number): readonly WantedPlaces[] | undefined {
  if (bytes.byteLength < COUNT_BYTES) return undefined;
  const reader = new ByteReader(bytes);
  const count = reader.u32();
  if (count > FOLDER_ENTRIES_MAX)
    throw invalid(`expected at most ${FOLDER_ENTRIES_MAX} places, got ${count}`);
  if (reader.remaining < count * RECORD_BYTES) return undefined;
  if (reader.remaining > count * RECORD_BYTES)
    throw invalid('there is more than what is wanted of the folder');
  const wanted: WantedPlaces[] = [];
  let before = 0;
  for (let index = 0; index < count; index += 1) {
    const places = readFields(reader, fields);
    const { start, end } = places;
    if (start < before || end <= start || end > entryCount) {
      throw invalid(`expected places in order up to ${entryCount}, got ${start} to ${end}`);
    }
    before = end;
    wanted.push(places);
  }
  return wanted;
}

function invalid(problem: string): DecodeError {
  return new DecodeError('value-invalid', problem);
}
