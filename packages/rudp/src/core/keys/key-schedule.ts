import { ByteWriter, concatenate } from '../structures/byte-writer.ts';
import { type CipherSuite, type CryptoProvider, NONCE_BYTES } from './crypto.ts';

/** Secrets of both directions after the handshake. */
export interface TrafficSecrets {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
  /** Key of the confirmation that a SYN-ACK carries. */
  readonly confirmationKey: Uint8Array;
}

/** What both sides know before the transcript is complete. */
export interface KeyInputs {
  readonly preSharedKey: Uint8Array | undefined;
  readonly sharedSecret: Uint8Array;
}

const HASH_BYTES = 32;
const noPreSharedKey = new Uint8Array(HASH_BYTES);

const KEY_BYTES: Readonly<Record<CipherSuite, number>> = { 'aes-128-gcm': 16, 'chacha20-poly1305': 32 };

/** Text that is known to be ASCII, as bytes. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const salt = ascii('parley rudp v1 salt');

/** HKDF-Extract with SHA-256 (RFC 5869 §2.2). */
function hkdfExtract(crypto: CryptoProvider, saltBytes: Uint8Array, inputKey: Uint8Array): Uint8Array {
  return crypto.hmacSha256(saltBytes, inputKey);
}

/** HKDF-Expand (RFC 5869 §2.3), with a label and a context as information (in the way of RFC 8446 §7.1). */
export function expandLabel(
  crypto: CryptoProvider,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const labelBytes = ascii(`rudp1 ${label}`);
  const information = new ByteWriter(new Uint8Array(2 + 1 + labelBytes.length + 1 + context.length));
  information.u16(length);
  information.u8(labelBytes.length);
  information.raw(labelBytes);
  information.u8(context.length);
  information.raw(context);
  const output = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  for (let written = 0, count = 1; written < length; written += HASH_BYTES, count += 1) {
    block = crypto.hmacSha256(secret, concatenate(block, information.bytes, Uint8Array.of(count)));
    output.set(block.subarray(0, length - written), written);
  }
  return output;
}

/** Key of the binder in a SYN: it shows that the client holds the pre-shared key. */
// RUDP-KEY-2
export function binderKey(crypto: CryptoProvider, preSharedKey: Uint8Array | undefined): Uint8Array {
  const early = hkdfExtract(crypto, salt, preSharedKey ?? noPreSharedKey);
  return expandLabel(crypto, early, 'binder', new Uint8Array(0), HASH_BYTES);
}

/** Secrets of a connection from the pre-shared key, the X25519 secret and the hash of SYN and SYN-ACK. */
// RUDP-KEY-1
export function deriveTrafficSecrets(
  crypto: CryptoProvider,
  inputs: KeyInputs & { readonly transcriptHash: Uint8Array },
): TrafficSecrets {
  const handshake = handshakeSecret(crypto, inputs);
  const secret = (label: string) => expandLabel(crypto, handshake, label, inputs.transcriptHash, HASH_BYTES);
  return {
    client: secret('client traffic'),
    server: secret('server traffic'),
    confirmationKey: secret('confirmation'),
  };
}

/** Hides `bytes` of a SYN-ACK, or shows them again: the mask of each label is known to nobody but who shares the X25519 secret. */
// RUDP-STATELESS-2, RUDP-IDENTITY-1
export function maskWithHandshake(
  crypto: CryptoProvider,
  inputs: KeyInputs,
  label: 'reset token' | 'server identity',
  bytes: Uint8Array,
): Uint8Array {
  const none = new Uint8Array(0);
  const mask = expandLabel(crypto, handshakeSecret(crypto, inputs), label, none, bytes.length);
  return mask.map((byte, index) => byte ^ (bytes[index] as number));
}

function handshakeSecret(crypto: CryptoProvider, { preSharedKey, sharedSecret }: KeyInputs): Uint8Array {
  const early = hkdfExtract(crypto, salt, preSharedKey ?? noPreSharedKey);
  const derived = expandLabel(crypto, early, 'derived', new Uint8Array(0), HASH_BYTES);
  return hkdfExtract(crypto, derived, sharedSecret);
}

/** The secret that follows in the same direction when the keys are updated. */
// RUDP-KEY-5
export function nextTrafficSecret(crypto: CryptoProvider, trafficSecret: Uint8Array): Uint8Array {
  return expandLabel(crypto, trafficSecret, 'key update', new Uint8Array(0), HASH_BYTES);
}

/** AEAD key and nonce base of one direction. */
// RUDP-KEY-3
export function derivePacketKey(crypto: CryptoProvider, suite: CipherSuite, trafficSecret: Uint8Array) {
  const none = new Uint8Array(0);
  return {
    aead: crypto.createAeadKey(suite, expandLabel(crypto, trafficSecret, 'key', none, KEY_BYTES[suite])),
    nonceBase: expandLabel(crypto, trafficSecret, 'nonce', none, NONCE_BYTES),
  };
}
