import { EventEmitter } from 'node:events';
import type { ParleyClient, Transfer } from '@parley/client-core';
import { expect, test } from 'vitest';
import { followTransfers } from '../src/scripts/transfer-progress.ts';
import { transfer } from './support/transfers.ts';

/** What is told of a transfer that goes through these snapshots. */
function toldOf(...snapshots: readonly Partial<Transfer>[]): string[] {
  const client = new EventEmitter();
  const notes: string[] = [];
  const output = { note: (line: string) => notes.push(line), progress: () => {}, progressColumns: 80 };
  followTransfers(client as unknown as ParleyClient, output as never);
  for (const snapshot of snapshots) client.emit('transfer-changed', { transfer: transfer(snapshot) });
  return notes;
}

test.each([
  ['download', 'the file has changed on the server: only what differs is fetched'],
  ['upload', 'the file has changed here: only what differs is sent'],
] as const)('the source of one %s that has changed is said to be where it is', (direction, words) => {
  expect(toldOf({ direction }, { direction, changesSeen: 1 }, { direction, changesSeen: 1 })).toEqual([
    words,
  ]);
});
