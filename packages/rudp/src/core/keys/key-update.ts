import { UNAUTHENTIC_PACKETS_MAX } from '../limits.ts';
import type { ArrivedPacket } from '../packets/arrived-packet.ts';
import type { CipherSuite, CryptoProvider } from './crypto.ts';
import { derivePacketKey, nextTrafficSecret } from './key-schedule.ts';
import { PacketProtection } from './packet-protection.ts';

/** What the keys of one direction are made from. */
export interface KeySource {
  readonly crypto: CryptoProvider;
  readonly cipherSuite: CipherSuite;
  readonly trafficSecret: Uint8Array;
}

/** One generation of keys: its protection, and the secret that the next one follows from. */
class KeyGeneration {
  readonly protection: PacketProtection;
  readonly #source: KeySource;

  constructor(source: KeySource) {
    this.#source = source;
    this.protection = new PacketProtection(
      derivePacketKey(source.crypto, source.cipherSuite, source.trafficSecret),
    );
  }

  next(): KeyGeneration {
    const trafficSecret = nextTrafficSecret(this.#source.crypto, this.#source.trafficSecret);
    return new KeyGeneration({ ...this.#source, trafficSecret });
  }
}

/** The sending side's keys: counts what they sealed, and moves on to the next ones (RFC 9001 §6). */
export class SealingKeys {
  #generation: KeyGeneration;
  #phase: 0 | 1 = 0;
  #sealedCount = 0;
  #firstPacketNumber = 0;

  constructor(source: KeySource) {
    this.#generation = new KeyGeneration(source);
  }

  /** What computes the protection, for statistics. */
  get library(): string {
    return this.#generation.protection.library;
  }

  /** Lowest bit of the packet type. */
  get phase(): 0 | 1 {
    return this.#phase;
  }

  /** Number of the first packet that these keys sealed. */
  get firstPacketNumber(): number {
    return this.#firstPacketNumber;
  }

  /** Packets that these keys have sealed. */
  get sealedCount(): number {
    return this.#sealedCount;
  }

  /** Moves to the next keys; `nextPacketNumber` is the first that they will seal. */
  update(nextPacketNumber: number): void {
    this.#generation = this.#generation.next();
    this.#phase = this.#phase === 0 ? 1 : 0;
    this.#sealedCount = 0;
    this.#firstPacketNumber = nextPacketNumber;
  }

  /** Seals in place; see `PacketProtection`. */
  seal(buffer: Uint8Array, start: number, frameEnd: number, packetNumber: number): void {
    this.#sealedCount += 1;
    this.#generation.protection.seal(buffer, start, frameEnd, packetNumber);
  }
}

/** The receiving side's keys: the current ones, the last ones for packets that are late, the next ones for when the peer moves on. */
export class OpeningKeys {
  #previous: KeyGeneration | undefined;
  #current: KeyGeneration;
  #next: KeyGeneration;
  #phase: 0 | 1 = 0;
  #firstPacketNumber = 0;
  /** Packets that did not open, over all generations. */
  #unauthenticCount = 0;
  readonly #unauthenticCountMax: number;

  constructor(source: KeySource) {
    this.#unauthenticCountMax = UNAUTHENTIC_PACKETS_MAX[source.cipherSuite];
    this.#current = new KeyGeneration(source);
    // Made ahead, so that a forged phase bit costs no derivation (RFC 9001 §6.3).
    this.#next = this.#current.next();
  }

  get phase(): 0 | 1 {
    return this.#phase;
  }

  /** So many packets did not open that the next might be a forgery that does (RFC 9001 §6.6). */
  // RUDP-KEY-9
  get isExhausted(): boolean {
    return this.#unauthenticCount >= this.#unauthenticCountMax;
  }

  /** Opens in place with the keys that phase and number call for; false when the packet is not authentic. */
  open(packet: ArrivedPacket, packetNumber: number, phase: 0 | 1): boolean {
    const isAuthentic = this.#open(packet, packetNumber, phase);
    if (!isAuthentic) this.#unauthenticCount += 1;
    return isAuthentic;
  }

  // RUDP-KEY-6
  #open(packet: ArrivedPacket, packetNumber: number, phase: 0 | 1): boolean {
    if (phase === this.#phase) return this.#current.protection.open(packet, packetNumber);
    if (packetNumber < this.#firstPacketNumber)
      return this.#previous?.protection.open(packet, packetNumber) ?? false;
    if (!this.#next.protection.open(packet, packetNumber)) return false;
    this.#previous = this.#current;
    this.#current = this.#next;
    this.#next = this.#current.next();
    this.#phase = phase;
    this.#firstPacketNumber = packetNumber;
    return true;
  }
}
