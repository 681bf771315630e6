import { expect, test } from 'vitest';
import { derivePreSharedKey } from '../src/node/pre-shared-key.ts';

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

// RUDP-TICKET-2
test('derives identity and key from a ticket as specified', () => {
  // Computed with another HKDF implementation from the text of the rule.
  const { identity, key } = derivePreSharedKey(Uint8Array.from({ length: 32 }, (_, index) => index));
  expect(toHex(identity)).toBe('6a8a800712750a1cfa5f0795306a5582');
  expect(toHex(key)).toBe('7eb3c841aa512a6b33e66b7ae0f2235dc06ef403e3ceec03a66a912f1db89212');
});

test('gives other keys for another ticket', () => {
  const one = derivePreSharedKey(new Uint8Array(32).fill(1));
  const other = derivePreSharedKey(new Uint8Array(32).fill(2));
  expect(toHex(one.identity)).not.toBe(toHex(other.identity));
  expect(toHex(one.key)).not.toBe(toHex(other.key));
});

// RUDP-TICKET-1
test.each([0, 31, 33])('refuses a ticket of %i bytes', (length) => {
  expect(() => derivePreSharedKey(new Uint8Array(length))).toThrow(
    `expected a ticket of 32 bytes, got ${length}`,
  );
});
