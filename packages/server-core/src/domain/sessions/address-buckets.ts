import type { Allowance } from '../limits.ts';
import { TokenBucket } from '../token-bucket.ts';

/** An allowance for each of many names, such as addresses. How many are remembered is bounded. */
export class AddressBuckets {
  readonly #allowance: Allowance;
  readonly #countMax: number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(options: { readonly allowance: Allowance; readonly countMax: number }) {
    this.#allowance = options.allowance;
    this.#countMax = options.countMax;
  }

  /** Names that something is remembered of. */
  get count(): number {
    return this.#buckets.size;
  }

  /** The allowance of one name. */
  bucketOf(name: string, now: number): TokenBucket {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    if (this.#buckets.size >= this.#countMax) this.#forget(now);
    const bucket = new TokenBucket(this.#allowance, now);
    this.#buckets.set(name, bucket);
    return bucket;
  }

  /** A full bucket remembers nothing. If all are in use, the oldest half makes room, so that this is rarely done. */
  #forget(now: number): void {
    for (const [name, bucket] of this.#buckets) if (bucket.isFull(now)) this.#buckets.delete(name);
    for (const name of this.#buckets.keys()) {
      if (this.#buckets.size <= this.#countMax / 2) break;
      this.#buckets.delete(name);
    }
  }
}
