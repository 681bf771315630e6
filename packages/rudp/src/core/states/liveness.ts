import type { LossDetection } from '../recovery/loss-detection.ts';
import type { ReceiveStream } from '../stream/receive-stream.ts';
import type { TimerTable } from '../timer-table.ts';

/** Probe timeouts of silence in the middle of a stream after which a client asks. */
const SILENCE_PERIODS = 3;

/** Durations are milliseconds. */
export interface LivenessOptions {
  readonly idleTimeoutMs: number;
  /** 0 sends no PING. */
  readonly keepAliveMs: number;
  /** True for the side whose address may change without its knowledge. */
  readonly asksAfterSilence: boolean;
}

/** What tells whether an answer is awaited. */
export interface LivenessParts {
  readonly timers: TimerTable;
  readonly loss: LossDetection;
  readonly receiveStream: ReceiveStream;
}

/**
 * Idle timeout and keep-alive (RFC 9000 §10.1), and the question after silence. Timers are armed lazily: traffic only moves a
 * number, and a timer that fires too early arms itself again.
 */
export class Liveness {
  readonly #parts: LivenessParts;
  readonly #options: LivenessOptions;
  #idleTimeoutMs: number;
  #lastReceivedAtMs: number;
  #lastSentAtMs: number;

  constructor(now: number, parts: LivenessParts, options: LivenessOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#idleTimeoutMs = options.idleTimeoutMs;
    this.#lastReceivedAtMs = now;
    this.#lastSentAtMs = now;
  }

  /** The smaller idle timeout of both sides holds. */
  // RUDP-IDLE-1
  limitTo(remoteIdleTimeoutMs: number): void {
    this.#idleTimeoutMs = Math.min(this.#idleTimeoutMs, remoteIdleTimeoutMs);
  }

  /** A silence after which the peer, too, has ended the connection. */
  get idleTimeoutMs(): number {
    return this.#idleTimeoutMs;
  }

  /** Starts the timers. */
  start(now: number): void {
    const { keepAliveMs } = this.#options;
    this.#lastReceivedAtMs = now;
    this.#parts.timers.set('idle', now + this.#idleTimeoutMs);
    if (keepAliveMs > 0) this.#parts.timers.set('keep-alive', now + keepAliveMs);
  }

  /** An authentic packet arrived. */
  onReceived(now: number): void {
    this.#lastReceivedAtMs = now;
  }

  /** It carried stream bytes: more may be on their way. */
  onStreamBytes(): void {
    const { timers } = this.#parts;
    if (this.#options.asksAfterSilence && timers.get('silence') === undefined)
      timers.set('silence', this.#askAtMs);
  }

  onSent(now: number): void {
    this.#lastSentAtMs = now;
  }

  /** The idle timer fired: true when the silence really was that long. */
  handleIdleTimer(now: number): boolean {
    const at = this.#lastReceivedAtMs + this.#idleTimeoutMs;
    if (at <= now) return true;
    this.#parts.timers.set('idle', at);
    return false;
  }

  /** One of the timers that ask for a sign of life fired: true when a PING is due. */
  handlePingTimer(now: number, name: 'keep-alive' | 'silence'): boolean {
    return name === 'keep-alive' ? this.#handleKeepAliveTimer(now) : this.#handleSilenceTimer(now);
  }

  // RUDP-IDLE-2
  #handleKeepAliveTimer(now: number): boolean {
    const { keepAliveMs } = this.#options;
    const at = Math.max(this.#lastReceivedAtMs, this.#lastSentAtMs) + keepAliveMs;
    this.#parts.timers.set('keep-alive', at <= now ? now + keepAliveMs : at);
    return at <= now;
  }

  /**
   * A client that only receives would wait for ever behind a NAT that has given it another address: the server sends to the old
   * one, and learns of the new one by the client's packets alone. One PING is enough: until it is acknowledged, probe timeouts
   * repeat it.
   */
  // RUDP-PATH-10
  #handleSilenceTimer(now: number): boolean {
    const { timers, loss, receiveStream } = this.#parts;
    if (this.#askAtMs <= now) return !receiveStream.isComplete && loss.deadline === undefined;
    timers.set('silence', this.#askAtMs);
    return false;
  }

  get #askAtMs(): number {
    return this.#lastReceivedAtMs + SILENCE_PERIODS * this.#parts.loss.probeTimeoutMs;
  }
}
