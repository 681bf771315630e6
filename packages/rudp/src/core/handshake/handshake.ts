import type { RudpConfig } from '../config.ts';
import type { CipherSuite, CryptoProvider } from '../keys/crypto.ts';
import {
  binderKey,
  deriveTrafficSecrets,
  type KeyInputs,
  maskWithHandshake,
  type TrafficSecrets,
} from '../keys/key-schedule.ts';
import { SYN_BYTES_MIN } from '../limits.ts';
import { CONNECTION_ID_BYTES, type ConnectionId, connectionIdAt } from '../packets/connection-id.ts';
import { COMMON_HEADER_BYTES, PacketType, PROTOCOL_VERSION } from '../packets/packet.ts';
import { ByteReader, MalformedPacketError } from '../structures/byte-reader.ts';
import { ByteWriter, concatenate } from '../structures/byte-writer.ts';
import { IDENTITY_PROOF_BYTES, type ServerIdentity, writeIdentityProof } from './server-identity.ts';
import {
  decodeParameters,
  encodeParameters,
  parametersOf,
  type TransportParameters,
} from './transport-parameters.ts';

/** A secret that both sides know before they meet: the identity travels in the SYN, the key never does. */
export interface PreSharedKey {
  /** 16 bytes. */
  readonly identity: Uint8Array;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** Bytes of a pre-shared key's identity. */
export const IDENTITY_BYTES = 16;

/** Bytes of the binder in a SYN and of the confirmation in a SYN-ACK: HMAC-SHA-256 cut to 128 bits. */
export const PROOF_BYTES = 16;
/** Bytes of an X25519 public key. */
export const PUBLIC_KEY_BYTES = 32;

/** More than a SYN-ACK with every parameter takes, and far less than three times a SYN. */
const SYN_ACK_BYTES_MAX = 512;

/** A decoded SYN. Its binder is not yet checked. */
export interface Syn {
  readonly version: number;
  readonly clientId: ConnectionId;
  readonly publicKey: Uint8Array;
  /** Empty without a pre-shared key. */
  readonly identity: Uint8Array;
  readonly parameters: TransportParameters;
}

/** What both sides hold when SYN and SYN-ACK have crossed. */
export interface HandshakeResult {
  readonly secrets: TrafficSecrets;
  readonly cipherSuite: CipherSuite;
  readonly remoteParameters: TransportParameters;
  /** The token with which the peer says that it no longer knows the connection; the client gives none. */
  readonly resetToken?: Uint8Array | undefined;
}

/** What a handshake has agreed on, and which side of it we are. */
export interface AgreedKeys extends HandshakeResult {
  readonly remoteId: Uint8Array;
  readonly side: 'client' | 'server';
}

/** Decodes a SYN without trusting it; throws `MalformedPacketError`. A SYN of another version has only its ids read. */
// RUDP-SYN-3
export function decodeSyn(
  packet: Uint8Array,
  versions: readonly number[] = [PROTOCOL_VERSION],
): Syn | { readonly version: number; readonly clientId: ConnectionId; readonly publicKey: undefined } {
  if (packet.length < SYN_BYTES_MIN)
    throw new MalformedPacketError(`expected a SYN of ${SYN_BYTES_MIN} bytes, found ${packet.length}`);
  const reader = new ByteReader(packet, COMMON_HEADER_BYTES, packet.length - PROOF_BYTES);
  const version = reader.u32();
  const clientId = connectionIdAt(reader.raw(CONNECTION_ID_BYTES), 0);
  if (!versions.includes(version)) return { version, clientId, publicKey: undefined };
  const publicKey = reader.raw(PUBLIC_KEY_BYTES).slice();
  const identityLength = reader.u8();
  if (identityLength !== 0 && identityLength !== IDENTITY_BYTES) {
    throw new MalformedPacketError(
      `expected an identity of 0 or ${IDENTITY_BYTES} bytes, found ${identityLength}`,
    );
  }
  const identity = reader.raw(identityLength).slice();
  return { version, clientId, publicKey, identity, parameters: decodeParameters(reader) };
}

/** True when the SYN's binder was made with `preSharedKey`. */
// RUDP-SYN-4
export function isSynBound(
  crypto: CryptoProvider,
  packet: Uint8Array,
  preSharedKey: Uint8Array | undefined,
): boolean {
  const covered = packet.subarray(0, packet.length - PROOF_BYTES);
  const binder = crypto.hmacSha256(binderKey(crypto, preSharedKey), covered).subarray(0, PROOF_BYTES);
  return crypto.equal(binder, packet.subarray(packet.length - PROOF_BYTES));
}

/** The server's half: answers a SYN whose binder was checked. Undefined when no cipher is shared or the client's key is invalid. */
// RUDP-SYN-5
export function answerSyn(
  crypto: CryptoProvider,
  config: RudpConfig,
  syn: Syn,
  options: {
    packet: Uint8Array;
    clientId: Uint8Array;
    localId: Uint8Array;
    preSharedKey: Uint8Array | undefined;
    /** The token of this connection; without one the client cannot be told of a restart. */
    resetToken?: Uint8Array | undefined;
    /** The long-term key that the server proves. */
    identity?: ServerIdentity | undefined;
  },
): (HandshakeResult & { synAck: Uint8Array }) | undefined {
  const cipherSuite = config.cipherSuites.find((suite) => syn.parameters.cipherSuites.includes(suite));
  const keyPair = crypto.generateKeyPair();
  const sharedSecret = keyPair.agree(syn.publicKey);
  if (cipherSuite === undefined || sharedSecret === undefined) return undefined;
  const writer = new ByteWriter(new Uint8Array(SYN_ACK_BYTES_MAX));
  writer.u8(PacketType.synAck);
  writer.u16(0);
  writer.raw(options.clientId);
  writer.u32(syn.version);
  writer.raw(options.localId);
  writer.raw(keyPair.publicKey);
  const { preSharedKey, resetToken, identity } = options;
  const inputs = { preSharedKey, sharedSecret };
  encodeParameters(writer, {
    ...parametersOf(config, [cipherSuite]),
    maskedResetToken: resetToken && maskWithHandshake(crypto, inputs, 'reset token', resetToken),
    // Written when everything before it is: it covers that.
    identityProof: identity && new Uint8Array(IDENTITY_PROOF_BYTES),
  });
  writer.u16At(1, writer.position + PROOF_BYTES);
  const covered = writer.bytes.subarray(0, writer.position);
  if (identity !== undefined) writeIdentityProof(crypto, identity, inputs, { syn: options.packet, covered });
  const secrets = deriveSecrets(crypto, inputs, { syn: options.packet, covered });
  writer.raw(confirmationOf(crypto, secrets, covered));
  return {
    synAck: writer.bytes.slice(0, writer.position),
    secrets,
    cipherSuite,
    remoteParameters: syn.parameters,
  };
}

/** The secrets of a connection; `covered` is the SYN-ACK without its confirmation. */
export function deriveSecrets(
  crypto: CryptoProvider,
  inputs: KeyInputs,
  { syn, covered }: { readonly syn: Uint8Array; readonly covered: Uint8Array },
): TrafficSecrets {
  return deriveTrafficSecrets(crypto, {
    ...inputs,
    transcriptHash: crypto.sha256(concatenate(syn, covered)),
  });
}

/** What shows that the server has these secrets. */
export function confirmationOf(
  crypto: CryptoProvider,
  secrets: TrafficSecrets,
  covered: Uint8Array,
): Uint8Array {
  return crypto.hmacSha256(secrets.confirmationKey, covered).subarray(0, PROOF_BYTES);
}
