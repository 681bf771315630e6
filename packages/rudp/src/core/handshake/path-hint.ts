import { InvalidConfigError, type RudpConfig } from '../config.ts';

/** What a connection has measured of its path, for the next one over the same. */
export interface PathHint {
  readonly smoothedRttMs: number;
  /** The round trip of the empty path. */
  readonly minRttMs: number;
  /** Bytes per second that the path has delivered. */
  readonly deliveryRate: number;
  /** UDP payload bytes of the largest packets that passed. */
  readonly mtu: number;
}

/** Largest believable values: a minute, and 400 Gbit/s. */
const RTT_MS_MAX = 60_000;
const DELIVERY_RATE_MAX = 5e10;
/** A remembered round trip never makes a handshake more impatient than this. */
const INITIAL_RTT_MS_MIN = 25;

/** Checks a hint that may come from a file or a ticket; throws `InvalidConfigError`. */
export function parsePathHint(hint: PathHint): PathHint {
  const check = (name: keyof PathHint, maximum: number): void => {
    const value: unknown = hint[name];
    if (typeof value === 'number' && value > 0 && value <= maximum) return;
    throw new InvalidConfigError(`pathHint.${name}`, `a number above 0 and up to ${maximum}`, value);
  };
  check('smoothedRttMs', RTT_MS_MAX);
  check('minRttMs', RTT_MS_MAX);
  check('deliveryRate', DELIVERY_RATE_MAX);
  check('mtu', 65_535);
  return hint;
}

/** The settings of a connection with a hint: its handshake is as patient as the path is long. */
export function configFor(config: RudpConfig, hint: PathHint | undefined): RudpConfig {
  if (hint === undefined) return config;
  return { ...config, initialRttMs: Math.max(INITIAL_RTT_MS_MIN, hint.smoothedRttMs) };
}
