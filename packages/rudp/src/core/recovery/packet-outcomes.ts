import type { ConnectionParts } from '../connection-parts.ts';
import { DATAGRAM_BYTES_BASE } from '../limits.ts';
import type { PacketOutcomeHandler } from './loss-detection.ts';
import { PacketContent } from './sent-packets.ts';

/** Probe timeouts in a row after which the path is taken to swallow large packets. */
const BLACK_HOLE_PROBE_TIMEOUTS = 3;

/** Passes on what became of a packet to the parts whose frames it carried. */
export class PacketOutcomes implements PacketOutcomeHandler {
  #parts: ConnectionParts | undefined;
  /** Time of the event in progress. */
  now = 0;

  /** The parts are made with this handler, so they come second. */
  attach(parts: ConnectionParts): void {
    this.#parts = parts;
  }

  handlePacketAcknowledged(slot: number): void {
    const { loss, sendStream, received, mtu, ecn, controller } = this.#parts as ConnectionParts;
    const { packets } = loss;
    const contents = packets.contents[slot] as number;
    const length = packets.streamLength[slot] as number;
    if (length > 0) sendStream.onAcknowledged(packets.streamOffset[slot] as number, length);
    const ackLargest = packets.ackLargest[slot] as number;
    if (ackLargest >= 0) received.onAckAcknowledged(ackLargest);
    if ((contents & PacketContent.ecnMarked) !== 0) ecn.onMarkedAcknowledged();
    if ((contents & PacketContent.fin) !== 0) sendStream.onFinAcknowledged();
    if ((contents & PacketContent.mtuProbe) !== 0) {
      mtu.onProbeAcknowledged(packets.bytes[slot] as number, this.now);
      controller.onMaxDatagramSize(mtu.current);
    }
  }

  handlePacketLost(slot: number): void {
    const { loss, mtu, ecn } = this.#parts as ConnectionParts;
    const contents = loss.packets.contents[slot] as number;
    if ((contents & PacketContent.ecnMarked) !== 0) ecn.onMarkedLost();
    if ((contents & PacketContent.mtuProbe) !== 0) mtu.onProbeLost(this.now);
    else this.sendAgain(slot);
  }

  /** Nothing was acknowledged for too long: queues what `count` probes carry, and mistrusts large packets when that goes on. */
  handleProbeTimeout(count: number): void {
    const { loss, pending, mtu, controller } = this.#parts as ConnectionParts;
    pending.ping = true;
    this.sendOldestAgain(count);
    if (loss.probeTimeoutCount < BLACK_HOLE_PROBE_TIMEOUTS || mtu.current === DATAGRAM_BYTES_BASE) return;
    mtu.onBlackHole(this.now);
    controller.onMaxDatagramSize(mtu.current);
  }

  /** Packets go another way: like a probe timeout, at once, when anything is in flight. */
  resume(now: number, count: number): boolean {
    this.now = now;
    if (!this.sendOldestAgain(count)) return false;
    (this.#parts as ConnectionParts).pending.ping = true;
    return true;
  }

  /** Queues what the oldest `count` packets in flight carried; false when none is in flight. */
  sendOldestAgain(count: number): boolean {
    const slots = (this.#parts as ConnectionParts).loss.oldestOutstanding(count);
    for (const slot of slots) this.sendAgain(slot);
    return slots.length > 0;
  }

  /** Queues what a packet carried, as far as it still matters. */
  // RUDP-LOSS-6
  sendAgain(slot: number): void {
    const { loss, sendStream, pending } = this.#parts as ConnectionParts;
    const { packets } = loss;
    const contents = packets.contents[slot] as number;
    const length = packets.streamLength[slot] as number;
    if (length > 0) sendStream.onLost(packets.streamOffset[slot] as number, length);
    if ((contents & PacketContent.fin) !== 0) sendStream.onFinLost();
    if ((contents & PacketContent.maxData) !== 0) pending.maxData = true;
    if ((contents & PacketContent.handshakeAck) !== 0) pending.handshakeAck = true;
  }
}
