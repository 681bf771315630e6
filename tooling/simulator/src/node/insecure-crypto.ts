import type { Random } from '@parley/netsim';
import type { AeadKey, CryptoProvider, KeyPair } from '@parley/rudp/core';

const KEY_BYTES = 32;
const DIGEST_BYTES = 32;
const TAG_BYTES = 16;
/** Odd multipliers: each step of the hash is a bijection, so that one changed word always changes the end. */
const FIRST_PRIME = 0x9e3779b1;
const SECOND_PRIME = 0x85ebca77;

/**
 * INSECURE: hides nothing from anybody. A deterministic stand-in for real cryptography, for simulations that spend their time
 * on the protocol instead: private keys are public keys, and the cipher is an XOR with a tag that notices damage, not forgery.
 */
export function insecureSimulatorCrypto(random: Random): CryptoProvider {
  return {
    generateKeyPair: () => insecureKeyPair(random.bytes(KEY_BYTES)),
    sha256: (data) => insecureDigest(FIRST_PRIME, data),
    hmacSha256: (key, data) => insecureDigest(mix(mixBytes(FIRST_PRIME, key), key.length), data),
    // No simulated server has an identity.
    verifySignature: () => false,
    createAeadKey: (_suite, key) => new InsecureAeadKey(key),
    equal: (left, right) => Buffer.compare(left, right) === 0,
    randomBytes: (count) => random.bytes(count),
  };
}

/** 32 bytes that depend on every byte of `data` and on `start`. */
function insecureDigest(start: number, data: Uint8Array): Uint8Array {
  const digest = new Uint8Array(DIGEST_BYTES);
  const view = new DataView(digest.buffer);
  let low = mix(mixBytes(start, data), data.length);
  let high = mix(mixBytes(mix(start, SECOND_PRIME), data), data.length);
  for (let offset = 0; offset < DIGEST_BYTES; offset += 4) {
    const next = mix(low, high + offset);
    low = high;
    high = next;
    view.setUint32(offset, next);
  }
  return digest;
}

function insecureKeyPair(bytes: Uint8Array): KeyPair {
  return {
    publicKey: bytes,
    agree: (peer) => {
      const secret = bytes.map((byte, index) => byte ^ (peer[index] as number));
      return secret.every((byte) => byte === 0) ? undefined : secret;
    },
  };
}

class InsecureAeadKey implements AeadKey {
  readonly library = 'insecure-simulator';
  readonly #key: number;

  constructor(key: Uint8Array) {
    this.#key = mixBytes(FIRST_PRIME, key);
  }

  seal(nonce: Uint8Array, bytes: Uint8Array, start: number, textStart: number, textEnd: number): void {
    const first = this.#start(nonce, bytes.subarray(start, textStart));
    const last = crypt(first, bytes.subarray(textStart, textEnd), 'seal');
    writeTag(bytes.subarray(textEnd, textEnd + TAG_BYTES), first, last);
  }

  open(nonce: Uint8Array, bytes: Uint8Array, start: number, textStart: number, textEnd: number): boolean {
    const first = this.#start(nonce, bytes.subarray(start, textStart));
    const last = crypt(first, bytes.subarray(textStart, textEnd), 'open');
    const expected = new Uint8Array(TAG_BYTES);
    writeTag(expected, first, last);
    return Buffer.compare(bytes.subarray(textEnd, textEnd + TAG_BYTES), expected) === 0;
  }

  #start(nonce: Uint8Array, associatedData: Uint8Array): number {
    return mixBytes(mixBytes(this.#key, nonce), associatedData);
  }
}

/** XORs the text with a keystream from `start`, in place, and returns a hash of the ciphertext. */
function crypt(start: number, text: Uint8Array, mode: 'seal' | 'open'): number {
  const { length } = text;
  const view = new DataView(text.buffer, text.byteOffset, length);
  const isSealing = mode === 'seal';
  let hash = start;
  let index = 0;
  for (; index + 4 <= length; index += 4) {
    const word = view.getUint32(index);
    const crypted = word ^ Math.imul(start + index, SECOND_PRIME);
    hash = mix(hash, isSealing ? crypted : word);
    view.setUint32(index, crypted);
  }
  for (; index < length; index += 1) {
    const byte = text[index] as number;
    const crypted = (byte ^ Math.imul(start + index, SECOND_PRIME)) & 0xff;
    hash = mix(hash, isSealing ? crypted : byte);
    text[index] = crypted;
  }
  return mix(hash, length);
}

function writeTag(tag: Uint8Array, start: number, end: number): void {
  const view = new DataView(tag.buffer, tag.byteOffset, TAG_BYTES);
  view.setUint32(0, end);
  view.setUint32(4, mix(end, start));
  view.setUint32(8, mix(start, end));
  view.setUint32(12, mix(mix(end, start), end));
}

function mix(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, FIRST_PRIME);
  return product ^ (product >>> 15);
}

function mixBytes(start: number, bytes: Uint8Array): number {
  let hash = start;
  for (const byte of bytes) hash = mix(hash, byte);
  return hash;
}
