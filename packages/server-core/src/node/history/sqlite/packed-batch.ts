import { invariant } from '../../../domain/errors.ts';
import type { StoreOperation, StoreResult } from '../../../history/history-store.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { type EntryBytes, readEntry, writeEntry } from './entry-bytes.ts';

/**
 * Operations on their way to the thread that writes. Between threads an object with a name for each value costs more than
 * everything that is done with it: so entries, of which there are many, are bytes, as they will be in the file, and everything
 * else goes as it is.
 */
export interface PackedOperations {
  /** Keys of rooms and ids of users that entries have, each once. */
  readonly names: readonly string[];
  /** The operations that are no entries. */
  readonly others: readonly OtherOperation[];
  /** For each operation 0, or for an entry one more than the place of its room's key, the place of its user's id, and its bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

type OtherOperation = Exclude<StoreOperation, { type: 'append' }>;

/** An entry that is to be appended. */
export interface PackedAppend {
  readonly type: 'append-bytes';
  readonly roomKey: string;
  readonly userId: string;
  readonly entry: EntryBytes;
}

/** What came of each: for `appended` its sequence, any other result as it is. */
export type PackedResults = readonly (number | StoreResult)[];

const writer = new ByteWriter();

export function packOperations(operations: readonly StoreOperation[]): PackedOperations {
  const places = new Map<string, number>();
  const others: OtherOperation[] = [];
  const placeOf = (name: string) => {
    const known = places.get(name);
    if (known !== undefined) return known;
    places.set(name, places.size);
    return places.size - 1;
  };
  for (const operation of operations) {
    if (operation.type !== 'append') {
      writer.count(0);
      others.push(operation);
      continue;
    }
    const { entry } = operation;
    writer.count(placeOf(entry.roomKey) + 1);
    writer.count(placeOf(entry.userId));
    writeEntry(writer, entry);
  }
  return { names: [...places.keys()], others, bytes: writer.take() };
}

/** A batch as the thread that writes has it. */
export interface UnpackedOperations {
  readonly operations: readonly (PackedAppend | OtherOperation)[];
  /** What the entries are read from. */
  readonly bytes: ByteReader;
}

export function unpackOperations({ names, others, bytes }: PackedOperations): UnpackedOperations {
  const operations: (PackedAppend | OtherOperation)[] = [];
  const reader = new ByteReader(bytes);
  let other = 0;
  while (!reader.isAtEnd) {
    const room = reader.count();
    if (room === 0) {
      operations.push(others[other++] as OtherOperation);
      continue;
    }
    const roomKey = names[room - 1] as string;
    const userId = names[reader.count()] as string;
    operations.push({ type: 'append-bytes', roomKey, userId, entry: readEntry(reader) });
  }
  return { operations, bytes: reader };
}

export function packResults(results: readonly StoreResult[]): PackedResults {
  return results.map((result) => (result.type === 'appended' ? result.sequence : result));
}

/** What came of these operations; an entry has the time that it came with. */
export function unpackResults(packed: PackedResults, operations: readonly StoreOperation[]): StoreResult[] {
  return packed.map((result, index) => {
    if (typeof result !== 'number') return result;
    const operation = operations[index];
    invariant(operation?.type === 'append', 'only entries have a sequence');
    return { type: 'appended', sequence: result, time: operation.entry.time };
  });
}
