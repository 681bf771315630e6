import { ByteReader, MalformedPacketError } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { RudpConfig } from './config.ts';
import { type ConnectionId, connectionIdAt, connectionIdBytes } from './connection-id.ts';
import { decodeCookie } from './cookie.ts';
import type { CipherSuite, CryptoProvider, KeyPair } from './crypto.ts';
import { binderKey, deriveTrafficSecrets, maskResetToken, type TrafficSecrets } from './key-schedule.ts';
import { cookieBytesMax, synBytesMin } from './limits.ts';
import { commonHeaderBytes, PacketType, protocolVersion } from './packet.ts';
import { decodeReject } from './reject.ts';
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
export const identityBytes = 16;

/** Bytes of the binder in a SYN and of the confirmation in a SYN-ACK: HMAC-SHA-256 cut to 128 bits. */
export const proofBytes = 16;
/** Bytes of an X25519 public key. */
export const publicKeyBytes = 32;

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

/** Cookies that a client carries back in one handshake: a server under load asks once, again only when the first grew too old. */
const cookiesMax = 3;

/** The client's half of the exchange: builds the SYN, then waits for the SYN-ACK that answers it. */
export class ClientHandshake {
  #syn: Uint8Array;
  #cookieCount = 0;
  readonly #localId: Uint8Array;
  readonly #crypto: CryptoProvider;
  readonly #keyPair: KeyPair;
  readonly #preSharedKey: PreSharedKey | undefined;
  readonly #config: RudpConfig;

  constructor(
    crypto: CryptoProvider,
    config: RudpConfig,
    localId: Uint8Array,
    preSharedKey: PreSharedKey | undefined,
  ) {
    this.#crypto = crypto;
    this.#config = config;
    this.#keyPair = crypto.generateKeyPair();
    this.#preSharedKey = preSharedKey;
    this.#localId = localId;
    this.#syn = this.#encodeSyn(undefined);
  }

  /** The SYN packet, padded to 1200 bytes; it is sent again unchanged until a cookie changes it. */
  get syn(): Uint8Array {
    return this.#syn;
  }

  /** The server wants its cookie back: true when the SYN carries it now, and must be sent again. Throws `MalformedPacketError`. */
  // RUDP-COOKIE-3
  acceptCookie(packet: Uint8Array): boolean {
    if (packet[0] !== PacketType.cookie) return false;
    const cookie = decodeCookie(this.#crypto, this.#syn, packet);
    if (cookie === undefined || cookie.length > cookieBytesMax || this.#cookieCount >= cookiesMax)
      return false;
    this.#cookieCount += 1;
    this.#syn = this.#encodeSyn(cookie);
    return true;
  }

  /** The code of a REJECT that answers the SYN; undefined for anything else. Throws `MalformedPacketError`. */
  refusalIn(packet: Uint8Array): number | undefined {
    return packet[0] === PacketType.reject ? decodeReject(this.#crypto, this.#syn, packet) : undefined;
  }

  // RUDP-SYN-1, RUDP-SYN-2
  #encodeSyn(cookie: Uint8Array | undefined): Uint8Array {
    const writer = new ByteWriter(new Uint8Array(synBytesMin));
    writer.u8(PacketType.syn);
    writer.u16(synBytesMin);
    writer.raw(new Uint8Array(connectionIdBytes));
    writer.u32(protocolVersion);
    writer.raw(this.#localId);
    writer.raw(this.#keyPair.publicKey);
    const identity = this.#preSharedKey?.identity ?? new Uint8Array(0);
    writer.u8(identity.length);
    writer.raw(identity);
    encodeParameters(writer, { ...parametersOf(this.#config, this.#config.cipherSuites), cookie });
    writer.zerosTo(synBytesMin - proofBytes);
    const covered = writer.bytes.subarray(0, writer.position);
    const binder = this.#crypto.hmacSha256(binderKey(this.#crypto, this.#preSharedKey?.key), covered);
    writer.raw(binder.subarray(0, proofBytes));
    return writer.bytes;
  }

  /** Checks a SYN-ACK; undefined when it does not prove that the server has the same secrets. Throws `MalformedPacketError`. */
  // RUDP-SYN-6
  complete(packet: Uint8Array): (HandshakeResult & { remoteId: Uint8Array }) | undefined {
    const reader = new ByteReader(packet, commonHeaderBytes);
    if (reader.u32() !== protocolVersion) return undefined;
    const remoteId = reader.raw(connectionIdBytes).slice();
    const sharedSecret = this.#keyPair.agree(reader.raw(publicKeyBytes));
    const remoteParameters = decodeParameters(reader);
    const covered = packet.subarray(0, reader.position);
    const confirmation = reader.raw(proofBytes);
    const cipherSuite = remoteParameters.cipherSuites[0];
    if (sharedSecret === undefined || cipherSuite === undefined) return undefined;
    if (!this.#config.cipherSuites.includes(cipherSuite)) return undefined;
    const secrets = deriveSecrets(this.#crypto, this.#preSharedKey?.key, sharedSecret, this.#syn, covered);
    if (!this.#crypto.equal(confirmationOf(this.#crypto, secrets, covered), confirmation)) return undefined;
    const masked = remoteParameters.maskedResetToken;
    const inputs = { preSharedKey: this.#preSharedKey?.key, sharedSecret };
    const resetToken = masked && maskResetToken(this.#crypto, inputs, masked);
    return { secrets, cipherSuite, remoteParameters, remoteId, resetToken };
  }
}

/** Decodes a SYN without trusting it; throws `MalformedPacketError`. A SYN of another version has only its ids read. */
// RUDP-SYN-3
export function decodeSyn(
  packet: Uint8Array,
): Syn | { readonly version: number; readonly clientId: ConnectionId; readonly publicKey: undefined } {
  if (packet.length < synBytesMin)
    throw new MalformedPacketError(`expected a SYN of ${synBytesMin} bytes, found ${packet.length}`);
  const reader = new ByteReader(packet, commonHeaderBytes, packet.length - proofBytes);
  const version = reader.u32();
  const clientId = connectionIdAt(reader.raw(connectionIdBytes), 0);
  if (version !== protocolVersion) return { version, clientId, publicKey: undefined };
  const publicKey = reader.raw(publicKeyBytes).slice();
  const identityLength = reader.u8();
  if (identityLength !== 0 && identityLength !== identityBytes) {
    throw new MalformedPacketError(
      `expected an identity of 0 or ${identityBytes} bytes, found ${identityLength}`,
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
  const covered = packet.subarray(0, packet.length - proofBytes);
  const binder = crypto.hmacSha256(binderKey(crypto, preSharedKey), covered).subarray(0, proofBytes);
  return crypto.equal(binder, packet.subarray(packet.length - proofBytes));
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
  },
): (HandshakeResult & { synAck: Uint8Array }) | undefined {
  const cipherSuite = config.cipherSuites.find((suite) => syn.parameters.cipherSuites.includes(suite));
  const keyPair = crypto.generateKeyPair();
  const sharedSecret = keyPair.agree(syn.publicKey);
  if (cipherSuite === undefined || sharedSecret === undefined) return undefined;
  const writer = new ByteWriter(new Uint8Array(256));
  writer.u8(PacketType.synAck);
  writer.u16(0);
  writer.raw(options.clientId);
  writer.u32(protocolVersion);
  writer.raw(options.localId);
  writer.raw(keyPair.publicKey);
  const { preSharedKey, resetToken } = options;
  const maskedResetToken = resetToken && maskResetToken(crypto, { preSharedKey, sharedSecret }, resetToken);
  encodeParameters(writer, { ...parametersOf(config, [cipherSuite]), maskedResetToken });
  writer.u16At(1, writer.position + proofBytes);
  const covered = writer.bytes.subarray(0, writer.position);
  const secrets = deriveSecrets(crypto, options.preSharedKey, sharedSecret, options.packet, covered);
  writer.raw(confirmationOf(crypto, secrets, covered));
  return {
    synAck: writer.bytes.slice(0, writer.position),
    secrets,
    cipherSuite,
    remoteParameters: syn.parameters,
  };
}

function deriveSecrets(
  crypto: CryptoProvider,
  preSharedKey: Uint8Array | undefined,
  sharedSecret: Uint8Array,
  syn: Uint8Array,
  synAckCovered: Uint8Array,
): TrafficSecrets {
  return deriveTrafficSecrets(crypto, {
    preSharedKey,
    sharedSecret,
    transcriptHash: hashBoth(crypto, syn, synAckCovered),
  });
}

function confirmationOf(crypto: CryptoProvider, secrets: TrafficSecrets, covered: Uint8Array): Uint8Array {
  return crypto.hmacSha256(secrets.confirmationKey, covered).subarray(0, proofBytes);
}

function hashBoth(crypto: CryptoProvider, first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return crypto.sha256(both);
}
