/** Maximum over the last `length` periods (rounds, probing cycles), one value kept per period. */
export class WindowedMax {
  readonly #values: number[];
  #index = 0;

  constructor(length: number) {
    this.#values = new Array<number>(length).fill(0);
  }

  get max(): number {
    return Math.max(...this.#values);
  }

  update(value: number): void {
    this.#values[this.#index] = Math.max(this.#values[this.#index] ?? 0, value);
  }

  /** Opens the next period; the oldest one falls out. */
  advance(): void {
    this.#index = (this.#index + 1) % this.#values.length;
    this.#values[this.#index] = 0;
  }

  reset(): void {
    this.#values.fill(0);
  }
}
