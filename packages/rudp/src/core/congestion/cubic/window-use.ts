import type { PacketSentEvent } from '../controller.ts';

/** Whether the window was full: one that is not used says nothing about the path and must not grow (RFC 9002 §7.8). */
export class WindowUse {
  #limitedSinceMs: number | undefined;
  #fullPacketNumber = -1;

  /** The application had no more to send. */
  onApplicationLimited(now: number): void {
    this.#limitedSinceMs ??= now;
  }

  /** Returns how long the application had held the flow back when this packet fills the window; 0 when it had not, or does not. */
  onPacketSent(event: PacketSentEvent, limits: { windowBytes: number; maxDatagramBytes: number }): number {
    if (event.bytesInFlight + limits.maxDatagramBytes <= limits.windowBytes) return 0;
    this.#fullPacketNumber = event.packetNumber;
    const limitedMs = this.#limitedSinceMs === undefined ? 0 : event.now - this.#limitedSinceMs;
    this.#limitedSinceMs = undefined;
    return limitedMs;
  }

  /** Whether the window was in use when the acknowledged packet left. Waiting for the pacer is use. */
  // RUDP-CUBIC-5
  wasFull(largestAckedPacketNumber: number): boolean {
    return this.#limitedSinceMs === undefined || largestAckedPacketNumber <= this.#fullPacketNumber;
  }
}
