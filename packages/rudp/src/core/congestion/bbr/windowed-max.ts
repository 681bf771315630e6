/** What remains of a maximum after a period that has measured nothing. */
const FADING = 0.95;

/** Maximum over the last `length` periods (rounds, probing cycles), one value kept per period. */
export class WindowedMax {
  readonly #values: Float64Array;
  #index = 0;
  #max = 0;

  constructor(length: number) {
    this.#values = new Float64Array(length);
  }

  get max(): number {
    return this.#max;
  }

  update(value: number): void {
    this.#values[this.#index] = Math.max(this.#values[this.#index] ?? 0, value);
    this.#max = Math.max(this.#max, value);
  }

  /** Opens the next period; the oldest one falls out. One without a value pushes nothing out: what is known only fades. */
  advance(): void {
    if (this.#values[this.#index] === 0) {
      this.#values.forEach((value, index) => {
        this.#values[index] = FADING * value;
      });
      this.#max *= FADING;
      return;
    }
    this.#index = (this.#index + 1) % this.#values.length;
    this.#values[this.#index] = 0;
    this.#max = Math.max(...this.#values);
  }

  reset(): void {
    this.#values.fill(0);
    this.#max = 0;
  }
}
