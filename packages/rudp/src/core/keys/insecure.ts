import { ByteReader } from '../structures/byte-reader.ts';
import { ByteWriter } from '../structures/byte-writer.ts';
import { type AeadKey, type CryptoProvider, TAG_BYTES } from './crypto.ts';

const LENGTH_BYTES = 4;

/** Not a cipher: leaves every packet as it is, and believes every one that is whole. In place of the tag are the size of the text and zeros. */
const noProtection: AeadKey = {
  library: 'none',
  seal(_nonce, bytes, _start, textStart, textEnd) {
    new ByteWriter(bytes, textEnd).u32(textEnd - textStart);
    bytes.fill(0, textEnd + LENGTH_BYTES, textEnd + TAG_BYTES);
  },
  open: (_nonce, bytes, _start, textStart, textEnd) =>
    new ByteReader(bytes, textEnd).u32() === textEnd - textStart,
};

/**
 * INSECURE, for measurements of what packet protection costs: the same cryptography for the handshake, and none for the packets
 * after it. Everything else, headers, packet numbers, replay window, key phases and states, stays as it is.
 */
// RUDP-INSECURE-2
export function withoutPacketProtection(crypto: CryptoProvider): CryptoProvider {
  return {
    generateKeyPair: () => crypto.generateKeyPair(),
    sha256: (data) => crypto.sha256(data),
    hmacSha256: (key, data) => crypto.hmacSha256(key, data),
    verifySignature: (publicKey, message, signature) => crypto.verifySignature(publicKey, message, signature),
    createAeadKey: () => noProtection,
    equal: (left, right) => crypto.equal(left, right),
    randomBytes: (count) => crypto.randomBytes(count),
  };
}
