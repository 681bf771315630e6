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
  readonly library = 'test';
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  seal(nonce: Uint8Array, bytes: Uint8Array, start: number, textStart: number, textEnd: number): void {
    bytes.set(this.#tag(nonce, bytes, start, textStart, textEnd), textEnd);
  }

  open(nonce: Uint8Array, bytes: Uint8Array, start: number, textStart: number, textEnd: number): boolean {
    const tag = this.#tag(nonce, bytes, start, textStart, textEnd);
    return Buffer.compare(tag, bytes.subarray(textEnd, textEnd + 16)) === 0;
  }

  #tag(nonce: Uint8Array, bytes: Uint8Array, start: number, textStart: number, textEnd: number): Uint8Array {
    return checksum(
      16,
      this.#key,
      nonce,
      bytes.subarray(start, textStart),
      bytes.subarray(textStart, textEnd),
    );
  }
}

/** The same bytes for both orders. */
function combined(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((byte, index) => byte ^ (other[index] ?? 0));
}

/** FNV-1a over all parts, by four bytes at a time, stretched to this many bytes. */
function checksum(byteCount: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    const { length } = part;
    let index = 0;
    for (; index + 4 <= length; index += 4) {
      const low = (part[index] as number) | ((part[index + 1] as number) << 8);
      const high = (part[index + 2] as number) | ((part[index + 3] as number) << 8);
      hash = Math.imul(hash ^ low ^ (high << 16), 0x01000193);
    }
    for (; index < length; index += 1) hash = Math.imul(hash ^ (part[index] as number), 0x01000193);
    hash = Math.imul(hash ^ length, 0x01000193);
  }
  const bytes = new Uint8Array(byteCount);
  const view = new DataView(bytes.buffer);
  for (let offset = 0; offset < byteCount; offset += 4) {
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    view.setUint32(offset, hash);
  }
  return bytes;
}
