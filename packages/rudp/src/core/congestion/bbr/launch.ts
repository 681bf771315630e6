import type { PathHint } from '../../handshake/path-hint.ts';
import type { AcknowledgementEvent } from '../controller.ts';
import { ArrivalTrain } from './arrival-train.ts';
import type { PathEstimate } from './path-estimate.ts';
import { GAINS } from './states.ts';

/** What leaves before anything is known, paced: three times that of RFC 9002 §7.2, as much as gQUIC sends. It makes two bursts. */
// RUDP-CC-17
const WINDOW_PACKETS_INITIAL = 32;
/** draft-ietf-ccwg-bbr: MinPipeCwnd. */
export const WINDOW_PACKETS_MIN = 4;
/** Packets that leave together while bursts have to show how fast the path is. */
export const BURST_PACKETS = 16;
/** A longer path than 320 ms gets as much per unit of time as that one, up to this. */
const WINDOW_PACKETS_INITIAL_MAX = 60;
const INITIAL_PACKETS_PER_MS = 0.1;
/** They are spread over this part of the first round trip, and not over more time than that. */
const SPREAD_RTT_PART = 1 / 4;
const SPREAD_MS_MAX = 25;

/** A flow over a longer path may grow in a second as much as startup grows over a round trip of this. */
const GROWTH_RTT_MS = 12.5;
/** Round trips from here on are worth more than doubling. */
const LONG_RTT_MS_MIN = 25;
/** Part of what bursts have shown that is sent before it has been delivered once: others may use the rest. */
const CAPACITY_PART = 0.9;
/** Part of a remembered rate that is sent at once (draft-ietf-tsvwg-careful-resume: half). */
const RESUME_PART = 0.5;
/** A round trip within these multiples of the remembered one is that of the same path, without a queue. */
const RESUME_RTT_MIN = 0.5;
const RESUME_RTT_MAX = 1.2;
const RESUME_RTT_MARGIN_MS = 5;
/** Growth beyond what bursts have shown, or has arrived: enough for the next round to show that there is more. */
const BEYOND_CAPACITY = 1.4;
/** A path that delivers this much more than bursts have shown has proved them wrong: they bound nothing. */
const DISPROVED_GAIN = 1.15;
/** And one that delivers this part of it is full, as far as they can tell: a queue that grows now would not stop growing. */
const FILLED_PART = 0.95;
/** Shorter paths wait for the machine as long as for the link: what bursts show there bounds and ends nothing. */
const BURST_RTT_MS_MIN = 5;
/** In flight for a round trip at the launch's rate, the delay of acknowledgements included. */
const WINDOW_GAIN = 1.25;

/**
 * The way from a few packets to a full pipe where round trips are long. Doubling takes ten of them for 19 MB; bursts that arrive
 * spread out show an upper estimate of the slowest link after one. The sender goes to a part of it within a round trip, paced, and
 * stops when packets begin to wait.
 */
export class Launch {
  readonly #arrivals = new ArrivalTrain();
  #windowPackets = WINDOW_PACKETS_INITIAL;
  #initialRate = 0;
  #resumeRate = 0;
  #windowBytes = 0;

  /** Packets of the initial window. */
  get windowPackets(): number {
    return this.#windowPackets;
  }

  /** Bytes per second before the first delivery; 0 when the initial window leaves at once. */
  get initialRate(): number {
    return Math.max(this.#initialRate, this.#resumeRate);
  }

  /** The path waits although it was not so before: it is full. Never before there is a round trip. */
  isQueued(minRttMs: number): boolean {
    return (
      minRttMs >= LONG_RTT_MS_MIN && minRttMs < Number.POSITIVE_INFINITY && this.#arrivals.isQueued(minRttMs)
    );
  }

  /** What came out of the queue, in bytes per second. */
  get queuedRate(): number {
    return this.#arrivals.queuedRate;
  }

  /** The handshake has measured a round trip; `hint` is what an earlier connection knew. */
  // RUDP-CC-18, RUDP-CC-19
  begin(rttMs: number, maxDatagramBytes: number, hint: PathHint | undefined): void {
    const packets = Math.min(Math.round(INITIAL_PACKETS_PER_MS * rttMs), WINDOW_PACKETS_INITIAL_MAX);
    this.#windowPackets = Math.max(WINDOW_PACKETS_INITIAL, packets);
    const spreadMs = Math.min(SPREAD_RTT_PART * rttMs, SPREAD_MS_MAX);
    this.#initialRate = (this.#windowPackets * maxDatagramBytes * 1000) / spreadMs;
    if (hint === undefined || rttMs < RESUME_RTT_MIN * hint.minRttMs) return;
    if (rttMs > RESUME_RTT_MAX * hint.minRttMs + RESUME_RTT_MARGIN_MS) return;
    this.#resumeRate = RESUME_PART * hint.deliveryRate;
    this.#windowBytes = (WINDOW_GAIN * this.#resumeRate * rttMs) / 1000;
  }

  update({ arrivals, minRttMs }: AcknowledgementEvent): void {
    for (const arrival of arrivals) this.#arrivals.update(arrival, minRttMs);
  }

  /**
   * The path delivers what bursts have shown, and a queue grows: what more would be sent goes into that. Long paths are not asked, whose
   * jitter both spreads bursts and looks like a queue: there `isQueued` knows better.
   */
  // RUDP-CC-3
  hasFilled({ minRtt, queue, bandwidthMax }: PathEstimate): boolean {
    const { capacity } = this.#arrivals;
    if (capacity === undefined || !queue.hasRisen) return false;
    if (minRtt.valueMs < BURST_RTT_MS_MIN || minRtt.valueMs >= LONG_RTT_MS_MIN) return false;
    return bandwidthMax >= FILLED_PART * capacity && bandwidthMax <= DISPROVED_GAIN * capacity;
  }

  /** Bytes per second for a path that has delivered `bandwidth`; `usual` is what startup would send without all this. */
  // RUDP-CC-18
  rate(usual: number, bandwidth: number, minRttMs: number): number {
    this.#windowBytes = 0;
    const { capacity } = this.#arrivals;
    if (minRttMs < BURST_RTT_MS_MIN) return usual;
    const isDisproved = capacity === undefined || bandwidth > DISPROVED_GAIN * capacity;
    const bounded = isDisproved ? usual : Math.min(usual, BEYOND_CAPACITY * capacity);
    if (minRttMs < LONG_RTT_MS_MIN) return bounded;
    if (capacity === undefined) return this.#paced(usual, this.#resumeRate, minRttMs);
    const grown = bandwidth * GAINS.startup.pacing ** (minRttMs / GROWTH_RTT_MS);
    const bold = Math.max(Math.min(CAPACITY_PART * capacity, grown), this.#resumeRate);
    return this.#paced(bounded, bold, minRttMs);
  }

  /** Bytes that may be in flight at the launch's rate; 0 while startup's own is enough. */
  get windowBytes(): number {
    return this.#windowBytes;
  }

  #paced(usual: number, bold: number, minRttMs: number): number {
    if (bold <= usual) return usual;
    this.#windowBytes = (WINDOW_GAIN * bold * minRttMs) / 1000;
    return bold;
  }
}
