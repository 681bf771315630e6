import { InvalidConfigError } from '../config.ts';
import type { CryptoProvider } from '../keys/crypto.ts';
import { ascii, type KeyInputs, maskWithHandshake } from '../keys/key-schedule.ts';
import { concatenate } from '../structures/byte-writer.ts';
import { invariant } from '../structures/invariant.ts';

/** Bytes of an Ed25519 public key (RFC 8032 §5.1.5). */
export const SERVER_IDENTITY_BYTES = 32;
/** Bytes of an Ed25519 signature (RFC 8032 §5.1.6). */
const SIGNATURE_BYTES = 64;
/** Public key and signature, as a SYN-ACK carries them. */
export const IDENTITY_PROOF_BYTES = SERVER_IDENTITY_BYTES + SIGNATURE_BYTES;

/** The long-term key of a server: what a client may pin. The private half stays with whoever signs. */
export interface ServerIdentity {
  /** 32 bytes, Ed25519. */
  readonly publicKey: Uint8Array;
  /** The 64 bytes of the Ed25519 signature of `message`. */
  sign(message: Uint8Array): Uint8Array;
}

/** The key that a client wants to see, copied; throws `InvalidConfigError` when it does not have 32 bytes. */
export function checkServerIdentity(publicKey: Uint8Array | undefined): Uint8Array | undefined {
  if (publicKey !== undefined && publicKey.length !== SERVER_IDENTITY_BYTES)
    throw new InvalidConfigError(
      'serverIdentity',
      `${SERVER_IDENTITY_BYTES} bytes`,
      `${publicKey.length} bytes`,
    );
  return publicKey?.slice();
}

/** What a signature of this protocol covers begins so: it is of use nowhere else. */
const context = ascii('parley rudp v1 server identity');

/** The handshake as far as the signature covers it: every byte of both packets that stands before it. */
interface SignedTranscript {
  readonly syn: Uint8Array;
  /** The SYN-ACK up to the signature, the masked public key included. */
  readonly synAckBefore: Uint8Array;
}

/**
 * Fills the 96 bytes at the end of `covered`, the SYN-ACK without its confirmation, with the server's key and its signature of
 * the handshake, both masked: who only listens learns neither.
 */
// RUDP-IDENTITY-1, RUDP-IDENTITY-2
export function writeIdentityProof(
  crypto: CryptoProvider,
  identity: ServerIdentity,
  inputs: KeyInputs,
  { syn, covered }: { readonly syn: Uint8Array; readonly covered: Uint8Array },
): void {
  const proof = covered.subarray(covered.length - IDENTITY_PROOF_BYTES);
  const mask = maskWithHandshake(crypto, inputs, 'server identity', new Uint8Array(IDENTITY_PROOF_BYTES));
  setMasked(proof, identity.publicKey, mask);
  const synAckBefore = covered.subarray(0, covered.length - SIGNATURE_BYTES);
  const message = signedMessage(crypto, identity.publicKey, { syn, synAckBefore });
  const signature = identity.sign(message);
  invariant(signature.length === SIGNATURE_BYTES, 'an ed25519 signature has 64 bytes');
  setMasked(proof.subarray(SERVER_IDENTITY_BYTES), signature, mask.subarray(SERVER_IDENTITY_BYTES));
}

/** The server's key, when the proof at the end of `covered` shows that the server holds it; undefined when it does not. */
// RUDP-IDENTITY-3
export function provedIdentity(
  crypto: CryptoProvider,
  inputs: KeyInputs,
  { syn, covered }: { readonly syn: Uint8Array; readonly covered: Uint8Array },
): Uint8Array | undefined {
  const masked = covered.subarray(covered.length - IDENTITY_PROOF_BYTES);
  const proof = maskWithHandshake(crypto, inputs, 'server identity', masked);
  const publicKey = proof.slice(0, SERVER_IDENTITY_BYTES);
  const synAckBefore = covered.subarray(0, covered.length - SIGNATURE_BYTES);
  const message = signedMessage(crypto, publicKey, { syn, synAckBefore });
  return crypto.verifySignature(publicKey, message, proof.slice(SERVER_IDENTITY_BYTES))
    ? publicKey
    : undefined;
}

function signedMessage(
  crypto: CryptoProvider,
  publicKey: Uint8Array,
  { syn, synAckBefore }: SignedTranscript,
): Uint8Array {
  return concatenate(context, publicKey, crypto.sha256(concatenate(syn, synAckBefore)));
}

function setMasked(target: Uint8Array, bytes: Uint8Array, mask: Uint8Array): void {
  for (let index = 0; index < bytes.length; index += 1)
    target[index] = (bytes[index] as number) ^ (mask[index] as number);
}
