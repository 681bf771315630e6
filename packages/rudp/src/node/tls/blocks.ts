/**
 * The stream inside a TLS connection: blocks of a length (u32) and so many bytes. A length of zero is followed by a signal (u16)
 * instead. TLS by itself does not say whether a stream has ended or was cut, nor why a peer gave up.
 */
import { RudpError } from '../errors.ts';

/** What a peer says beside the bytes of its stream. From 0x100 on it is the code of a RESET, as over UDP. */
// CHAT-TCP-4
export const Signal = {
  /** The stream is complete. */
  finished: 0,
  /** The other's stream has arrived, to its end. */
  received: 1,
} as const;

const HEADER_BYTES = 4;
const SIGNAL_BYTES = 6;

/** The header of a block of `byteLength` bytes, 1 to 2³² − 1. */
export function encodeBlockHeader(byteLength: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  new DataView(header.buffer).setUint32(0, byteLength);
  return header;
}

export function encodeSignal(signal: number): Uint8Array {
  const bytes = new Uint8Array(SIGNAL_BYTES);
  new DataView(bytes.buffer).setUint16(HEADER_BYTES, signal);
  return bytes;
}

/** What is told of what arrives. */
interface BlockListener {
  onBytes(bytes: Uint8Array): void;
  onSignal(signal: number): void;
}

/** Takes the bytes as TLS hands them over, in whatever pieces, and hands on those of the stream without copying them. */
export class BlockDecoder {
  readonly #listener: BlockListener;
  readonly #head = new Uint8Array(SIGNAL_BYTES);
  #headBytes = 0;
  /** Of the block that is arriving. */
  #bytesMissing = 0;

  constructor(listener: BlockListener) {
    this.#listener = listener;
  }

  /** Throws `protocol-violation` for a signal that does not exist. */
  push(bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.byteLength; ) {
      if (this.#bytesMissing > 0) {
        const piece = bytes.subarray(offset, offset + this.#bytesMissing);
        offset += piece.byteLength;
        this.#bytesMissing -= piece.byteLength;
        this.#listener.onBytes(piece);
        continue;
      }
      this.#head[this.#headBytes] = bytes[offset] as number;
      this.#headBytes += 1;
      offset += 1;
      this.#readHead();
    }
  }

  #readHead(): void {
    if (this.#headBytes < HEADER_BYTES) return;
    const view = new DataView(this.#head.buffer);
    this.#bytesMissing = view.getUint32(0);
    if (this.#bytesMissing === 0 && this.#headBytes < SIGNAL_BYTES) return;
    this.#headBytes = 0;
    if (this.#bytesMissing > 0) return;
    const signal = view.getUint16(HEADER_BYTES);
    if (signal > Signal.received && signal < 0x100) {
      throw new RudpError('protocol-violation', `the peer broke the protocol: there is no signal ${signal}`);
    }
    this.#listener.onSignal(signal);
  }
}
