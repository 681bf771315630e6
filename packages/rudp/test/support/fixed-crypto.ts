import type { CryptoProvider } from '../../src/core/index.ts';
import { keyPairFromPrivateKey, nodeCryptoProvider } from '../../src/node/crypto-provider.ts';

/**
 * Real cryptography without chance: the n-th key pair and the n-th random bytes are the same in every run, so that the
 * bytes of whole packets can be pinned as literals.
 */
export function fixedCrypto(firstByte: number): CryptoProvider {
  let next = firstByte;
  return {
    ...nodeCryptoProvider,
    generateKeyPair: () => keyPairFromPrivateKey(new Uint8Array(32).fill(next++)),
    randomBytes: (count) => new Uint8Array(count).fill(next++),
  };
}
