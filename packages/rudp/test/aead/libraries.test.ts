import { gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CipherSuite } from '../../src/core/index.ts';
import { findPacketCrypto } from '../../src/node/aead/packet-crypto.ts';
import { checkProperty } from '../support/properties.ts';
import { keyBytesOf, providers, SUITES } from './providers.ts';

/** Another implementation, in plain JavaScript: what it seals is right or wrong for reasons of its own. */
function sealElsewhere(
  suite: CipherSuite,
  key: Uint8Array,
  nonce: Uint8Array,
  data: Uint8Array,
  text: Uint8Array,
) {
  return (suite === 'aes-128-gcm' ? gcm : chacha20poly1305)(key, nonce, data).encrypt(text);
}

test('openssl is called directly wherever koffi finds it', () => {
  expect(findPacketCrypto('auto')).toMatchObject({ library: 'openssl-ffi', missing: undefined });
  expect(findPacketCrypto('node')).toMatchObject({ library: 'node', missing: undefined });
  expect(providers.map(({ name }) => name)).toEqual(['node', 'openssl-ffi']);
});

describe.each(providers)('$name', ({ crypto }) => {
  test.each(SUITES)('agrees with another implementation of %s over random packets', (suite) => {
    checkProperty(
      fc.property(
        fc.uint8Array({ minLength: keyBytesOf(suite), maxLength: keyBytesOf(suite) }),
        fc.uint8Array({ minLength: 12, maxLength: 12 }),
        fc.uint8Array({ maxLength: 40 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(20),
        (keyBytes, nonce, data, text, start) => {
          const key = crypto.createAeadKey(suite, keyBytes);
          const textStart = start + data.length;
          const textEnd = textStart + text.length;
          const bytes = new Uint8Array(textEnd + 16);
          bytes.set(data, start);
          bytes.set(text, textStart);
          key.seal(nonce, bytes, start, textStart, textEnd);
          const expected = sealElsewhere(suite, keyBytes, nonce, data, text);
          expect(Buffer.compare(bytes.subarray(textStart), expected)).toBe(0);
          expect(key.open(nonce, bytes, start, textStart, textEnd)).toBe(true);
          expect(Buffer.compare(bytes.subarray(textStart, textEnd), text)).toBe(0);
        },
      ),
      { runs: 300 },
    );
  });

  test.each(SUITES)('takes 65,000 bytes of %s at once', (suite) => {
    const keyBytes = new Uint8Array(keyBytesOf(suite)).fill(7);
    const nonce = new Uint8Array(12).fill(9);
    const text = Uint8Array.from({ length: 65_000 }, (_, index) => index * 31);
    const bytes = new Uint8Array(15 + text.length + 16);
    bytes.set(text, 15);
    const key = crypto.createAeadKey(suite, keyBytes);
    key.seal(nonce, bytes, 0, 15, 15 + text.length);
    const expected = sealElsewhere(suite, keyBytes, nonce, bytes.subarray(0, 15), text);
    expect(Buffer.compare(bytes.subarray(15), expected)).toBe(0);
    expect(key.open(nonce, bytes, 0, 15, 15 + text.length)).toBe(true);
    expect(Buffer.compare(bytes.subarray(15, 15 + text.length), text)).toBe(0);
  });

  test.each(SUITES)(
    'refuses ranges of %s that leave the buffer, and other nonces than of 12 bytes',
    (suite) => {
      const key = crypto.createAeadKey(suite, new Uint8Array(keyBytesOf(suite)));
      const nonce = new Uint8Array(12);
      const bytes = new Uint8Array(100);
      for (const [start, textStart, textEnd] of [
        [0, 15, 85],
        [0, 15, 14],
        [16, 15, 20],
        [-1, 15, 20],
        [0, 15, Number.NaN],
      ] as const) {
        expect(() => key.seal(nonce, bytes, start, textStart, textEnd)).toThrow(RangeError);
        expect(() => key.open(nonce, bytes, start, textStart, textEnd)).toThrow(RangeError);
      }
      expect(() => key.seal(new Uint8Array(11), bytes, 0, 15, 84)).toThrow(/nonce of 12 bytes, got 11/);
      expect(() => key.open(new Uint8Array(13), bytes, 0, 15, 84)).toThrow(/nonce of 12 bytes, got 13/);
      structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
      expect(() => key.seal(nonce, bytes, 0, 15, 84)).toThrow(RangeError);
      expect(bytes.length).toBe(0);
    },
  );

  test('refuses keys whose length does not fit the suite', () => {
    expect(() => crypto.createAeadKey('chacha20-poly1305', new Uint8Array(16))).toThrow(/32 bytes, got 16/);
    expect(() => crypto.createAeadKey('aes-128-gcm', new Uint8Array(32))).toThrow(/16 bytes, got 32/);
  });
});

test('a library that is not there is an error when asked for by name', () => {
  expect(() => findPacketCrypto('sodium' as never)).toThrow(/aead: expected one of auto, openssl-ffi, node/);
});
