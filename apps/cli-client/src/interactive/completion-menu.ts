import type { Candidate, Completion } from '../commands/completion.ts';
import { type Line, span } from '../view/line.ts';

/** What stands in the input. */
interface Typed {
  readonly text: string;
  readonly cursor: number;
}

/** Several completions, through which Tab goes one after the other and Shift-Tab back. */
export class CompletionMenu {
  readonly #candidates: readonly Candidate[];
  /** The line as it was before any of them was put there. */
  readonly #start: Typed;
  /** Undefined: none is chosen. */
  #chosen: number | undefined;

  constructor(completion: Completion) {
    this.#candidates = completion.candidates;
    this.#start = completion;
  }

  /** What this menu has put into the input. */
  get line(): Typed {
    return this.#chosen === undefined ? this.#start : (this.#candidates[this.#chosen] ?? this.#start);
  }

  /** Whether the input is still what this menu has made of it. */
  isFor({ text, cursor }: Typed): boolean {
    return this.#candidates.length > 0 && text === this.line.text && cursor === this.line.cursor;
  }

  /** The next one, or the one before; behind the last comes the first. */
  step(places: 1 | -1): void {
    const count = this.#candidates.length;
    const from = this.#chosen ?? (places === 1 ? -1 : 0);
    this.#chosen = (from + places + count) % count;
  }

  get hint(): Line {
    return this.#candidates.map(({ label }, index) => span(label, index === this.#chosen ? 'choice' : 'dim'));
  }
}
