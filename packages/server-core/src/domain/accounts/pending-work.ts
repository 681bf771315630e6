import type { EffectList } from '../effect-list.ts';
import { invariant } from '../errors.ts';
import type { Outcome } from '../events.ts';

/** What to do with what came of a piece of work. */
export type Continuation<Value> = (outcome: Outcome<Value>, effects: EffectList, now: number) => void;

/** Work that was given to the driver, by number, and what is to be done when it comes back. */
export class PendingWork<Value> {
  readonly #continuations = new Map<number, Continuation<Value>>();
  #lastId = 0;

  get count(): number {
    return this.#continuations.size;
  }

  /** Gives a piece of work its number; `then` is called once. */
  add(then: Continuation<Value>): number {
    this.#lastId += 1;
    this.#continuations.set(this.#lastId, then);
    return this.#lastId;
  }

  settle(workId: number, outcome: Outcome<Value>, effects: EffectList, now: number): void {
    const then = this.#continuations.get(workId);
    invariant(then !== undefined, 'work comes back once');
    this.#continuations.delete(workId);
    then(outcome, effects, now);
  }
}
