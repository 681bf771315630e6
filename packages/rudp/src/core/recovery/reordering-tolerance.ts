/** RFC 9002 §6.1.1 kPacketThreshold, and the cap of its adaptation to reordering (quinn and mvfst go as far). */
const packetThresholdInitial = 3;
const packetThresholdMax = 256;
/** RFC 9002 §6.1.2 kTimeThreshold, and the cap of its adaptation: beyond two round trips waiting costs more than a repeat. */
const timeThresholdInitial = 9 / 8;
const timeThresholdMax = 2;

/** How far behind a packet may fall before it counts as lost: as far as this path has shown that packets do. */
export class ReorderingTolerance {
  #packets = packetThresholdInitial;
  #roundTrips = timeThresholdInitial;

  /** Numbers by which a packet may trail the largest that was acknowledged. */
  get packets(): number {
    return this.#packets;
  }

  /** Round trips for which its acknowledgement may be waited for. */
  get roundTrips(): number {
    return this.#roundTrips;
  }

  /** A packet that was declared lost came after all, so far behind. */
  // RUDP-LOSS-3
  widen({ packets, roundTrips }: { packets: number; roundTrips: number }): void {
    this.#packets = Math.min(packetThresholdMax, Math.max(this.#packets, packets));
    this.#roundTrips = Math.min(timeThresholdMax, Math.max(this.#roundTrips, roundTrips));
  }

  /** Another path: nothing is known of it. */
  restart(): void {
    this.#packets = packetThresholdInitial;
    this.#roundTrips = timeThresholdInitial;
  }
}
