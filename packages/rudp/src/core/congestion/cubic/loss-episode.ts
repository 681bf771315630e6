/**
 * Which losses one reduction of the window answers, and whether they were losses at all. `State` is what the reduction replaced.
 *
 * Packets are counted from the beginning of the recovery before to the beginning of this one.
 */
export class LossEpisode<State> {
  #firstPacketNumber = 0;
  #endPacketNumber = 0;
  #lostBytes = 0;
  #replaced: State | undefined;

  /** Whether a loss asks for a reduction of its own: one of the lost packets left after the last reduction (RFC 9002 §7.3.2). */
  // RUDP-CUBIC-4
  isNew(largestLostPacketNumber: number): boolean {
    return largestLostPacketNumber >= this.#endPacketNumber;
  }

  /** Whether the acknowledged packet left after the reduction: the recovery is over. */
  isEndedBy(largestAckedPacketNumber: number): boolean {
    return largestAckedPacketNumber >= this.#endPacketNumber;
  }

  /** Begins with a reduction; without `replaced` it cannot be undone. */
  start(nextPacketNumber: number, replaced: State | undefined): void {
    this.#firstPacketNumber = this.#endPacketNumber;
    this.#endPacketNumber = nextPacketNumber;
    this.#lostBytes = 0;
    this.#replaced = replaced;
  }

  /** The reduction stands, whatever becomes of packets. */
  forbidUndo(): void {
    this.#replaced = undefined;
  }

  onLost(bytes: number): void {
    this.#lostBytes += bytes;
  }

  /** Packets came after all. Returns what to restore once every loss of the episode has turned out spurious. */
  // RUDP-CUBIC-9
  onSpurious(bytes: number, smallestPacketNumber: number): State | undefined {
    if (smallestPacketNumber < this.#firstPacketNumber) return undefined;
    this.#lostBytes -= bytes;
    if (this.#lostBytes > 0 || this.#replaced === undefined) return undefined;
    const replaced = this.#replaced;
    this.#replaced = undefined;
    this.#endPacketNumber = this.#firstPacketNumber;
    return replaced;
  }
}
