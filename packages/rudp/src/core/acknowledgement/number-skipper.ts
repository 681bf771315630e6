import type { SentPackets } from '../recovery/sent-packets.ts';

/** A packet number is left out once in so many packets, at random (mvfst: 1 in 1,000; picoquic: 1 in 256). */
const SKIP_INTERVAL_MIN = 128;
const SKIP_INTERVAL_MAX = 1024;

/** Leaves out a packet number now and then, so that a peer that acknowledges what it has not seen is found out (RFC 9000 §21.4). */
// RUDP-PKT-7
export class NumberSkipper {
  readonly #packets: SentPackets;
  readonly #random: () => number;
  /** Drawn when the first interval is half over: a short connection needs none. */
  #skipAt: number | undefined;

  /** `random` is uniform in [0, 1). */
  constructor(packets: SentPackets, random: () => number) {
    this.#packets = packets;
    this.#random = random;
  }

  /** The number of the packet that is being built. */
  next(now: number): number {
    const { next } = this.#packets;
    if (this.#skipAt === undefined) {
      if (next >= SKIP_INTERVAL_MIN / 2) this.#skipAt = this.#drawSkip(next);
    } else if (next >= this.#skipAt) {
      this.#packets.skip(now);
      this.#skipAt = this.#drawSkip(next);
    }
    return this.#packets.next;
  }

  #drawSkip(from: number): number {
    return from + SKIP_INTERVAL_MIN + Math.floor(this.#random() * (SKIP_INTERVAL_MAX - SKIP_INTERVAL_MIN));
  }
}
