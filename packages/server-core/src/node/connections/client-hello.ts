/** What a client says of itself before anything is secret, read without answering it (RFC 8446 §4.1.2). */
import { HANDSHAKE_RECORD } from './tls-records.ts';

const RECORD_HEADER_BYTES = 5;
/** Of a record, RFC 8446 §5.1. */
const RECORD_BYTES_MAX = 16_384;
const CLIENT_HELLO = 1;
/** Type, length, version and random of a ClientHello. */
const HELLO_HEAD_BYTES = 38;
/** Application-Layer Protocol Negotiation, RFC 7301 §3.1. */
const ALPN_EXTENSION = 16;

/**
 * Whether the first bytes of a TLS connection are a ClientHello that offers the protocol `name` by ALPN; `undefined` while more
 * of them are needed. A hello that is spread over several records, or is none, offers nothing.
 */
// CHAT-TCP-1
export function offersProtocol(bytes: Uint8Array, name: string): boolean | undefined {
  if (bytes.byteLength < RECORD_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const recordBytes = view.getUint16(3);
  if (bytes[0] !== HANDSHAKE_RECORD || recordBytes > RECORD_BYTES_MAX) return false;
  if (bytes.byteLength < RECORD_HEADER_BYTES + recordBytes) return undefined;
  const hello = bytes.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + recordBytes);
  if (hello[0] !== CLIENT_HELLO) return false;
  const wanted = [...name].map((letter) => letter.charCodeAt(0));
  return protocolsOf(new HelloReader(hello)).some(
    (offered) =>
      offered.byteLength === wanted.length && wanted.every((byte, index) => byte === offered[index]),
  );
}

function protocolsOf(hello: HelloReader): Uint8Array[] {
  hello.skip(HELLO_HEAD_BYTES);
  // Session id, cipher suites, compression methods (RFC 8446 §4.1.2).
  hello.take(1);
  hello.take(2);
  hello.take(1);
  const extensions = new HelloReader(hello.take(2));
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const content = new HelloReader(extensions.take(2));
    if (type !== ALPN_EXTENSION) continue;
    const names = new HelloReader(content.take(2));
    const protocols: Uint8Array[] = [];
    while (!names.isAtEnd) protocols.push(names.take(1));
    return protocols;
  }
  return [];
}

/** Reads what may be anything: beyond the end there are empty fields. */
class HelloReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#bytes.byteLength;
  }

  skip(count: number): void {
    this.#offset += count;
  }

  number(byteCount: number): number {
    let value = 0;
    for (let index = 0; index < byteCount; index += 1) {
      value = value * 256 + (this.#bytes[this.#offset] ?? 0);
      this.#offset += 1;
    }
    return value;
  }

  /** A field whose length stands before it, in so many bytes. */
  take(lengthBytes: number): Uint8Array {
    const length = this.number(lengthBytes);
    const field = this.#bytes.subarray(this.#offset, this.#offset + length);
    this.#offset += length;
    return field;
  }
}
