/** Lines kept for the arrow keys. */
const LINES_MAX = 500;

/** The lines that were entered, walked with the arrow keys; the line being typed is kept at its end. */
export class InputHistory {
  #lines: string[] = [];
  #position = 0;
  #draft = '';

  /** Oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Puts lines of an earlier time before those of now. */
  restore(lines: readonly string[]): void {
    this.#lines = [...lines, ...this.#lines].slice(-LINES_MAX);
    this.#position = this.#lines.length;
  }

  /** Adds an entered line (not twice in a row, not blank) and goes back to the end. */
  add(line: string): void {
    if (line.trim() !== '' && line !== this.#lines.at(-1)) this.#lines.push(line);
    if (this.#lines.length > LINES_MAX) this.#lines.shift();
    this.#position = this.#lines.length;
    this.#draft = '';
  }

  /** The line before, or undefined at the oldest. `current` is what the input holds now. */
  previous(current: string): string | undefined {
    if (this.#position === 0) return undefined;
    if (this.#position === this.#lines.length) this.#draft = current;
    this.#position -= 1;
    return this.#lines[this.#position];
  }

  /** The line after, the draft behind the newest, or undefined when there is none. */
  next(): string | undefined {
    if (this.#position >= this.#lines.length) return undefined;
    this.#position += 1;
    return this.#lines[this.#position] ?? this.#draft;
  }
}
