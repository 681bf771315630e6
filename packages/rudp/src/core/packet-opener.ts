import { ByteReader } from './byte-reader.ts';
import { tagBytes } from './crypto.ts';
import type { OpeningKeys } from './key-update.ts';
import { commonHeaderBytes, dataBytesMin, dataHeaderBytes, PacketType } from './packet.ts';
import { expandPacketNumber } from './packet-number.ts';
import type { ReceivedPackets } from './received-packets.ts';
import type { ConnectionCounters } from './statistics.ts';

/** Turns received DATA packets into frames: packet number, replay check, decryption. */
export class PacketOpener {
  readonly #keys: OpeningKeys;
  readonly #received: ReceivedPackets;
  readonly #counters: ConnectionCounters;
  /** Packet number of the packet that `open` returned last. */
  packetNumber = 0;

  constructor(keys: OpeningKeys, received: ReceivedPackets, counters: ConnectionCounters) {
    this.#keys = keys;
    this.#received = received;
    this.#counters = counters;
  }

  /** A reader over the frames, decrypted in place; undefined for a duplicate and for a packet that is not authentic. */
  // RUDP-PKT-4
  open(packet: Uint8Array): ByteReader | undefined {
    if (packet.length < dataBytesMin) {
      this.#counters.packetsUnauthentic += 1;
      return undefined;
    }
    const truncated = new DataView(packet.buffer, packet.byteOffset).getUint32(commonHeaderBytes);
    this.packetNumber = expandPacketNumber(truncated, this.#received.largest);
    if (this.#received.isDuplicate(this.packetNumber)) {
      this.#counters.packetsDuplicate += 1;
      return undefined;
    }
    const phase = packet[0] === PacketType.data ? 0 : 1;
    if (!this.#keys.open(packet, this.packetNumber, phase)) {
      this.#counters.packetsUnauthentic += 1;
      return undefined;
    }
    return new ByteReader(packet, dataHeaderBytes, packet.length - tagBytes);
  }
}
