/** Counts packet-timed round trips: a round ends when a packet that was sent after its start is acknowledged. */
export class RoundCounter {
  #count = 0;
  #endPacketNumber = 0;
  #isStart = false;

  get count(): number {
    return this.#count;
  }

  /** Whether the event processed last opened a round. */
  get isStart(): boolean {
    return this.#isStart;
  }

  /** Processes one ACK frame. */
  update(largestAckedPacketNumber: number, nextPacketNumber: number): void {
    this.#isStart = largestAckedPacketNumber >= this.#endPacketNumber;
    if (!this.#isStart) return;
    this.#count += 1;
    this.#endPacketNumber = nextPacketNumber;
  }

  /** Makes the current round end one full round trip from now. */
  restart(nextPacketNumber: number): void {
    this.#endPacketNumber = nextPacketNumber;
  }
}
