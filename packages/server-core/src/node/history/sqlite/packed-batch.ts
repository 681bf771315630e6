import { CLIENT_MESSAGE_ID_BYTES } from '@parley/protocol';
import type { NewEntry, StoreOperation, StoreResult } from '../../../history/history-store.ts';

/**
 * Operations on their way to the thread that writes. Between threads an object with a name for each value costs five times
 * as much as the values one after the other, and an id of its own as much as all other values together: so messages, of which
 * there are many, are spread out, and everything else goes as it is.
 */
export interface PackedOperations {
  /** For each message seven values, for any other operation itself. */
  readonly values: readonly (string | number | undefined | StoreOperation)[];
  /** Ids of the messages, one after the other. */
  readonly ids: Uint8Array;
}

/** What came of each: for `appended` its two values, any other result as it is. */
export type PackedResults = readonly (number | StoreResult)[];

const VALUES_OF_ENTRY = 7;

export function packOperations(operations: readonly StoreOperation[]): PackedOperations {
  const values: PackedOperations['values'][number][] = [];
  const appends = operations.filter(({ type }) => type === 'append').length;
  const ids = new Uint8Array(appends * CLIENT_MESSAGE_ID_BYTES);
  let idOffset = 0;
  for (const operation of operations) {
    if (operation.type !== 'append') {
      values.push(operation);
      continue;
    }
    const { roomKey, userId, from, kind, target, text, time, clientMessageId } = operation.entry;
    values.push(roomKey, userId, from, kind, target, text, time);
    ids.set(clientMessageId, idOffset);
    idOffset += CLIENT_MESSAGE_ID_BYTES;
  }
  return { values, ids };
}

export function unpackOperations({ values, ids }: PackedOperations): StoreOperation[] {
  const operations: StoreOperation[] = [];
  let idOffset = 0;
  for (let index = 0; index < values.length; ) {
    const first = values[index];
    if (typeof first === 'object') {
      operations.push(first);
      index += 1;
      continue;
    }
    const [roomKey, userId, from, kind, target, text, time] = values.slice(index, index + VALUES_OF_ENTRY);
    const clientMessageId = ids.subarray(idOffset, idOffset + CLIENT_MESSAGE_ID_BYTES);
    const entry = { roomKey, userId, from, kind, target, text, time, clientMessageId } as NewEntry;
    operations.push({ type: 'append', entry });
    index += VALUES_OF_ENTRY;
    idOffset += CLIENT_MESSAGE_ID_BYTES;
  }
  return operations;
}

export function packResults(results: readonly StoreResult[]): PackedResults {
  const packed: (number | StoreResult)[] = [];
  for (const result of results) {
    if (result.type === 'appended') packed.push(result.sequence, result.time);
    else packed.push(result);
  }
  return packed;
}

export function unpackResults(packed: PackedResults): StoreResult[] {
  const results: StoreResult[] = [];
  for (let index = 0; index < packed.length; index += 1) {
    const first = packed[index] as number | StoreResult;
    if (typeof first === 'object') {
      results.push(first);
      continue;
    }
    index += 1;
    results.push({ type: 'appended', sequence: first, time: packed[index] as number });
  }
  return results;
}
