/** A search backwards through the lines that were entered, letter by letter, as Ctrl-R begins it in readline. */
export class HistorySearch {
  readonly #lines: readonly string[];
  #query = '';
  #index: number;
  /** Nothing older has what is searched for. */
  #isFailing = false;

  /** `lines` are oldest first. */
  constructor(lines: readonly string[]) {
    this.#lines = lines;
    this.#index = lines.length;
  }

  get query(): string {
    return this.#query;
  }

  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** The line that was found last; undefined before the first. */
  get match(): string | undefined {
    return this.#lines[this.#index];
  }

  /** Where in it the query stands. */
  get matchStart(): number {
    return this.match === undefined ? 0 : Math.max(0, fold(this.match).indexOf(fold(this.#query)));
  }

  /** Searches for more letters, from where it is. */
  extend(text: string): void {
    this.#query += text;
    this.#search(Math.min(this.#index, this.#lines.length - 1), -1);
  }

  /** Searches for one letter less, from the newest line again. */
  shorten(): void {
    this.#query = Array.from(this.#query).slice(0, -1).join('');
    this.#isFailing = false;
    this.#index = this.#lines.length;
    if (this.#query !== '') this.#search(this.#index - 1, -1);
  }

  /** The next older line that has it. */
  older(): void {
    if (this.#query !== '') this.#search(this.#index - 1, -1);
  }

  /** The next newer one. */
  newer(): void {
    if (this.#query !== '') this.#search(this.#index + 1, 1);
  }

  /** What was found stays when there is nothing more; the same line again is nothing new. */
  #search(from: number, step: 1 | -1): void {
    const seen = this.match;
    const isContinued = from !== this.#index;
    for (let index = from; index >= 0 && index < this.#lines.length; index += step) {
      const line = this.#lines[index] ?? '';
      if (!fold(line).includes(fold(this.#query)) || (isContinued && line === seen)) continue;
      this.#index = index;
      this.#isFailing = false;
      return;
    }
    this.#isFailing = true;
  }
}

function fold(text: string): string {
  return text.toLowerCase();
}
