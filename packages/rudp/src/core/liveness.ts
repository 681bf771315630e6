import type { RudpConfig } from './config.ts';
import type { TimerTable } from './timer-table.ts';

/**
 * Idle timeout and keep-alive (RFC 9000 §10.1). Both timers are armed lazily: traffic only moves a number, and a timer that
 * fires too early arms itself again.
 */
export class Liveness {
  readonly #timers: TimerTable;
  readonly #keepAliveMs: number;
  #idleTimeoutMs: number;
  #lastReceivedAtMs: number;
  #lastSentAtMs: number;

  constructor(now: number, timers: TimerTable, config: RudpConfig) {
    this.#timers = timers;
    this.#keepAliveMs = config.keepAliveMs;
    this.#idleTimeoutMs = config.idleTimeoutMs;
    this.#lastReceivedAtMs = now;
    this.#lastSentAtMs = now;
  }

  /** A silence after which the peer, too, has ended the connection. */
  get idleTimeoutMs(): number {
    return this.#idleTimeoutMs;
  }

  /** The smaller idle timeout of both sides holds. */
  // RUDP-IDLE-1
  limitTo(remoteIdleTimeoutMs: number): void {
    this.#idleTimeoutMs = Math.min(this.#idleTimeoutMs, remoteIdleTimeoutMs);
  }

  /** Starts both timers. */
  start(now: number): void {
    this.#lastReceivedAtMs = now;
    this.#timers.set('idle', now + this.#idleTimeoutMs);
    if (this.#keepAliveMs > 0) this.#timers.set('keep-alive', now + this.#keepAliveMs);
  }

  /** An authentic packet arrived. */
  onReceived(now: number): void {
    this.#lastReceivedAtMs = now;
  }

  onSent(now: number): void {
    this.#lastSentAtMs = now;
  }

  /** The idle timer fired: true when the silence really was that long. */
  handleIdleTimer(now: number): boolean {
    const at = this.#lastReceivedAtMs + this.#idleTimeoutMs;
    if (at <= now) return true;
    this.#timers.set('idle', at);
    return false;
  }

  /** The keep-alive timer fired: true when a PING is due. */
  // RUDP-IDLE-2
  handleKeepAliveTimer(now: number): boolean {
    const at = Math.max(this.#lastReceivedAtMs, this.#lastSentAtMs) + this.#keepAliveMs;
    this.#timers.set('keep-alive', at <= now ? now + this.#keepAliveMs : at);
    return at <= now;
  }
}
