import type { RudpConfig } from './config.ts';
import type { ConnectionParts } from './connection-parts.ts';
import type { AgreedKeys } from './handshake/handshake.ts';
import type { CipherSuite, CryptoProvider } from './keys/crypto.ts';
import { OpeningKeys, SealingKeys } from './keys/key-update.ts';
import { PacketOpener } from './keys/packet-opener.ts';
import { PACKETS_PER_KEY_MAX } from './limits.ts';
import { observeMetrics } from './observer.ts';
import { PacketAssembler } from './packet-assembler.ts';
import type { ArrivedPacket } from './packets/arrived-packet.ts';
import { type ConnectionId, connectionIdAt } from './packets/connection-id.ts';
import type { Train } from './packets/datagrams.ts';
import { INSECURE_VERSION } from './packets/packet.ts';
import type { ByteReader } from './structures/byte-reader.ts';
import { Transmitter } from './transmitter.ts';

/** What the keys of a handshake open: sealing and opening of DATA packets, and the trains made of them. */
export class DataPath {
  readonly remoteId: ConnectionId;
  /** The cipher, or `none` in an endpoint for measurements. */
  readonly packetProtection: CipherSuite | 'none';
  readonly #crypto: CryptoProvider;
  readonly #sealing: SealingKeys;
  readonly #opening: OpeningKeys;
  readonly #parts: ConnectionParts;
  readonly #keyUpdatePackets: number;
  /** Builds the packets; the paths have it build theirs. */
  readonly assembler: PacketAssembler;
  readonly #transmitter: Transmitter;
  readonly #opener: PacketOpener;
  readonly #resetToken: Uint8Array | undefined;

  constructor(
    now: number,
    parts: ConnectionParts,
    options: Pick<RudpConfig, 'keyUpdatePackets'> & {
      readonly crypto: CryptoProvider;
      readonly versions: readonly number[];
    },
    handshake: AgreedKeys,
  ) {
    const { secrets, cipherSuite, side } = handshake;
    const { client, server } = secrets;
    const local = side === 'client' ? client : server;
    const remote = side === 'client' ? server : client;
    this.#parts = parts;
    this.remoteId = connectionIdAt(handshake.remoteId, 0);
    this.#resetToken = handshake.resetToken;
    this.packetProtection = options.versions.includes(INSECURE_VERSION) ? 'none' : cipherSuite;
    this.#crypto = options.crypto;
    parts.observer?.onParametersReceived(now, handshake.remoteParameters, cipherSuite);
    this.#keyUpdatePackets = options.keyUpdatePackets;
    this.#sealing = new SealingKeys({ crypto: options.crypto, cipherSuite, trafficSecret: local });
    this.#opening = new OpeningKeys({ crypto: options.crypto, cipherSuite, trafficSecret: remote });
    this.assembler = new PacketAssembler(
      parts,
      { id: handshake.remoteId, isServer: side === 'client' },
      this.#sealing,
    );
    this.#transmitter = new Transmitter(parts, this.assembler);
    this.#opener = new PacketOpener(this.#opening, parts);
  }

  /** Stream bytes that were sent more than once. */
  get repeatedBytes(): number {
    return this.assembler.repeatedBytes;
  }

  /** What computes the protection of packets. */
  get aeadLibrary(): string {
    return this.#sealing.library;
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
  open(now: number, packet: ArrivedPacket): ByteReader | undefined {
    const phaseBefore = this.#opening.phase;
    const reader = this.#opener.open(now, packet);
    if (this.#opening.phase === phaseBefore) return reader;
    this.#parts.observer?.onKeyUpdated(now, 'receive');
    // RUDP-KEY-6: the peer has moved on, and so do we before anything else leaves, unless it follows us.
    if (this.#sealing.phase !== this.#opening.phase) this.#updateSealing(now);
    return reader;
  }

  #updateSealing(now: number): void {
    this.#sealing.update(this.#parts.loss.packets.next);
    this.#parts.observer?.onKeyUpdated(now, 'send');
  }

  /** A packet under the current keys was acknowledged: the peer has them too. */
  get #isUpdateConfirmed(): boolean {
    return this.#parts.loss.largestAcknowledged >= this.#sealing.firstPacketNumber;
  }

  /** The peer has not let us change a key that has sealed all that it may. */
  // RUDP-KEY-8
  get isKeyExhausted(): boolean {
    return this.#sealing.sealedCount >= PACKETS_PER_KEY_MAX;
  }

  /** Lets `count` packets leave regardless of window and pacer. */
  allowProbes(count: number): void {
    this.#transmitter.allowProbes(count);
  }

  pollTrain(now: number, buffer: Uint8Array, allowanceBytes: number): Train | undefined {
    // RUDP-KEY-7
    const isDue =
      this.#sealing.sealedCount >= this.#keyUpdatePackets && this.#opening.phase === this.#sealing.phase;
    if (isDue && this.#isUpdateConfirmed) this.#updateSealing(now);
    const train = this.#transmitter.pollTrain(now, buffer, allowanceBytes);
    if (train !== undefined) observeMetrics(now, this.#parts);
    return train;
  }

  /** The token is the peer's own: it does not know the connection any more. */
  // RUDP-STATELESS-5
  isResetToken(token: Uint8Array): boolean {
    return this.#resetToken !== undefined && this.#crypto.equal(this.#resetToken, token);
  }
}
