import type { ConnectionParts } from '../connection-parts.ts';
import type { DataPath } from '../data-path.ts';
import { PROBE_PACKETS } from '../limits.ts';
import type { Paths } from '../paths/paths.ts';
import type { PacketOutcomes } from './packet-outcomes.ts';

/** Keeps data moving: what a probe timeout and a change of path send again, and when the connection wakes up for either. */
export class Recovery {
  readonly #parts: ConnectionParts;
  readonly #outcomes: PacketOutcomes;
  readonly #paths: Paths;

  constructor(parts: ConnectionParts, outcomes: PacketOutcomes, paths: Paths) {
    this.#parts = parts;
    this.#outcomes = outcomes;
    this.#paths = paths;
  }

  // RUDP-LOSS-5
  handleLossTimer(now: number, path: DataPath | undefined): void {
    this.#outcomes.now = now;
    if (!this.#parts.loss.handleDeadline(now)) return;
    path?.allowProbes(PROBE_PACKETS);
    this.#outcomes.handleProbeTimeout(PROBE_PACKETS);
    this.#paths.handleProbeTimeout(now);
  }

  /** Everything goes to another address: what is on its way may be lost, two packets find out (RFC 9000 §9.4). */
  resumeOnPath(now: number, path: DataPath | undefined): void {
    if (this.#outcomes.resume(now, PROBE_PACKETS)) path?.allowProbes(PROBE_PACKETS);
  }

  /** Sets the timers that follow from what is in flight and what waits; of one that has ended only the acknowledgements. */
  rearm(path: DataPath | undefined, hasEnded: boolean): void {
    const { timers, loss, received } = this.#parts;
    timers.set('ack-delay', this.#paths.isMute ? undefined : received.ackDeadline);
    if (hasEnded) return;
    // RFC 9002 §6.2.2.1: a probe that may not leave is no reason to wake up.
    timers.set('loss-detection', this.#paths.isBlocked ? undefined : loss.deadline);
    timers.set('path-validation', this.#paths.deadline);
    timers.set('pacing', path?.pacingDeadline);
  }
}
