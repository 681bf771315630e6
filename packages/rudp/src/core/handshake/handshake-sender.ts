import { type ConnectionObserver, handshakePacket } from '../observer.ts';
import type { Train } from '../packets/datagrams.ts';
import type { TimerTable } from '../timer-table.ts';

/** First retransmission of a SYN or SYN-ACK, in initial RTTs. */
const RETRANSMIT_AFTER_RTTS = 3;
/** Longest wait for an answer: a lossy path deserves many tries, and one packet a second congests nothing. */
const RETRANSMIT_MS_MAX = 1000;

/** What a handshake tells of the round trip. */
export interface HandshakeRoundTrip {
  /** The smallest that it can have been. */
  readonly rttMs: number;
  /** The packet left once: there is no doubt which one was answered. */
  readonly isExact: boolean;
}

/** Sends one handshake packet until it is answered: at once, then with doubled waits, within the amplification limit. */
export class HandshakeSender {
  readonly #timers: TimerTable;
  readonly #initialRttMs: number;
  readonly #observer: ConnectionObserver | undefined;
  #packet: Uint8Array;
  #isDue = true;
  #isActive = true;
  #sentCount = 0;
  #sentAtMs = 0;

  constructor(
    packet: Uint8Array,
    options: {
      timers: TimerTable;
      initialRttMs: number;
      observer: ConnectionObserver | undefined;
    },
  ) {
    this.#packet = packet;
    this.#timers = options.timers;
    this.#initialRttMs = options.initialRttMs;
    this.#observer = options.observer;
  }

  /** Time to send again: the answer is overdue, or the peer repeated itself. */
  // RUDP-SYN-8
  repeatNow(): void {
    this.#isDue = this.#isActive;
  }

  /** Another packet takes its place, at once. */
  replace(packet: Uint8Array): void {
    this.#packet = packet;
    this.#isDue = this.#isActive;
    this.#sentCount = 0;
  }

  /** The answer came, or nobody wants it any more. */
  stop(now: number): HandshakeRoundTrip {
    this.#isActive = false;
    this.#isDue = false;
    this.#timers.set('handshake-retransmit', undefined);
    return { rttMs: now - this.#sentAtMs, isExact: this.#sentCount === 1 };
  }

  /** `allowanceBytes`: what the address of the peer may get. */
  poll(now: number, buffer: Uint8Array, allowanceBytes: number): Train | undefined {
    const byteLength = this.#packet.length;
    if (!this.#isDue || byteLength > allowanceBytes) return undefined;
    buffer.set(this.#packet);
    this.#isDue = false;
    const firstWaitMs = RETRANSMIT_AFTER_RTTS * this.#initialRttMs;
    const waitMs = Math.min(firstWaitMs * 2 ** this.#sentCount, Math.max(firstWaitMs, RETRANSMIT_MS_MAX));
    this.#timers.set('handshake-retransmit', now + waitMs);
    this.#sentCount += 1;
    this.#sentAtMs = now;
    this.#observer?.onPacketSent(now, handshakePacket(this.#packet));
    return { byteLength, segmentBytes: byteLength, segmentCount: 1 };
  }
}
