import type { Random } from '@parley/netsim';
import type { AeadKey, CryptoProvider } from '../../src/core/index.ts';
import { keyPairFromPrivateKey, nodeCryptoProvider } from '../../src/node/crypto-provider.ts';

/** Real cryptography whose keys and random bytes come from a seed. */
export function seededCrypto(random: Random): CryptoProvider {
  return {
    ...nodeCryptoProvider,
    generateKeyPair: () => keyPairFromPrivateKey(random.bytes(32)),
    randomBytes: (count) => random.bytes(count),
  };
}

/**
 * Cryptography that hides nothing and costs next to nothing, for tests that open thousands of connections: digests and
 * tags are checksums, the text stays as it is. A flipped bit is still found, and other keys still do not fit.
 */
export function cheapCrypto(random: Random): CryptoProvider {
  return {
    generateKeyPair: () => {
      const publicKey = random.bytes(32);
      return { publicKey, agree: (peerPublicKey) => combined(publicKey, peerPublicKey) };
    },
    sha256: (data) => checksum(32, data),
    hmacSha256: (key, data) => checksum(32, key, data),
    verifySignature: (publicKey, message, signature) =>
      Buffer.compare(checksum(64, publicKey, message), signature) === 0,
    createAeadKey: (_suite, key) => new CheapAeadKey(key.slice()),
    equal: (left, right) => Buffer.compare(left, right) === 0,
    randomBytes: (count) => random.bytes(count),
  };
}

class CheapAeadKey implements AeadKey {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  seal(nonce: Uint8Array, associatedData: Uint8Array, plaintext: Uint8Array, output: Uint8Array): void {
    const tag = checksum(16, this.#key, nonce, associatedData, plaintext);
    output.set(plaintext);
    output.set(tag, plaintext.length);
  }

  open(nonce: Uint8Array, associatedData: Uint8Array, ciphertext: Uint8Array, output: Uint8Array): boolean {
    const text = ciphertext.subarray(0, ciphertext.length - 16);
    const tag = checksum(16, this.#key, nonce, associatedData, text);
    if (Buffer.compare(tag, ciphertext.subarray(text.length)) !== 0) return false;
    output.set(text);
    return true;
  }
}

/** The same bytes for both orders. */
function combined(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((byte, index) => byte ^ (other[index] ?? 0));
}

/** FNV-1a over all parts, stretched to this many bytes. */
function checksum(byteCount: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    for (let index = 0; index < part.length; index += 1)
      hash = Math.imul(hash ^ (part[index] as number), 0x01000193);
    hash = Math.imul(hash ^ part.length, 0x01000193);
  }
  const bytes = new Uint8Array(byteCount);
  const view = new DataView(bytes.buffer);
  for (let offset = 0; offset < byteCount; offset += 4) {
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    view.setUint32(offset, hash);
  }
  return bytes;
}
