import { InvalidConfigError } from '../config.ts';
import type { CryptoProvider } from '../keys/crypto.ts';
import { STATELESS_RESETS_PER_SECOND_MAX } from '../limits.ts';
import { CONNECTION_ID_BYTES, type ConnectionId, connectionIdAt } from '../packets/connection-id.ts';
import { COMMON_HEADER_BYTES, DATA_ID_OFFSET, DataBit, isDataType, PacketType } from '../packets/packet.ts';
import { ByteWriter } from '../structures/byte-writer.ts';

/** Bytes of a token (RFC 9000 §10.3). */
export const RESET_TOKEN_BYTES = 16;
/** Bytes of an endpoint's secret. */
const RESET_SECRET_BYTES = 32;
const PACKET_BYTES = COMMON_HEADER_BYTES + RESET_TOKEN_BYTES;
const WINDOW_MS = 1000;

/**
 * What a listener answers to packets of connections that it does not know: it has restarted, or has given them up. The token
 * follows from a secret that outlives the connections, so that nothing has to be remembered of them.
 */
export class StatelessResetter {
  readonly #crypto: CryptoProvider;
  /** Drawn when it is first needed, unless the owner keeps one. */
  #secret: Uint8Array | undefined;
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #countInWindow = 0;

  /** Throws `InvalidConfigError` when the secret does not have 32 bytes. */
  constructor(crypto: CryptoProvider, secret: Uint8Array | undefined) {
    if (secret !== undefined && secret.length !== RESET_SECRET_BYTES)
      throw new InvalidConfigError('resetSecret', `${RESET_SECRET_BYTES} bytes`, `${secret.length} bytes`);
    this.#crypto = crypto;
    this.#secret = secret?.slice();
  }

  /** The token of the connection with this id of ours. */
  // RUDP-STATELESS-1
  tokenFor(localId: Uint8Array): Uint8Array {
    this.#secret ??= this.#crypto.randomBytes(RESET_SECRET_BYTES);
    return this.#crypto.hmacSha256(this.#secret, localId).subarray(0, RESET_TOKEN_BYTES);
  }

  /** The answer to a DATA packet of an unknown connection; undefined when it gets none. */
  // RUDP-STATELESS-3, RUDP-STATELESS-4
  answer(now: number, packet: Uint8Array): Uint8Array | undefined {
    const [type = 0] = packet;
    const hasWholeId = isDataType(type) && (type & DataBit.wholeId) !== 0;
    if (!hasWholeId || packet.length <= PACKET_BYTES || !this.#isWithinRate(now)) return undefined;
    const id = packet.slice(DATA_ID_OFFSET, DATA_ID_OFFSET + CONNECTION_ID_BYTES);
    const writer = new ByteWriter(new Uint8Array(PACKET_BYTES));
    writer.u8(PacketType.statelessReset);
    writer.u16(PACKET_BYTES);
    writer.raw(id);
    writer.raw(this.tokenFor(id));
    return writer.bytes;
  }

  #isWithinRate(now: number): boolean {
    if (now - this.#windowStartMs >= WINDOW_MS) {
      this.#windowStartMs = now;
      this.#countInWindow = 0;
    }
    this.#countInWindow += 1;
    return this.#countInWindow <= STATELESS_RESETS_PER_SECOND_MAX;
  }
}

/** The id that the peer no longer knows, and the token that shows that it is the peer who says so; undefined when it is malformed. */
export function decodeStatelessReset(
  packet: Uint8Array,
): { remoteId: ConnectionId; token: Uint8Array } | undefined {
  if (packet.length !== PACKET_BYTES) return undefined;
  const remoteId = connectionIdAt(packet, COMMON_HEADER_BYTES - CONNECTION_ID_BYTES);
  return { remoteId, token: packet.subarray(COMMON_HEADER_BYTES) };
}
