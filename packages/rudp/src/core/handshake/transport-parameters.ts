import type { RudpConfig } from '../config.ts';
import type { CipherSuite } from '../keys/crypto.ts';
import { DATAGRAM_BYTES_BASE } from '../limits.ts';
import { RESET_TOKEN_BYTES } from '../states/stateless-reset.ts';
import { type ByteReader, MalformedPacketError, ByteReader as Reader } from '../structures/byte-reader.ts';
import { type ByteWriter, varintBytes } from '../structures/byte-writer.ts';
import { IDENTITY_PROOF_BYTES } from './server-identity.ts';

/** What each side tells the other in SYN and SYN-ACK, covered by the transcript. */
export interface TransportParameters {
  readonly idleTimeoutMs: number;
  /** Stream bytes that the peer may send before the first MAX-DATA. */
  readonly initialMaxData: number;
  readonly ackDelayMsMax: number;
  /** Largest UDP payload that this side receives. */
  readonly datagramBytesMax: number;
  /** In a SYN: ciphers by preference. In a SYN-ACK: the one chosen. */
  readonly cipherSuites: readonly CipherSuite[];
  /** In a SYN: the cookie that the server asked for. */
  readonly cookie?: Uint8Array | undefined;
  /** In a SYN-ACK: the server's token for stateless resets, masked with a key of the handshake. */
  readonly maskedResetToken?: Uint8Array | undefined;
  /** In a SYN: the versions that the client speaks, best first; absent when it speaks none but that of the SYN. */
  readonly versions?: readonly number[] | undefined;
  /** In a SYN-ACK: the server's long-term key and its signature of the handshake, masked. */
  readonly identityProof?: Uint8Array | undefined;
}

/** What begins each parameter. */
export const ParameterId = {
  idleTimeout: 1,
  initialMaxData: 2,
  ackDelayMax: 3,
  datagramBytesMax: 4,
  cipherSuites: 5,
  cookie: 6,
  resetToken: 7,
  versions: 8,
  serverIdentity: 9,
} as const;

/** The byte that stands for each cipher. */
export const CIPHER_CODES: Readonly<Record<CipherSuite, number>> = {
  'aes-128-gcm': 1,
  'chacha20-poly1305': 2,
};

/** The parameters that follow from a configuration. */
export function parametersOf(config: RudpConfig, cipherSuites: readonly CipherSuite[]): TransportParameters {
  return {
    idleTimeoutMs: Math.ceil(config.idleTimeoutMs),
    initialMaxData: config.receiveWindowBytesInitial,
    ackDelayMsMax: Math.ceil(config.ackDelayMsMax),
    datagramBytesMax: config.datagramBytesMax,
    cipherSuites,
  };
}

/** Writes `u16 length` and then each parameter as id, length, value (varints). */
// RUDP-PARAM-1
export function encodeParameters(writer: ByteWriter, parameters: TransportParameters): void {
  const lengthAt = writer.position;
  writer.u16(0);
  writeInteger(writer, ParameterId.idleTimeout, parameters.idleTimeoutMs);
  writeInteger(writer, ParameterId.initialMaxData, parameters.initialMaxData);
  writeInteger(writer, ParameterId.ackDelayMax, parameters.ackDelayMsMax);
  writeInteger(writer, ParameterId.datagramBytesMax, parameters.datagramBytesMax);
  writer.varint(ParameterId.cipherSuites);
  writer.varint(parameters.cipherSuites.length);
  for (const suite of parameters.cipherSuites) writer.u8(CIPHER_CODES[suite]);
  writeBytes(writer, ParameterId.cookie, parameters.cookie);
  writeBytes(writer, ParameterId.resetToken, parameters.maskedResetToken);
  if (parameters.versions !== undefined) {
    writer.varint(ParameterId.versions);
    writer.varint(4 * parameters.versions.length);
    for (const version of parameters.versions) writer.u32(version);
  }
  // RUDP-IDENTITY-1: nothing follows it.
  writeBytes(writer, ParameterId.serverIdentity, parameters.identityProof);
  writer.u16At(lengthAt, writer.position - lengthAt - 2);
}

function writeInteger(writer: ByteWriter, id: number, value: number): void {
  writer.varint(id);
  writer.varint(varintBytes(value));
  writer.varint(value);
}

function writeBytes(writer: ByteWriter, id: number, value: Uint8Array | undefined): void {
  if (value === undefined) return;
  writer.varint(id);
  writer.varint(value.length);
  writer.raw(value);
}

/** Reads what `encodeParameters` writes; unknown ids are skipped, missing or absurd values throw `MalformedPacketError`. */
// RUDP-PARAM-2
export function decodeParameters(reader: ByteReader): TransportParameters {
  const block = new Reader(reader.raw(reader.u16()));
  const integers = new Map<number, number>();
  let cipherSuites: CipherSuite[] = [];
  let cookie: Uint8Array | undefined;
  let maskedResetToken: Uint8Array | undefined;
  let versions: number[] | undefined;
  let identityProof: Uint8Array | undefined;
  while (block.remaining > 0) {
    const id = block.varint();
    const value = new Reader(block.raw(block.varint()));
    if (id === ParameterId.cipherSuites) cipherSuites = decodeCipherSuites(value);
    else if (id === ParameterId.cookie) cookie = value.raw(value.remaining).slice();
    else if (id === ParameterId.resetToken) maskedResetToken = value.raw(RESET_TOKEN_BYTES).slice();
    else if (id === ParameterId.versions) versions = decodeVersions(value);
    else if (id === ParameterId.serverIdentity) identityProof = decodeIdentityProof(value, block);
    else if (id >= ParameterId.idleTimeout && id <= ParameterId.datagramBytesMax)
      integers.set(id, value.varint());
  }
  return {
    idleTimeoutMs: required(integers, ParameterId.idleTimeout, 1),
    initialMaxData: required(integers, ParameterId.initialMaxData, 0),
    ackDelayMsMax: Math.min(required(integers, ParameterId.ackDelayMax, 0), 16_383),
    datagramBytesMax: required(integers, ParameterId.datagramBytesMax, DATAGRAM_BYTES_BASE),
    cipherSuites,
    ...(cookie === undefined ? {} : { cookie }),
    ...(maskedResetToken === undefined ? {} : { maskedResetToken }),
    ...(versions === undefined ? {} : { versions }),
    ...(identityProof === undefined ? {} : { identityProof }),
  };
}

function decodeCipherSuites(reader: ByteReader): CipherSuite[] {
  const suites: CipherSuite[] = [];
  while (reader.remaining > 0) {
    const code = reader.u8();
    for (const suite of Object.keys(CIPHER_CODES) as CipherSuite[])
      if (CIPHER_CODES[suite] === code) suites.push(suite);
  }
  return suites;
}

function decodeVersions(reader: ByteReader): number[] {
  const versions: number[] = [];
  while (reader.remaining > 0) versions.push(reader.u32());
  return versions;
}

/** What the signature covers ends with it, so it has to be the last. */
function decodeIdentityProof(value: ByteReader, block: ByteReader): Uint8Array {
  if (value.remaining !== IDENTITY_PROOF_BYTES || block.remaining > 0) {
    const found = `${value.remaining} bytes and ${block.remaining} behind them`;
    throw new MalformedPacketError(
      `expected ${IDENTITY_PROOF_BYTES} bytes of server identity at the end, found ${found}`,
    );
  }
  return value.raw(IDENTITY_PROOF_BYTES).slice();
}

function required(integers: ReadonlyMap<number, number>, id: number, minimum: number): number {
  const value = integers.get(id);
  if (value === undefined || value < minimum) {
    throw new MalformedPacketError(
      `transport parameter ${id}: expected at least ${minimum}, found ${value ?? 'none'}`,
    );
  }
  return value;
}
