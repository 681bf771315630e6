/** Ciphers that protect packets; both have 16-byte keys or more, 12-byte nonces and 16-byte tags (RFC 9001 §5.3). */
export type CipherSuite = 'aes-128-gcm' | 'chacha20-poly1305';

/** Bytes that an authentication tag adds to a packet. */
export const tagBytes = 16;
/** Bytes of an AEAD nonce. */
export const nonceBytes = 12;

/** One AEAD key for one direction. Implementations keep no state between packets. */
export interface AeadKey {
  /**
   * Encrypts `plaintext` and writes ciphertext and tag (`plaintext.length + 16` bytes) to the start of `output`.
   * `output` may overlap `plaintext` when both start at the same byte.
   */
  seal(nonce: Uint8Array, associatedData: Uint8Array, plaintext: Uint8Array, output: Uint8Array): void;
  /**
   * Checks the tag at the end of `ciphertext` and writes the plaintext (`ciphertext.length − 16` bytes) to the start of `output`,
   * which may overlap `ciphertext` in the same way. Returns false, with `output` unspecified, when the tag does not match.
   */
  open(nonce: Uint8Array, associatedData: Uint8Array, ciphertext: Uint8Array, output: Uint8Array): boolean;
}

/** An ephemeral X25519 key pair (RFC 7748). */
export interface KeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The 32-byte shared secret, or undefined when the peer's key is invalid or gives the all-zero secret (RFC 7748 §6.1). */
  agree(peerPublicKey: Uint8Array): Uint8Array | undefined;
}

/** What the pure core needs of a cryptographic library and of a random source; the driver supplies it. */
export interface CryptoProvider {
  generateKeyPair(): KeyPair;
  sha256(data: Uint8Array): Uint8Array;
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** True for an Ed25519 signature of `message` (RFC 8032 §5.1.7) by the holder of this public key; false for whatever is none. */
  verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  createAeadKey(suite: CipherSuite, key: Uint8Array): AeadKey;
  /** True when both are equal, in time that does not depend on where they differ. */
  equal(left: Uint8Array, right: Uint8Array): boolean;
  randomBytes(count: number): Uint8Array;
}
