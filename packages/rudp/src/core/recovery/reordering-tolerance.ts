/** RFC 9002 §6.1.1 kPacketThreshold, and the cap of its adaptation to reordering (quinn and mvfst go as far). */
const PACKET_THRESHOLD_INITIAL = 3;
const PACKET_THRESHOLD_MAX = 256;
/** RFC 9002 §6.1.2 kTimeThreshold, and the cap of its adaptation: beyond two round trips waiting costs more than a repeat. */
const TIME_THRESHOLD_INITIAL = 9 / 8;
const TIME_THRESHOLD_MAX = 2;

/** How far behind a packet may fall before it counts as lost: as far as this path has shown that packets do. */
export class ReorderingTolerance {
  #packets = PACKET_THRESHOLD_INITIAL;
  #roundTrips = TIME_THRESHOLD_INITIAL;

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
    this.#packets = Math.min(PACKET_THRESHOLD_MAX, Math.max(this.#packets, packets));
    this.#roundTrips = Math.min(TIME_THRESHOLD_MAX, Math.max(this.#roundTrips, roundTrips));
  }

  /** Another path: nothing is known of it. */
  restart(): void {
    this.#packets = PACKET_THRESHOLD_INITIAL;
    this.#roundTrips = TIME_THRESHOLD_INITIAL;
  }
}
