import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { EntryContent } from '../view/entry.ts';
import { entryLines } from '../view/entry-lines.ts';
import { ASCII_GLYPHS, type Glyphs } from '../view/glyphs.ts';
import { Theme } from '../view/theme.ts';
import type { LineRequest, Origin, UserInterface } from './user-interface.ts';

/** Lines that are read before they are wanted; a pipe may bring a file of any size, and the server takes its time. */
const LINES_AHEAD_MAX = 1_000;

/**
 * Lines in, lines out: for pipes, and for terminals that can do nothing else. What is shown are whole lines
 * without colours, and nothing is ever drawn twice.
 */
export class PlainInterface implements UserInterface {
  readonly workspace = undefined;
  readonly typedInput = { history: [], drafts: {} };
  readonly #output: Writable;
  readonly #glyphs: Glyphs;
  readonly #theme = new Theme({ hasColors: false });
  readonly #lines: Interface;
  /** A person reads it, who has to be told what is asked for. */
  readonly #hasPerson: boolean;
  readonly #entered: string[] = [];
  #isEnded = false;
  #answer: ((line: string | undefined) => void) | undefined;

  constructor(options: {
    readonly input: Readable;
    readonly output: Writable;
    readonly hasPerson: boolean;
    readonly glyphs?: Glyphs;
  }) {
    this.#output = options.output;
    this.#hasPerson = options.hasPerson;
    this.#glyphs = options.glyphs ?? ASCII_GLYPHS;
    this.#lines = createInterface({
      input: options.input,
      terminal: false,
      crlfDelay: Number.POSITIVE_INFINITY,
    });
    this.#lines.on('line', (line) => this.enterLine(line));
    this.#lines.on('close', () => this.stopReading());
  }

  show(content: EntryContent, { time = Date.now() }: Origin = {}): void {
    for (const line of entryLines({ time, content }, this.#glyphs)) {
      this.#output.write(`${this.#theme.paint(line)}\n`);
    }
  }

  setPlace(): void {
    // A line of its own for every arrival would repeat what was just shown.
  }

  placeChanged(): void {
    // As above.
  }

  restoreInput(): void {
    // Whole lines come in: there is nothing to lose.
  }

  onTyped(): void {
    // As above.
  }

  onWish(): void {
    // There are no keys, only lines.
  }

  setTransfers(): void {
    // Only what is final is shown.
  }

  readLine(request: LineRequest): Promise<string | undefined> {
    const entered = this.#entered.shift();
    if (this.#entered.length === 0 && !this.#isEnded) this.#lines.resume();
    if (entered !== undefined) return Promise.resolve(entered);
    if (this.#isEnded) return Promise.resolve(undefined);
    if (this.#hasPerson && request.isRemembered === false) this.#output.write(request.prompt);
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  stopReading(): void {
    this.#isEnded = true;
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(undefined);
  }

  close(): void {
    this.#lines.close();
  }

  setDraft(): void {
    // There is no line to go on with.
  }

  enterLine(line: string): void {
    const answer = this.#answer;
    this.#answer = undefined;
    if (answer) answer(line);
    else if (this.#entered.push(line) >= LINES_AHEAD_MAX) this.#lines.pause();
  }
}
