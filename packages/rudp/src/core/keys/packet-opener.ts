import type { ReceivedPackets } from '../acknowledgement/received-packets.ts';
import { summarizeFrames } from '../frames/frame-summary.ts';
import type { ConnectionObserver, PacketDropReason } from '../observer.ts';
import type { ArrivedPacket } from '../packets/arrived-packet.ts';
import { DataBit, dataHeaderBytes, numberBytesOf } from '../packets/packet.ts';
import { expandPacketNumber } from '../packets/packet-number.ts';
import { ProtocolViolationError, ResetCode } from '../states/connection-end.ts';
import type { ConnectionCounters } from '../statistics.ts';
import { ByteReader } from '../structures/byte-reader.ts';
import { TAG_BYTES } from './crypto.ts';
import type { OpeningKeys } from './key-update.ts';

/** Turns received DATA packets into frames: packet number, replay check, decryption. */
export class PacketOpener {
  readonly #keys: OpeningKeys;
  readonly #received: ReceivedPackets;
  readonly #counters: ConnectionCounters;
  readonly #observer: ConnectionObserver | undefined;
  /** One for all packets. */
  readonly #reader = new ByteReader(new Uint8Array(0));
  /** Packet number of the packet that `open` returned last. */
  packetNumber = 0;

  constructor(
    keys: OpeningKeys,
    parts: {
      readonly received: ReceivedPackets;
      readonly counters: ConnectionCounters;
      readonly observer: ConnectionObserver | undefined;
    },
  ) {
    this.#keys = keys;
    this.#received = parts.received;
    this.#counters = parts.counters;
    this.#observer = parts.observer;
  }

  /**
   * A reader over the frames, decrypted in place and valid until the next call; undefined for a duplicate and for a packet that is
   * not authentic. Throws `ProtocolViolationError` when there have been more of those than the cipher allows.
   */
  // RUDP-PKT-4
  open(now: number, packet: ArrivedPacket): ByteReader | undefined {
    const { bytes, start, end, byteLength } = packet;
    const type = bytes[start] as number;
    const frameStart = start + dataHeaderBytes(type);
    const frameEnd = end - TAG_BYTES;
    if (frameEnd < frameStart) return this.#drop(now, packet, 'unauthentic');
    const numberBytes = numberBytesOf(type);
    this.#reader.restart(bytes, frameStart - numberBytes, frameStart);
    const truncated = this.#reader.uint(numberBytes);
    this.packetNumber = expandPacketNumber(truncated, numberBytes, this.#received.largest);
    if (this.#received.isDuplicate(this.packetNumber)) return this.#drop(now, packet, 'duplicate');
    const phase = (type & DataBit.keyPhase) === 0 ? 0 : 1;
    if (!this.#keys.open(packet, this.packetNumber, phase)) {
      this.#drop(now, packet, 'unauthentic');
      // RUDP-KEY-9
      if (this.#keys.isExhausted)
        throw new ProtocolViolationError(ResetCode.keyLimitReached, 'too many packets did not open');
      return undefined;
    }
    this.#observer?.onPacketReceived(now, {
      type: 'data',
      packetNumber: this.packetNumber,
      bytes: byteLength,
      frames: summarizeFrames(bytes, frameStart, frameEnd),
    });
    this.#reader.restart(bytes, frameStart, frameEnd);
    return this.#reader;
  }

  #drop(now: number, { byteLength }: ArrivedPacket, reason: PacketDropReason): undefined {
    if (reason === 'duplicate') this.#counters.packetsDuplicate += 1;
    else this.#counters.packetsUnauthentic += 1;
    this.#observer?.onPacketDropped(now, byteLength, reason);
  }
}
