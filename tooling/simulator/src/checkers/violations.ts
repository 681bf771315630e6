/** One broken promise of the transport. */
export interface Violation {
  readonly atMs: number;
  /** Name of the checker. */
  readonly checker: string;
  readonly text: string;
}

/** More than this of one run tells nothing new. */
const KEPT_MAX = 20;

/** What the checkers of one run found. */
export class Violations {
  readonly all: Violation[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(checker: string, text: string): void {
    if (this.all.length < KEPT_MAX) this.all.push({ atMs: this.#now(), checker, text });
  }

  /** Notes an exception, which never belongs here, and whose it was. */
  addException(error: unknown, owner?: string): void {
    this.add('exception', owner === undefined ? textOf(error) : `${owner}: ${textOf(error)}`);
  }

  /** Notes `text` unless the claim holds. */
  require(isTrue: boolean, checker: string, text: () => string): void {
    if (!isTrue) this.add(checker, text());
  }
}

/** What was thrown, and where as far as that is known. */
export function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
