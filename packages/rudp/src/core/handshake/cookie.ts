import type { CryptoProvider } from '../keys/crypto.ts';
import { ascii } from '../keys/key-schedule.ts';
import { CONNECTION_ID_BYTES } from '../packets/connection-id.ts';
import type { RemoteAddress } from '../packets/datagrams.ts';
import { COMMON_HEADER_BYTES, PacketType } from '../packets/packet.ts';
import { ByteReader } from '../structures/byte-reader.ts';
import { ByteWriter } from '../structures/byte-writer.ts';
import { clientIdBytes, DIGEST_BYTES, digestOf, versionOf } from './reject.ts';

/** How long a cookie holds: the client answers within a round trip (quinn's retry tokens live as long). */
const LIFETIME_SECONDS = 15;
const MAC_BYTES = 16;
const COOKIE_BYTES = 4 + MAC_BYTES;
const SECRET_BYTES = 32;
const PACKET_BYTES = COMMON_HEADER_BYTES + 4 + 1 + COOKIE_BYTES + DIGEST_BYTES;

/**
 * Stateless cookies (RFC 9000 §8.1): a loaded listener has a client show that it receives at the address that it sends from,
 * before it keeps anything of it. A cookie is a time and a MAC over it, the address and the client's connection id.
 */
export class CookieJar {
  readonly #crypto: CryptoProvider;
  /** Drawn at the first cookie: most listeners never need one. */
  #secret: Uint8Array | undefined;

  constructor(crypto: CryptoProvider) {
    this.#crypto = crypto;
  }

  /** The COOKIE packet that answers `syn`. */
  // RUDP-COOKIE-1
  answer(now: number, remote: RemoteAddress, syn: Uint8Array): Uint8Array {
    const writer = new ByteWriter(new Uint8Array(PACKET_BYTES));
    writer.u8(PacketType.cookie);
    writer.u16(PACKET_BYTES);
    writer.raw(clientIdBytes(syn));
    writer.u32(versionOf(syn));
    writer.u8(COOKIE_BYTES);
    writer.raw(this.#cookieFor(Math.floor(now / 1000), remote, clientIdBytes(syn)));
    writer.raw(digestOf(this.#crypto, syn, writer.bytes.subarray(0, writer.position)));
    return writer.bytes;
  }

  /** True for a cookie that this jar gave to this client at this address, not too long ago. */
  // RUDP-COOKIE-2
  isValid(now: number, remote: RemoteAddress, clientId: Uint8Array, cookie: Uint8Array): boolean {
    if (this.#secret === undefined || cookie.length !== COOKIE_BYTES) return false;
    const seconds = new ByteReader(cookie).u32();
    const age = Math.floor(now / 1000) - seconds;
    if (age < 0 || age > LIFETIME_SECONDS) return false;
    return this.#crypto.equal(cookie, this.#cookieFor(seconds, remote, clientId));
  }

  #cookieFor(seconds: number, remote: RemoteAddress, clientId: Uint8Array): Uint8Array {
    this.#secret ??= this.#crypto.randomBytes(SECRET_BYTES);
    const host = ascii(remote.host);
    const covered = new ByteWriter(new Uint8Array(4 + CONNECTION_ID_BYTES + 2 + host.length));
    covered.u32(seconds);
    covered.raw(clientId);
    covered.u16(remote.port);
    covered.raw(host);
    const cookie = new ByteWriter(new Uint8Array(COOKIE_BYTES));
    cookie.u32(seconds);
    cookie.raw(this.#crypto.hmacSha256(this.#secret, covered.bytes).subarray(0, MAC_BYTES));
    return cookie.bytes;
  }
}

/** The cookie in a COOKIE packet that answers `syn`; undefined when one of them was damaged on the way. Throws `MalformedPacketError`. */
export function decodeCookie(
  crypto: CryptoProvider,
  syn: Uint8Array,
  packet: Uint8Array,
): Uint8Array | undefined {
  const reader = new ByteReader(packet, COMMON_HEADER_BYTES);
  if (reader.u32() !== versionOf(syn)) return undefined;
  const cookie = reader.raw(reader.u8()).slice();
  const expected = digestOf(crypto, syn, packet.subarray(0, reader.position));
  return crypto.equal(expected, reader.raw(DIGEST_BYTES)) ? cookie : undefined;
}
