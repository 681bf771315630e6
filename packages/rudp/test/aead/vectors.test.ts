import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../support/bytes.ts';
import { providers } from './providers.ts';
import { AEAD_VECTORS } from './vectors.ts';

describe.each(providers)('$name', ({ name, crypto }) => {
  describe.each(AEAD_VECTORS)('$suite: $name', (vector) => {
    const key = crypto.createAeadKey(vector.suite, fromHex(vector.key));
    const nonce = fromHex(vector.nonce);
    const textStart = vector.associatedData.length / 2;
    const textEnd = textStart + vector.plaintext.length / 2;
    const sealed = vector.associatedData + vector.ciphertext + vector.tag;

    test('seals to the published bytes', () => {
      expect(key.library).toBe(name);
      const bytes = fromHex(vector.associatedData + vector.plaintext + '00'.repeat(16));
      key.seal(nonce, bytes, 0, textStart, textEnd);
      expect(toHex(bytes)).toBe(sealed);
    });

    test('opens the published bytes, wherever they lie in a buffer', () => {
      const bytes = fromHex(`ffff${sealed}ffff`).subarray(1);
      expect(key.open(nonce, bytes, 1, 1 + textStart, 1 + textEnd)).toBe(true);
      expect(toHex(bytes)).toBe(`ff${vector.associatedData}${vector.plaintext}${vector.tag}ffff`);
    });

    test('refuses a bit turned over in any byte, and touches nothing but the text', () => {
      for (let index = 0; index < textEnd + 16; index += 1) {
        const forged = fromHex(`${sealed}ffff`);
        forged[index] = (forged[index] as number) ^ 1;
        const before = forged.slice();
        expect(key.open(nonce, forged, 0, textStart, textEnd)).toBe(false);
        expect(toHex(forged.subarray(0, textStart))).toBe(toHex(before.subarray(0, textStart)));
        expect(toHex(forged.subarray(textEnd))).toBe(toHex(before.subarray(textEnd)));
      }
    });
  });
});
