import type { Outcome } from '../domain/events.ts';
import { StoreError } from '../history/history-store.ts';

/** What was begun for the domain and has not ended yet. Each piece ends with one outcome. */
export class WorkUnderWay {
  readonly #onError: (error: unknown) => void;
  readonly #problem: string;
  readonly #running = new Set<Promise<void>>();

  constructor(options: {
    /** Hears of every failure, for the log. */
    readonly onError: (error: unknown) => void;
    /** What users are told of a failure that has no words for them. */
    readonly problem: string;
  }) {
    this.#onError = options.onError;
    this.#problem = options.problem;
  }

  /** Has `tell` called when `work` has come to an end. */
  add<Value>(work: Promise<Value>, tell: (outcome: Outcome<Value>) => void): void {
    const told = work.then(
      (value) => {
        this.#running.delete(told);
        tell({ ok: true, value });
      },
      (error: unknown) => {
        this.#running.delete(told);
        this.#onError(error);
        tell({ ok: false, message: error instanceof StoreError ? error.message : this.#problem });
      },
    );
    this.#running.add(told);
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
