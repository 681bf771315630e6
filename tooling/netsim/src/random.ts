/**
 * A seeded source of chance. The same seed gives the same numbers on every machine, and a fork depends on nothing
 * but the seed and the label: what one part of a simulation draws never shifts what another part sees.
 */
export interface Random {
  /** The seed as text, for error messages and for replaying. */
  readonly seed: string;
  /** 32 random bits, as a number from 0 to 2³² − 1. */
  bits(): number;
  /** A number from 0 (included) to 1 (excluded), with 53 random bits. */
  ratio(): number;
  /** True with this probability; 0 and below is never, 1 and above is always. */
  chance(ratio: number): boolean;
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  /** A positive number, exponentially distributed around this mean: the time between events that know nothing of each other. */
  exponential(mean: number): number;
  /** One of the items, which must not be empty. */
  pick<Item>(items: readonly Item[]): Item;
  /** Fresh random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
  /** A source of its own for a named part. */
  fork(label: string): Random;
}

/** Starts a source of chance from a number or a text. */
export function createRandom(seed: number | string): Random {
  return new SmallFastCounter(String(seed));
}

/** Ratios of such a source and nothing else, as `Math.random` gives them. */
export function seededRandom(seed: number | string): () => number {
  const random = createRandom(seed);
  return () => random.ratio();
}

// sfc32 ("small fast counter") by Chris Doty-Humphrey, from PractRand 0.94: three words of state and a counter,
// a period of at least 2³².
class SmallFastCounter implements Random {
  readonly seed: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string) {
    this.seed = seed;
    [this.#a, this.#b, this.#c] = hashWords(seed);
    // PractRand's own seeding lets twelve numbers go by, until every bit of state depends on every bit of seed.
    for (let round = 0; round < 12; round++) this.bits();
  }

  bits(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  ratio(): number {
    const high = this.bits() >>> 5;
    const low = this.bits() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  chance(ratio: number): boolean {
    return ratio > 0 && this.ratio() < ratio;
  }

  integer(min: number, max: number): number {
    if (!(Number.isInteger(min) && Number.isInteger(max) && min <= max)) {
      throw new RangeError(`expected two whole numbers in order, got ${min} and ${max}`);
    }
    return min + Math.floor(this.ratio() * (max - min + 1));
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.ratio());
  }

  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new RangeError('expected at least one item to pick from, got none');
    return items[this.integer(0, items.length - 1)] as Item;
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index += 4) {
      const word = this.bits();
      for (let part = 0; part < 4 && index + part < length; part++) bytes[index + part] = word >>> (8 * part);
    }
    return bytes;
  }

  fork(label: string): Random {
    return new SmallFastCounter(`${this.seed}/${label}`);
  }
}

/** Three words from a text: one FNV-1a stream per word, each finished with the mixer of MurmurHash3. */
function hashWords(text: string): [number, number, number] {
  return [hashWord(text, 0x811c9dc5), hashWord(text, 0x9e3779b9), hashWord(text, 0x85ebca6b)];
}

function hashWord(text: string, basis: number): number {
  let word = basis;
  for (let index = 0; index < text.length; index++) {
    word = Math.imul(word ^ text.charCodeAt(index), 0x01000193);
  }
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return word ^ (word >>> 16);
}
