import { type AeadKey, type CryptoProvider, TAG_BYTES } from './crypto.ts';

/** Not a cipher: leaves every packet as it is, behind it 16 zero bytes where the tag would be, and believes every packet. */
const noProtection: AeadKey = {
  library: 'none',
  seal(_nonce, bytes, _start, _textStart, textEnd) {
    bytes.fill(0, textEnd, textEnd + TAG_BYTES);
  },
  open: () => true,
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
