import type { AeadKey, CryptoProvider } from '../../src/core/keys/crypto.ts';

/** The same cryptography, whose keys seal or open as `changesOf` says of each. */
export function withChangedAead(
  crypto: CryptoProvider,
  changesOf: (aead: AeadKey) => Partial<Pick<AeadKey, 'seal' | 'open'>>,
): CryptoProvider {
  return {
    ...crypto,
    createAeadKey: (suite, key) => {
      const aead = crypto.createAeadKey(suite, key);
      return {
        library: aead.library,
        seal: (...packet) => aead.seal(...packet),
        open: (...packet) => aead.open(...packet),
        ...changesOf(aead),
      };
    },
  };
}
