import type { StateTable } from '../../structures/state-table.ts';

/**
 * What the controller is doing. `startup` doubles until the pipe is full. Then a cycle looks for more bandwidth (`up`), drains what
 * that has queued (`down`) and holds (`cruise`); `refill` fills the pipe for a round, so that the next `up` starts from a full one.
 */
export type BbrState = 'startup' | 'drain' | 'refill' | 'up' | 'down' | 'cruise' | 'probe-rtt';

/** What moves it. */
export type BbrEvent =
  /** No round brings more bandwidth, or a queue stands. */
  | 'pipe-full'
  /** No more is in flight than the pipe holds; or the drain has lasted long enough. */
  | 'queue-drained'
  | 'probe-due'
  /** A round has passed. */
  | 'pipe-filled'
  /** The probe has lasted long enough, or its queue overflows. */
  | 'probe-over'
  /** The probe found more bandwidth: the next one follows at once. */
  | 'more-found'
  /** Loss beyond the path's own, a mark, or less delivered than sent while a queue stands. */
  | 'congestion'
  | 'min-rtt-stale'
  | 'min-rtt-found'
  /** The same, before the pipe was ever full. */
  | 'min-rtt-found-in-startup'
  | 'persistent-congestion';

const ANYWHERE = { 'min-rtt-stale': 'probe-rtt', 'persistent-congestion': 'startup' } as const;
const AFTER_STARTUP = { ...ANYWHERE, congestion: 'down' } as const;

// RUDP-CC-21
export const BBR_STATE_TABLE: StateTable<BbrState, BbrEvent> = {
  startup: { 'pipe-full': 'drain', ...ANYWHERE },
  drain: { 'queue-drained': 'refill', ...AFTER_STARTUP },
  refill: { 'pipe-filled': 'up', ...AFTER_STARTUP },
  up: { 'probe-over': 'down', ...AFTER_STARTUP },
  down: { 'queue-drained': 'cruise', 'more-found': 'up', ...AFTER_STARTUP },
  cruise: { 'probe-due': 'refill', ...AFTER_STARTUP },
  'probe-rtt': {
    'min-rtt-found': 'down',
    'min-rtt-found-in-startup': 'startup',
    congestion: 'down',
    'persistent-congestion': 'startup',
  },
};

/** How fast and how far each state goes, as multiples of the bandwidth and of the bandwidth-delay product. */
// RUDP-CC-2
export const GAINS: Readonly<Record<BbrState, { readonly pacing: number; readonly window: number }>> = {
  startup: { pacing: 2.77, window: 2 },
  drain: { pacing: 0.5, window: 1.5 },
  refill: { pacing: 1, window: 1.5 },
  up: { pacing: 1.25, window: 1.75 },
  down: { pacing: 0.9, window: 1.5 },
  cruise: { pacing: 1, window: 1.5 },
  'probe-rtt': { pacing: 1, window: 0.25 },
};
