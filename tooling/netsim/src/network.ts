import { type Address, formatAddress } from './address.ts';
import type { EcnMark } from './endpoint.ts';
import { Link, type LinkDrop, type Transmission } from './link.ts';
import type { LinkOptions } from './link-options.ts';
import type { Random } from './random.ts';

/** Why a network did not deliver a packet. */
export type NetworkDrop =
  | LinkDrop
  /** The two nodes are partitioned. */
  | 'partition'
  /** Nobody has that address (any more). */
  | 'unreachable';

/** What became of one packet, and as whose it will appear. */
export interface Passage extends Omit<Transmission, 'fate'> {
  readonly fate: 'delivered' | NetworkDrop;
  /** The sender's address as the receiver will see it. */
  readonly source: Address;
}

/** A path is one way: from the first node to the second. */
export interface PathName {
  readonly from: string;
  readonly to: string;
}

/** Named nodes, each behind one address, with a link of its own for every ordered pair. Without I/O and without a clock. */
export class Network {
  readonly #random: Random;
  readonly #defaultLink: LinkOptions;
  readonly #addressByNode = new Map<string, Address>();
  readonly #nodeByAddress = new Map<string, string>();
  readonly #links = new Map<string, Link>();
  readonly #partitioned = new Set<string>();

  /** Paths that nobody configures get `defaultLink`: perfect unless told. */
  constructor(random: Random, defaultLink: LinkOptions = {}) {
    this.#random = random;
    this.#defaultLink = defaultLink;
  }

  /** Adds a node; without an address it gets 10.0.0.1:4433, 10.0.0.2:4433 and so on. */
  addNode(name: string, address: Address = this.#freeAddress()): Address {
    if (this.#addressByNode.has(name)) throw new RangeError(`expected a new node name, got ${name} again`);
    this.#claim(name, address);
    return address;
  }

  /** The address that others see a node under. */
  addressOf(name: string): Address {
    const address = this.#addressByNode.get(name);
    if (address === undefined) throw new RangeError(`expected the name of a node, got ${name}`);
    return address;
  }

  /** The node behind an address, undefined when nobody has it. */
  nodeAt(address: Address): string | undefined {
    return this.#nodeByAddress.get(formatAddress(address));
  }

  /** The link of a path; made when first asked for. */
  link({ from, to }: PathName): Link {
    this.addressOf(from);
    this.addressOf(to);
    const key = pathKey(from, to);
    const existing = this.#links.get(key);
    if (existing !== undefined) return existing;
    const link = new Link(this.#defaultLink, this.#random.fork(`link ${key}`));
    this.#links.set(key, link);
    return link;
  }

  /** Changes some options of a path, for packets sent from now on. */
  configure(path: PathName, changes: LinkOptions): void {
    this.link(path).configure(changes);
  }

  /** Nothing more passes between two nodes, in both directions or in one; what is on its way still arrives. */
  partition(path: PathName, direction: 'both' | 'one-way' = 'both'): void {
    this.#partitioned.add(pathKey(path.from, path.to));
    if (direction === 'both') this.#partitioned.add(pathKey(path.to, path.from));
  }

  /** Ends a partition, in both directions. */
  heal({ from, to }: PathName): void {
    this.#partitioned.delete(pathKey(from, to));
    this.#partitioned.delete(pathKey(to, from));
  }

  /**
   * A NAT forgets its mapping: the node goes on under a new address and does not know it. Packets to the old address,
   * those on their way included, reach nobody.
   */
  rebind(name: string, address: Address): void {
    this.#nodeByAddress.delete(formatAddress(this.addressOf(name)));
    this.#claim(name, address);
  }

  /** Sends a packet. Deliveries are for whoever has the address at that time: ask `nodeAt` then. */
  transmit(
    now: number,
    from: string,
    to: Address,
    bytes: Uint8Array<ArrayBuffer>,
    mark: EcnMark = 0,
  ): Passage {
    const source = this.addressOf(from);
    const target = this.nodeAt(to);
    if (target === undefined) return { ...NOTHING, fate: 'unreachable', source };
    if (this.#partitioned.has(pathKey(from, target))) return { ...NOTHING, fate: 'partition', source };
    return { ...this.link({ from, to: target }).transmit(now, bytes, mark), source };
  }

  #claim(name: string, address: Address): void {
    const key = formatAddress(address);
    const holder = this.#nodeByAddress.get(key);
    if (holder !== undefined)
      throw new RangeError(`expected a free address, got ${key}, which ${holder} has`);
    this.#addressByNode.set(name, address);
    this.#nodeByAddress.set(key, name);
  }

  #freeAddress(): Address {
    const number = this.#addressByNode.size + 1;
    return { host: `10.0.${Math.floor(number / 250)}.${number % 250}`, port: 4433 };
  }
}

const NOTHING = { deliveries: [], isCorrupted: false, isHeldBack: false } as const;

function pathKey(from: string, to: string): string {
  return `${from} → ${to}`;
}
