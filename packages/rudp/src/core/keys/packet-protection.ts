import type { ArrivedPacket } from '../packets/arrived-packet.ts';
import { dataHeaderBytes } from '../packets/packet.ts';
import type { AeadKey } from './crypto.ts';
import { TAG_BYTES } from './crypto.ts';

/** Seals or opens the DATA packets of one direction in place. */
export class PacketProtection {
  readonly #aead: AeadKey;
  readonly #nonceBase: Uint8Array;
  readonly #nonce: Uint8Array;

  constructor(key: { aead: AeadKey; nonceBase: Uint8Array }) {
    this.#aead = key.aead;
    this.#nonceBase = key.nonceBase;
    // Not by slice(): that of a Buffer shares its memory.
    this.#nonce = Uint8Array.from(key.nonceBase);
  }

  /** What computes it, for statistics. */
  get library(): string {
    return this.#aead.library;
  }

  /** Encrypts the frames behind the header at `start` in place, up to `frameEnd`, and appends the tag: the packet ends at `frameEnd + 16`. */
  seal(buffer: Uint8Array, start: number, frameEnd: number, packetNumber: number): void {
    const frameStart = start + dataHeaderBytes(buffer[start] as number);
    this.#aead.seal(this.#nonceFor(packetNumber), buffer, start, frameStart, frameEnd);
  }

  /** Decrypts the packet in place; false when it is not authentic. Its frames then lie between header and tag. */
  open({ bytes, start, end }: ArrivedPacket, packetNumber: number): boolean {
    const nonce = this.#nonceFor(packetNumber);
    const frameStart = start + dataHeaderBytes(bytes[start] as number);
    return this.#aead.open(nonce, bytes, start, frameStart, end - TAG_BYTES);
  }

  /** The nonce base XOR the packet number (RFC 9001 §5.3). */
  // RUDP-KEY-4
  #nonceFor(packetNumber: number): Uint8Array {
    const nonce = this.#nonce;
    const base = this.#nonceBase;
    const high = Math.floor(packetNumber / 0x1_0000_0000);
    // Only the last eight bytes differ from packet to packet.
    for (let index = 0; index < 4; index += 1) {
      const shift = 24 - 8 * index;
      nonce[4 + index] = (base[4 + index] as number) ^ (high >>> shift);
      nonce[8 + index] = (base[8 + index] as number) ^ (packetNumber >>> shift);
    }
    return nonce;
  }
}
