/**
 * What was made for one picture and can be used for the next one: nearly all of a screen is on both. What was not asked for
 * during a whole picture is forgotten. (A WeakMap would do the same, and makes the garbage collector slow: it has to follow
 * thousands of new pairs a second.)
 */
export class PictureCache<Key, Value> {
  #current = new Map<Key, Value>();
  #previous = new Map<Key, Value>();

  /** A new picture begins. */
  turn(): void {
    this.#previous = this.#current;
    this.#current = new Map();
  }

  clear(): void {
    this.#current.clear();
    this.#previous.clear();
  }

  /** What there is for a key, or what `make` makes. */
  get(key: Key, make: () => Value): Value {
    let value = this.#current.get(key);
    if (value === undefined) {
      value = this.#previous.get(key) ?? make();
      this.#current.set(key, value);
    }
    return value;
  }
}
