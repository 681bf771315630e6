import { type AeadKey, type CryptoProvider, tagBytes } from './crypto.ts';

/** Not a cipher: leaves every packet as it is, behind it 16 zero bytes where the tag would be, and believes every packet. */
const noProtection: AeadKey = {
  seal(_nonce, _associatedData, plaintext, output) {
    output.set(plaintext);
    output.fill(0, plaintext.length, plaintext.length + tagBytes);
  },
  open(_nonce, _associatedData, ciphertext, output) {
    output.set(ciphertext.subarray(0, ciphertext.length - tagBytes));
    return true;
  },
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
