import type { RudpConfig } from '../config.ts';
import type { CryptoProvider, KeyPair } from '../keys/crypto.ts';
import { binderKey, maskWithHandshake } from '../keys/key-schedule.ts';
import { COOKIE_BYTES_MAX, SYN_BYTES_MIN } from '../limits.ts';
import { CONNECTION_ID_BYTES } from '../packets/connection-id.ts';
import { COMMON_HEADER_BYTES, PacketType, PROTOCOL_VERSION } from '../packets/packet.ts';
import { ByteReader } from '../structures/byte-reader.ts';
import { ByteWriter } from '../structures/byte-writer.ts';
import { decodeCookie } from './cookie.ts';
import {
  confirmationOf,
  deriveSecrets,
  type HandshakeResult,
  PROOF_BYTES,
  type PreSharedKey,
  PUBLIC_KEY_BYTES,
} from './handshake.ts';
import { decodeReject, type Refusal, RejectCode } from './reject.ts';
import { provedIdentity } from './server-identity.ts';
import { decodeParameters, encodeParameters, parametersOf } from './transport-parameters.ts';

/** What a client knows of the server before it meets it. */
export interface ClientHandshakeOptions {
  readonly preSharedKey?: PreSharedKey | undefined;
  /** The only long-term key of a server that will do; 32 bytes. */
  readonly serverIdentity?: Uint8Array | undefined;
  /** Versions that this side speaks, best first. */
  readonly versions?: readonly [number, ...number[]] | undefined;
}

/** What a SYN-ACK has shown that proves the same secrets. */
export interface CompletedHandshake extends HandshakeResult {
  readonly remoteId: Uint8Array;
  /** The long-term key that the server has proved to hold. */
  readonly serverIdentity: Uint8Array | undefined;
  /** False when the server has proved another key than the one that is awaited, or claims one that it does not hold. */
  readonly isIdentityRight: boolean;
}

/** Cookies that a client carries back in one handshake: a server under load asks once, again only when the first grew too old. */
const COOKIES_MAX = 3;

/** The client's half of the exchange: builds the SYN, then waits for the SYN-ACK that answers it. */
export class ClientHandshake {
  #syn: Uint8Array;
  #cookie: Uint8Array | undefined;
  #cookieCount = 0;
  #version: number;
  #hasChangedVersion = false;
  readonly #localId: Uint8Array;
  readonly #crypto: CryptoProvider;
  readonly #keyPair: KeyPair;
  readonly #preSharedKey: PreSharedKey | undefined;
  readonly #serverIdentity: Uint8Array | undefined;
  readonly #versions: readonly [number, ...number[]];
  readonly #config: RudpConfig;

  constructor(
    crypto: CryptoProvider,
    config: RudpConfig,
    localId: Uint8Array,
    options: ClientHandshakeOptions = {},
  ) {
    this.#crypto = crypto;
    this.#config = config;
    this.#keyPair = crypto.generateKeyPair();
    this.#preSharedKey = options.preSharedKey;
    this.#serverIdentity = options.serverIdentity;
    this.#versions = options.versions ?? [PROTOCOL_VERSION];
    this.#version = this.#versions[0];
    this.#localId = localId;
    this.#syn = this.#encodeSyn();
  }

  /** The SYN packet, padded to 1200 bytes; it is sent again unchanged until a cookie or another version changes it. */
  get syn(): Uint8Array {
    return this.#syn;
  }

  /** The server wants its cookie back: true when the SYN carries it now, and must be sent again. Throws `MalformedPacketError`. */
  // RUDP-COOKIE-3
  acceptCookie(packet: Uint8Array): boolean {
    if (packet[0] !== PacketType.cookie) return false;
    const cookie = decodeCookie(this.#crypto, this.#syn, packet);
    if (cookie === undefined || cookie.length > COOKIE_BYTES_MAX || this.#cookieCount >= COOKIES_MAX)
      return false;
    this.#cookieCount += 1;
    this.#cookie = cookie;
    this.#syn = this.#encodeSyn();
    return true;
  }

  /** What a REJECT says that answers the SYN; undefined for anything else. Throws `MalformedPacketError`. */
  refusalIn(packet: Uint8Array): Refusal | undefined {
    return packet[0] === PacketType.reject ? decodeReject(this.#crypto, this.#syn, packet) : undefined;
  }

  /** The server speaks other versions: true when the SYN is of one that both speak now, and must be sent again. */
  // RUDP-VERSION-2
  acceptVersion({ code, versions }: Refusal): boolean {
    const common = this.#versions.find((version) => versions.includes(version));
    const isUseful = common !== undefined && common !== this.#version && !this.#hasChangedVersion;
    if (code !== RejectCode.versionUnsupported || !isUseful) return false;
    this.#hasChangedVersion = true;
    this.#version = common;
    this.#syn = this.#encodeSyn();
    return true;
  }

  // RUDP-SYN-1, RUDP-SYN-2
  #encodeSyn(): Uint8Array {
    const writer = new ByteWriter(new Uint8Array(SYN_BYTES_MIN));
    writer.u8(PacketType.syn);
    writer.u16(SYN_BYTES_MIN);
    writer.raw(new Uint8Array(CONNECTION_ID_BYTES));
    writer.u32(this.#version);
    writer.raw(this.#localId);
    writer.raw(this.#keyPair.publicKey);
    const identity = this.#preSharedKey?.identity ?? new Uint8Array(0);
    writer.u8(identity.length);
    writer.raw(identity);
    encodeParameters(writer, {
      ...parametersOf(this.#config, this.#config.cipherSuites),
      cookie: this.#cookie,
      // RUDP-VERSION-3
      versions: this.#versions.length > 1 ? this.#versions : undefined,
    });
    writer.zerosTo(SYN_BYTES_MIN - PROOF_BYTES);
    const covered = writer.bytes.subarray(0, writer.position);
    const binder = this.#crypto.hmacSha256(binderKey(this.#crypto, this.#preSharedKey?.key), covered);
    writer.raw(binder.subarray(0, PROOF_BYTES));
    return writer.bytes;
  }

  /** Checks a SYN-ACK; undefined when it does not prove that the server has the same secrets. Throws `MalformedPacketError`. */
  // RUDP-SYN-6
  complete(packet: Uint8Array): CompletedHandshake | undefined {
    const reader = new ByteReader(packet, COMMON_HEADER_BYTES);
    if (reader.u32() !== this.#version) return undefined;
    const remoteId = reader.raw(CONNECTION_ID_BYTES).slice();
    const sharedSecret = this.#keyPair.agree(reader.raw(PUBLIC_KEY_BYTES));
    const remoteParameters = decodeParameters(reader);
    const covered = packet.subarray(0, reader.position);
    const confirmation = reader.raw(PROOF_BYTES);
    const cipherSuite = remoteParameters.cipherSuites[0];
    if (sharedSecret === undefined || cipherSuite === undefined) return undefined;
    if (!this.#config.cipherSuites.includes(cipherSuite)) return undefined;
    const inputs = { preSharedKey: this.#preSharedKey?.key, sharedSecret };
    const transcript = { syn: this.#syn, covered };
    const secrets = deriveSecrets(this.#crypto, inputs, transcript);
    if (!this.#crypto.equal(confirmationOf(this.#crypto, secrets, covered), confirmation)) return undefined;
    const { maskedResetToken: masked, identityProof } = remoteParameters;
    const serverIdentity = identityProof && provedIdentity(this.#crypto, inputs, transcript);
    const isIdentityRight =
      this.#isAwaited(serverIdentity) && (identityProof === undefined || serverIdentity !== undefined);
    const resetToken = masked && maskWithHandshake(this.#crypto, inputs, 'reset token', masked);
    return { secrets, cipherSuite, remoteParameters, remoteId, resetToken, serverIdentity, isIdentityRight };
  }

  /** True unless the client knows which server it wants, and this is none or another. */
  // RUDP-IDENTITY-4
  #isAwaited(identity: Uint8Array | undefined): boolean {
    if (this.#serverIdentity === undefined) return true;
    return identity !== undefined && this.#crypto.equal(identity, this.#serverIdentity);
  }
}
