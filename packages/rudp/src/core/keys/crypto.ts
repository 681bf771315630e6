/** Ciphers that protect packets; both have 16-byte keys or more, 12-byte nonces and 16-byte tags (RFC 9001 §5.3). */
export type CipherSuite = 'aes-128-gcm' | 'chacha20-poly1305';

/** Bytes that an authentication tag adds to a packet. */
export const TAG_BYTES = 16;
/** Bytes of an AEAD nonce. */
export const NONCE_BYTES = 12;

/**
 * The cryptographic library could not do its work. What it was to protect must not leave: this ends the endpoint, not only the packet.
 */
export class AeadFailedError extends Error {
  readonly code = 'aead-failed';

  constructor(message: string) {
    super(message);
    this.name = 'AeadFailedError';
  }
}

/**
 * One AEAD key. Associated data, text and tag lie side by side in `bytes`, as they do in a packet: `[start, textStart)` is the
 * associated data, `[textStart, textEnd)` the text, the tag's 16 bytes follow. Offsets instead of views, because a view costs as
 * much as a call of the library. Both methods throw `RangeError` when `bytes` ends too soon, `AeadFailedError` when the library fails.
 */
export interface AeadKey {
  /** What computes it, for statistics: `openssl-ffi`, `node` … */
  readonly library: string;
  /** Encrypts the text in place and writes the tag behind it. */
  seal(nonce: Uint8Array, bytes: Uint8Array, start: number, textStart: number, textEnd: number): void;
  /** Decrypts the text in place. Returns false, with the text unspecified and nothing else touched, when the tag does not match. */
  open(nonce: Uint8Array, bytes: Uint8Array, start: number, textStart: number, textEnd: number): boolean;
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
