import type { CryptoProvider } from '../../src/core/index.ts';
import { toHex } from './bytes.ts';
import { withChangedAead } from './changed-aead.ts';
import { headerBytesOf, truncatedNumberOf } from './data-packet.ts';
import { decodeFrameList, type Frame } from './frames.ts';

/** A DATA packet as its sender sealed it. */
export interface LoggedPacket {
  readonly side: 'client' | 'server';
  /** As much as the packet carries, which is all of it in a test. */
  readonly packetNumber: number;
  readonly frames: readonly Frame[];
  /** The link dropped it: set by the test that did so. */
  isDropped: boolean;
}

/** Sees the frames of every DATA packet of a pair, through the cryptography of its endpoints. */
export class PacketLog {
  readonly packets: LoggedPacket[] = [];
  readonly #byHeader = new Map<string, LoggedPacket>();

  /** The same cryptography, observed. */
  observe(side: LoggedPacket['side'], crypto: CryptoProvider): CryptoProvider {
    return withChangedAead(crypto, (aead) => ({
      seal: (nonce, bytes, start, textStart, textEnd) => {
        this.#add(side, bytes.slice(start, textStart), bytes.slice(textStart, textEnd));
        aead.seal(nonce, bytes, start, textStart, textEnd);
      },
    }));
  }

  /** The entry of a datagram that a link is about to carry; undefined for the packets of the handshake. */
  find(datagram: Uint8Array): LoggedPacket | undefined {
    return this.#byHeader.get(toHex(datagram.subarray(0, headerBytesOf(datagram))));
  }

  /** True for a datagram with stream bytes. */
  carriesStream(datagram: Uint8Array): boolean {
    const packet = this.find(datagram);
    return packet !== undefined && streamBytesIn([packet]) > 0;
  }

  /** Packets of one side, in the order in which they were sealed. */
  from(side: LoggedPacket['side']): LoggedPacket[] {
    return this.packets.filter((packet) => packet.side === side);
  }

  #add(side: LoggedPacket['side'], header: Uint8Array, plaintext: Uint8Array): void {
    const packet = {
      side,
      packetNumber: truncatedNumberOf(header),
      frames: decodeFrameList(plaintext),
      isDropped: false,
    };
    this.packets.push(packet);
    this.#byHeader.set(toHex(header), packet);
  }
}

/** The stream segments of a packet. */
export function streamFrames(packet: LoggedPacket): (Frame & { type: 'stream' })[] {
  return packet.frames.filter((frame): frame is Frame & { type: 'stream' } => frame.type === 'stream');
}

/** Stream bytes of packets, repeated ones counted as often as they left. */
export function streamBytesIn(packets: readonly LoggedPacket[]): number {
  return packets.flatMap(streamFrames).reduce((sum, { bytes }) => sum + bytes.length, 0);
}
