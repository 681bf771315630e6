import type { Address, Random } from '@parley/netsim';
import { type CryptoProvider, Endpoint } from '@parley/rudp/core';
import type { Forgery } from '../plan/plan.ts';

/** A connection as somebody on the path sees it. */
export interface SeenConnection {
  /** Ids that the client and the server gave, 8 bytes each. */
  readonly clientId: Uint8Array;
  readonly serverId: Uint8Array | undefined;
}

const HEADER_BYTES = 11;
const REJECT_BYTES = 17;
const trainBuffer = new Uint8Array(65_536);

/** A third machine: it makes up datagrams, knows addresses and connection ids, and has no keys. */
export class Attacker {
  readonly #random: Random;
  readonly #crypto: CryptoProvider;

  constructor(random: Random, crypto: CryptoProvider) {
    this.#random = random;
    this.#crypto = crypto;
  }

  /** An address that does not answer. */
  strangerAddress(): Address {
    const random = this.#random;
    return { host: `198.51.100.${random.integer(1, 254)}`, port: random.integer(1024, 65_535) };
  }

  /** A genuine SYN, as any program that speaks the protocol can make one. */
  syn(now: number, target: Address): Uint8Array<ArrayBuffer> {
    const endpoint = new Endpoint({ crypto: this.#crypto, acceptsConnections: false });
    endpoint.connect(now, target);
    const train = endpoint.pollTransmit(now, trainBuffer);
    return trainBuffer.slice(0, train?.byteLength ?? 0);
  }

  /** A forged datagram for the server or for the client. */
  forge(
    what: Forgery,
    options: { now: number; to: 'client' | 'server'; target: Address; seen: SeenConnection | undefined },
  ): Uint8Array<ArrayBuffer> {
    const { to, seen } = options;
    const known = (to === 'client' ? seen?.clientId : seen?.serverId) ?? this.#random.bytes(8);
    const length = this.#random.integer(HEADER_BYTES, 1472);
    switch (what) {
      case 'noise':
        return this.#random.bytes(this.#random.integer(0, 2000));
      case 'data':
        return this.#data(known, length);
      case 'syn-ack':
        return this.#packet(0x02, known, length);
      case 'reject':
        return this.#packet(0x03, known, REJECT_BYTES);
      case 'syn':
        return this.#damagedSyn(options.now, options.target);
    }
  }

  /** The beginning of an id or all of it, a packet number of any size, either key phase. */
  #data(destination: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
    const bytes = this.#random.bytes(length);
    bytes[0] = this.#random.integer(0x40, 0x4f);
    bytes.set(destination, 1);
    return bytes;
  }

  #packet(type: number, destination: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
    const bytes = this.#random.bytes(length);
    bytes[0] = type;
    new DataView(bytes.buffer).setUint16(
      1,
      this.#random.chance(0.9) ? length : this.#random.integer(0, 65_535),
    );
    bytes.set(destination, 3);
    return bytes;
  }

  #damagedSyn(now: number, target: Address): Uint8Array<ArrayBuffer> {
    const random = this.#random;
    const syn = this.syn(now, target);
    const kind = random.integer(0, 2);
    if (kind === 0) return syn.slice(0, random.integer(HEADER_BYTES, syn.length - 1));
    // Another version, or a damaged field: both before the padding.
    const index = kind === 1 ? random.integer(HEADER_BYTES, HEADER_BYTES + 3) : random.integer(0, 100);
    syn[index] = (syn[index] as number) ^ (1 << random.integer(0, 7));
    return syn;
  }
}
