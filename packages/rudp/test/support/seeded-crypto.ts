import { createHash } from 'node:crypto';
import type { Random } from '@parley/netsim';
import type { CryptoProvider, KeyPair } from '../../src/core/index.ts';
import { keyPairFromPrivateKey, nodeCryptoProvider } from '../../src/node/crypto-provider.ts';

/** Real cryptography whose keys and random bytes come from a seed. */
export function seededCrypto(random: Random): CryptoProvider {
  return {
    ...nodeCryptoProvider,
    generateKeyPair: () => keyPairFromPrivateKey(random.bytes(32)),
    randomBytes: (count) => random.bytes(count),
  };
}

/** The same with a key exchange that hides nothing and costs nothing, for tests that open thousands of connections. */
export function cheapCrypto(random: Random): CryptoProvider {
  return { ...seededCrypto(random), generateKeyPair: () => cheapKeyPair(random.bytes(32)) };
}

function cheapKeyPair(publicKey: Uint8Array): KeyPair {
  return {
    publicKey,
    agree: (peerPublicKey) =>
      createHash('sha256')
        .update(Buffer.concat([publicKey, peerPublicKey].sort(Buffer.compare)))
        .digest(),
  };
}
