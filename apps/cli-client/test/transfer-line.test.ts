import { expect, test } from 'vitest';
import { transferStateWords } from '../src/view/transfer-line.ts';
import { transfer } from './support/transfers.ts';

test.each([
  ['running', { bytesPerSecond: 1 }],
  ['running', { bytesPerSecond: 1, receivedBytes: 1_000_000 }],
  ['stalled', { bytesPerSecond: 0 }],
  ['stalled', { bytesPerSecond: 0, size: undefined }],
  ['finishing', { bytesPerSecond: 0, receivedBytes: 1_000_000 }],
])('a transfer is %s with %o', (words, changes) => {
  expect(transferStateWords(transfer(changes))).toBe(words);
});
