/**
 * What the controller is doing:
 *
 * ```
 * startup ──▶ drain ──▶ refill ──▶ up ──▶ down ──▶ cruise ──▶ refill …
 *                          any of them ──▶ probe-rtt ──▶ down (startup before the pipe was full)
 * ```
 * `startup` doubles until the pipe is full. Then a cycle looks for more bandwidth (`up`), drains what that has queued (`down`) and
 * holds (`cruise`); `refill` fills the pipe for a round, so that the next `up` starts from a full one.
 */
export type BbrState = 'startup' | 'drain' | 'refill' | 'up' | 'down' | 'cruise' | 'probe-rtt';

/** How fast and how far each state goes, as multiples of the bandwidth and of the bandwidth-delay product. */
// RUDP-CC-2
export const gains: Readonly<Record<BbrState, { readonly pacing: number; readonly window: number }>> = {
  startup: { pacing: 2.77, window: 2 },
  drain: { pacing: 0.5, window: 2 },
  refill: { pacing: 1, window: 2 },
  up: { pacing: 1.25, window: 2.25 },
  down: { pacing: 0.9, window: 2 },
  cruise: { pacing: 1, window: 2 },
  'probe-rtt': { pacing: 1, window: 0.25 },
};
