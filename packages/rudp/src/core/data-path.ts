import type { ByteReader } from './byte-reader.ts';
import type { RudpConfig } from './config.ts';
import type { ConnectionParts } from './connection-parts.ts';
import type { CryptoProvider } from './crypto.ts';
import type { HandshakeResult } from './handshake.ts';
import { OpeningKeys, SealingKeys } from './key-update.ts';
import type { LossDetection } from './loss-detection.ts';
import { PacketAssembler } from './packet-assembler.ts';
import { PacketOpener } from './packet-opener.ts';
import { type Reset, ResetSender } from './reset-sender.ts';
import { type Train, Transmitter } from './transmitter.ts';

/** What the keys of a handshake open: sealing and opening of DATA packets, and the trains made of them. */
export class DataPath {
  readonly #sealing: SealingKeys;
  readonly #opening: OpeningKeys;
  readonly #loss: LossDetection;
  readonly #keyUpdatePackets: number;
  readonly #assembler: PacketAssembler;
  readonly #transmitter: Transmitter;
  readonly #opener: PacketOpener;
  #resetSender: ResetSender | undefined;

  constructor(
    parts: ConnectionParts,
    options: { readonly crypto: CryptoProvider; readonly config: RudpConfig },
    handshake: HandshakeResult & {
      readonly remoteId: Uint8Array;
      readonly side: 'client' | 'server';
    },
  ) {
    const { secrets, cipherSuite, side } = handshake;
    const { client, server } = secrets;
    const local = side === 'client' ? client : server;
    const remote = side === 'client' ? server : client;
    this.#loss = parts.loss;
    this.#keyUpdatePackets = options.config.keyUpdatePackets;
    this.#sealing = new SealingKeys({ crypto: options.crypto, cipherSuite, trafficSecret: local });
    this.#opening = new OpeningKeys({ crypto: options.crypto, cipherSuite, trafficSecret: remote });
    this.#assembler = new PacketAssembler(parts, handshake.remoteId, this.#sealing);
    this.#transmitter = new Transmitter(parts, this.#assembler);
    this.#opener = new PacketOpener(this.#opening, parts.received, parts.counters);
  }

  /** Stream bytes that were sent more than once. */
  get repeatedBytes(): number {
    return this.#assembler.repeatedBytes;
  }

  /** Packet number of the packet that `open` returned last. */
  get openedPacketNumber(): number {
    return this.#opener.packetNumber;
  }

  /** When the pacer lets the next packet go; undefined when it is not what holds things up. */
  get pacingDeadline(): number | undefined {
    return this.#transmitter.pacingDeadline;
  }

  /** The frames of a packet; undefined when it is a duplicate or not authentic. */
  open(packet: Uint8Array): ByteReader | undefined {
    const phaseBefore = this.#opening.phase;
    const reader = this.#opener.open(packet);
    const hasPeerUpdated = this.#opening.phase !== phaseBefore;
    // RUDP-KEY-6: the peer has moved on, and so do we before anything else leaves, unless it follows us.
    if (hasPeerUpdated && this.#sealing.phase !== this.#opening.phase)
      this.#sealing.update(this.#loss.packets.next);
    return reader;
  }

  /** A packet under the current keys was acknowledged: the peer has them too. */
  get #isUpdateConfirmed(): boolean {
    return this.#loss.largestAcknowledged >= this.#sealing.firstPacketNumber;
  }

  /** Lets `count` packets leave regardless of window and pacer. */
  allowProbes(count: number): void {
    this.#transmitter.allowProbes(count);
  }

  pollTrain(now: number, buffer: Uint8Array): Train | undefined {
    // RUDP-KEY-7
    const isDue =
      this.#sealing.sealedCount >= this.#keyUpdatePackets && this.#opening.phase === this.#sealing.phase;
    if (isDue && this.#isUpdateConfirmed) this.#sealing.update(this.#loss.packets.next);
    return this.#transmitter.pollTrain(now, buffer);
  }

  /** From now on only this RESET leaves. */
  startReset(reset: Reset): void {
    this.#resetSender = new ResetSender(reset);
  }

  /** A packet arrived although the connection was reset. */
  repeatReset(): void {
    this.#resetSender?.handlePacket();
  }

  pollReset(now: number, buffer: Uint8Array): Train | undefined {
    return this.#resetSender?.poll(now, buffer, this.#assembler);
  }
}
