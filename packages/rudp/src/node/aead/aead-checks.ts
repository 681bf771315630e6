import type { CipherSuite } from '../../core/keys/crypto.ts';
import { NONCE_BYTES, TAG_BYTES } from '../../core/keys/crypto.ts';

const KEY_BYTES_BY_SUITE: Readonly<Record<CipherSuite, number>> = {
  'aes-128-gcm': 16,
  'chacha20-poly1305': 32,
};

/** Throws `RangeError` when the key's length does not fit the suite. */
export function checkKeyLength(suite: CipherSuite, key: Uint8Array): void {
  const expectedBytes = KEY_BYTES_BY_SUITE[suite];
  if (key.byteLength !== expectedBytes)
    throw new RangeError(`expected a ${suite} key of ${expectedBytes} bytes, got ${key.byteLength}`);
}

/** Throws `RangeError` unless the nonce is whole and associated data, text and tag lie in `bytes`: native code is told addresses only. */
export function checkAeadRange(
  nonce: Uint8Array,
  bytes: Uint8Array,
  start: number,
  textStart: number,
  textEnd: number,
): void {
  if (nonce.length !== NONCE_BYTES)
    throw new RangeError(`expected a nonce of ${NONCE_BYTES} bytes, got ${nonce.length}`);
  const isOrdered = start >= 0 && textStart >= start && textEnd >= textStart;
  if (isOrdered && textEnd + TAG_BYTES <= bytes.length) return;
  throw new RangeError(
    `expected associated data, text and tag inside of ${bytes.length} bytes, got ${start}, ${textStart}, ${textEnd}`,
  );
}
