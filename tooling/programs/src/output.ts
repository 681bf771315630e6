import type { Readable } from 'node:stream';

/** Of one stream; what comes behind it is looked at, but not kept. */
const KEPT_CHARACTERS_MAX = 1 << 26;

interface Waiting {
  readonly pattern: RegExp;
  readonly resolve: (match: RegExpExecArray) => void;
  readonly reject: (error: Error) => void;
}

/** What a program writes to one of its outputs, in UTF-8. */
export class Output {
  readonly #complain: (pattern: RegExp, why: string) => Error;
  readonly #limitMs: number;
  readonly #listeners: ((line: string) => void)[] = [];
  readonly #waiting = new Set<Waiting>();
  #text = '';
  /** Of the line that is being written. */
  #unfinished = '';
  #isOver = false;

  /** `complain` makes the error for a line that never came. */
  constructor(
    stream: Readable | null,
    options: {
      readonly ended: Promise<unknown>;
      readonly limitMs: number;
      readonly complain: (pattern: RegExp, why: string) => Error;
    },
  ) {
    this.#complain = options.complain;
    this.#limitMs = options.limitMs;
    stream?.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    void options.ended.then(() => this.#finish());
  }

  /** All of it so far. */
  get text(): string {
    return this.#text;
  }

  /** Its lines so far, without their ends; the last one needs none when the program has ended. */
  get lines(): readonly string[] {
    const lines = this.#text.split('\n').map(withoutReturn);
    if (!this.#isOver || lines.at(-1) === '') lines.pop();
    return lines;
  }

  /** Calls back with each line to come. */
  onLine(listener: (line: string) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * The first line that matches, out of those written and those to come. Rejects with what the program said when it ends
   * without that line, or when `limitMs` go by.
   */
  line(pattern: RegExp, limitMs = this.#limitMs): Promise<RegExpExecArray> {
    for (const line of this.lines) {
      const match = pattern.exec(line);
      if (match !== null) return Promise.resolve(match);
    }
    if (this.#isOver) return Promise.reject(this.#complain(pattern, 'it has ended'));
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        pattern,
        resolve: (match) => {
          clearTimeout(timer);
          resolve(match);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting);
        reject(this.#complain(pattern, `${limitMs / 1000} s went by`));
      }, limitMs);
      this.#waiting.add(waiting);
    });
  }

  #read(text: string): void {
    if (this.#text.length < KEPT_CHARACTERS_MAX) this.#text += text;
    this.#unfinished += text;
    if (!text.includes('\n')) return;
    const lines = this.#unfinished.split('\n');
    this.#unfinished = lines.pop() ?? '';
    for (const line of lines) this.#tell(withoutReturn(line));
  }

  #tell(line: string): void {
    for (const listener of this.#listeners) listener(line);
    for (const waiting of this.#waiting) {
      const match = waiting.pattern.exec(line);
      if (match === null) continue;
      this.#waiting.delete(waiting);
      waiting.resolve(match);
    }
  }

  #finish(): void {
    this.#isOver = true;
    if (this.#unfinished !== '') this.#tell(withoutReturn(this.#unfinished));
    for (const { pattern, reject } of this.#waiting) reject(this.#complain(pattern, 'it has ended'));
    this.#waiting.clear();
  }
}

function withoutReturn(line: string): string {
  return line.replace(/\r$/, '');
}
