import type { ByteReader } from './byte-reader.ts';
import type { ConnectionParts } from './connection-parts.ts';
import type { CryptoProvider } from './crypto.ts';
import type { HandshakeResult } from './handshake.ts';
import { derivePacketKey } from './key-schedule.ts';
import { PacketAssembler } from './packet-assembler.ts';
import { PacketOpener } from './packet-opener.ts';
import { PacketProtection } from './packet-protection.ts';
import { type Reset, ResetSender } from './reset-sender.ts';
import { type Train, Transmitter } from './transmitter.ts';

/** What the keys of a handshake open: sealing and opening of DATA packets, and the trains made of them. */
export class DataPath {
  readonly #assembler: PacketAssembler;
  readonly #transmitter: Transmitter;
  readonly #opener: PacketOpener;
  #resetSender: ResetSender | undefined;

  constructor(
    parts: ConnectionParts,
    crypto: CryptoProvider,
    handshake: HandshakeResult & { readonly remoteId: Uint8Array; readonly side: 'client' | 'server' },
  ) {
    const { secrets, cipherSuite, side } = handshake;
    const protect = (secret: Uint8Array) =>
      new PacketProtection(derivePacketKey(crypto, cipherSuite, secret));
    const local = protect(side === 'client' ? secrets.client : secrets.server);
    const remote = protect(side === 'client' ? secrets.server : secrets.client);
    this.#assembler = new PacketAssembler(parts, handshake.remoteId, local);
    this.#transmitter = new Transmitter(parts, this.#assembler);
    this.#opener = new PacketOpener(remote, parts.received, parts.counters);
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
    return this.#opener.open(packet);
  }

  /** Lets `count` packets leave regardless of window and pacer. */
  allowProbes(count: number): void {
    this.#transmitter.allowProbes(count);
  }

  pollTrain(now: number, buffer: Uint8Array): Train | undefined {
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
