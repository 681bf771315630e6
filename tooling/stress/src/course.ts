import { setTimeout as after } from 'node:timers/promises';

/** How far a run has got, from 0 to 1. What is planned, is planned at a part of the way. */
export class Course {
  readonly #messages: number | undefined;
  readonly #abort = new AbortController();
  readonly #waiting = new Set<{ readonly part: number; readonly resolve: () => void }>();
  readonly #seconds: number;
  #accepted = 0;
  #isOver = false;

  /** As long as so many seconds, or until so many messages were accepted: then nothing depends on a clock. */
  constructor(length: { readonly seconds: number } | { readonly messages: number }) {
    this.#messages = 'messages' in length ? length.messages : undefined;
    this.#seconds = 'seconds' in length ? length.seconds : 0;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves when that part of the way is behind us, or the run was given up. */
  async reach(part: number): Promise<void> {
    if (this.#messages === undefined) {
      const { signal } = this.#abort;
      await after(this.#seconds * 1_000 * part, undefined, { signal }).catch(() => {});
      return;
    }
    if (this.#accepted >= this.#messages * part || this.#isOver) return;
    await new Promise<void>((resolve) => this.#waiting.add({ part, resolve }));
  }

  /** One more message was accepted. */
  advance(): void {
    this.#accepted += 1;
    if (this.#messages === undefined) return;
    for (const waiting of this.#waiting) {
      if (this.#accepted < this.#messages * waiting.part) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }

  /** Nothing new begins. */
  end(): void {
    this.#isOver = true;
    this.#abort.abort();
    for (const { resolve } of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
