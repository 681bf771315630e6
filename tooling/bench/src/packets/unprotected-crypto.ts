import type { AeadKey, CryptoProvider } from '@parley/rudp/core';

/** The tag of a packet that nothing protects: zeros. */
class UnprotectedKey implements AeadKey {
  readonly library = 'none';

  seal(_nonce: Uint8Array, bytes: Uint8Array, _start: number, _textStart: number, textEnd: number): void {
    bytes.fill(0, textEnd, textEnd + 16);
  }

  open(): boolean {
    return true;
  }
}

/** UNPROTECTED: the same cryptography, but packets leave as they are. What is left is the cost of everything else. */
export function withoutProtection(crypto: CryptoProvider): CryptoProvider {
  return { ...crypto, createAeadKey: () => new UnprotectedKey() };
}
