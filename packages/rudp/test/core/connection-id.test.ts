import { expect, test } from 'vitest';
import { connectionIdAt, shortIdAt, shortIdOf } from '../../src/core/packets/connection-id.ts';
import { fromHex } from '../support/bytes.ts';

// RUDP-ID-2
test.each([
  '0000000000000000',
  '0102030405060708',
  '7fffffff00000000',
  '80000000ffffffff',
  'ffffffffffffffff',
])('the beginning of %s is the same in a packet and in its text', (digits) => {
  const packet = fromHex(`ffff${digits}ff`);
  const id = connectionIdAt(packet, 2);
  expect(id).toBe(digits);
  expect(shortIdOf(id)).toBe(shortIdAt(packet, 2));
  expect(shortIdAt(packet, 2) >>> 0).toBe(Number.parseInt(digits.slice(0, 8), 16));
});
