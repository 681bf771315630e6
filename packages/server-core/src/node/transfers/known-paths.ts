import type { PathHint } from '@parley/rudp';

/** Addresses that are remembered; the one that was used the longest ago makes room. */
const ADDRESSES_MAX = 1000;
/** A path changes: what was measured before this long tells nothing. */
const LIFE_MS = 10 * 60_000;

/** What transfers have measured of the paths to their receivers, so that the next one to the same address need not start from nothing. */
export class KnownPaths {
  /** In the order of their use, the oldest first. */
  readonly #paths = new Map<string, { readonly hint: PathHint; readonly measuredAt: number }>();

  /** `now` is in milliseconds on any monotonic clock. Without an address, as on loopback, nothing is kept. */
  remember(address: string | undefined, hint: PathHint, now: number): void {
    if (address === undefined) return;
    this.#paths.delete(address);
    this.#paths.set(address, { hint, measuredAt: now });
    const [oldest] = this.#paths.keys();
    if (this.#paths.size > ADDRESSES_MAX && oldest !== undefined) this.#paths.delete(oldest);
  }

  recall(address: string | undefined, now: number): PathHint | undefined {
    if (address === undefined) return undefined;
    const known = this.#paths.get(address);
    if (known === undefined) return undefined;
    this.#paths.delete(address);
    if (now - known.measuredAt > LIFE_MS) return undefined;
    this.#paths.set(address, known);
    return known.hint;
  }
}
