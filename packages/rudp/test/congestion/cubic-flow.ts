import type { AcknowledgementEvent } from '../../src/core/congestion/controller.ts';
import { CubicController } from '../../src/core/congestion/cubic/cubic.ts';

export const SEGMENT_BYTES = 1000;
/** An ACK for every tenth packet, as the transport sends them in bulk. */
const PACKETS_PER_ACK = 10;

/** Drives a controller by events: packets leave and are acknowledged in order, one round trip at a time. */
export class CubicFlow {
  readonly controller = new CubicController({ maxDatagramBytes: SEGMENT_BYTES });
  now = 0;
  rttMs: number;
  nextPacketNumber = 0;
  inFlight: number[] = [];
  #largestAcked = -1;

  constructor(rttMs = 100) {
    this.rttMs = rttMs;
  }

  /** The window in segments. */
  get window(): number {
    return this.controller.congestionWindow / SEGMENT_BYTES;
  }

  /** Sends `count` packets, or as many as the window takes. */
  send(count = Number.POSITIVE_INFINITY): void {
    for (let sent = 0; sent < count && this.inFlight.length + 1 <= this.window; sent += 1) {
      this.inFlight.push(this.nextPacketNumber);
      this.controller.onPacketSent({
        now: this.now,
        packetNumber: this.nextPacketNumber,
        bytes: SEGMENT_BYTES,
        bytesInFlight: this.inFlight.length * SEGMENT_BYTES,
      });
      this.nextPacketNumber += 1;
    }
  }

  /** One ACK frame: the oldest `lost` packets are lost, the `count` behind them acknowledged. */
  acknowledge(count: number, lost = 0, rttMs = this.rttMs): void {
    const priorBytesInFlight = this.inFlight.length * SEGMENT_BYTES;
    const lostNumbers = this.inFlight.splice(0, lost);
    this.#largestAcked = Math.max(this.#largestAcked, ...this.inFlight.splice(0, count));
    const event: AcknowledgementEvent = {
      now: this.now,
      ackedBytes: count * SEGMENT_BYTES,
      lostBytes: lost * SEGMENT_BYTES,
      lostPackets: lost,
      largestLostPacketNumber: lostNumbers.at(-1) ?? -1,
      priorBytesInFlight,
      bytesInFlight: this.inFlight.length * SEGMENT_BYTES,
      largestAckedPacketNumber: this.#largestAcked,
      nextPacketNumber: this.nextPacketNumber,
      latestRttMs: rttMs,
      arrivals: [],
      smoothedRttMs: rttMs,
      minRttMs: rttMs,
      rateSample: undefined,
    };
    this.controller.onAcknowledgement(event);
  }

  /** Fills the window, and a round trip later has all of it acknowledged while more leaves. `lost` packets of it are lost. */
  round(lost = 0): void {
    this.send();
    this.now += this.rttMs;
    let missing = lost;
    for (let rest = this.inFlight.length; rest > 0; ) {
      const count = Math.min(PACKETS_PER_ACK, rest - missing);
      this.acknowledge(count, missing);
      rest -= count + missing;
      missing = 0;
      this.send();
    }
  }

  /** Has everything in flight acknowledged. */
  drain(): void {
    this.now += this.rttMs;
    while (this.inFlight.length > 0) this.acknowledge(Math.min(PACKETS_PER_ACK, this.inFlight.length));
  }

  /** Rounds without loss up to a time. */
  runUntil(untilMs: number): void {
    while (this.now < untilMs) this.round();
  }

  /** Doubles the window until it has `segments`, then loses one packet and recovers: 0.7 times as much is left. */
  static afterLossAt(segments: number, rttMs = 100): CubicFlow {
    const flow = new CubicFlow(rttMs);
    while (flow.window < segments) {
      flow.send();
      flow.now += rttMs;
      flow.acknowledge(Math.min(flow.inFlight.length, Math.ceil(segments - flow.window)));
    }
    flow.recover();
    return flow;
  }

  /** Loses one packet and recovers. */
  recover(): void {
    this.round(1);
    while (this.controller.isRecovery) this.round();
  }
}
