/** A request that waits for its answer. */
interface Pending<Purpose> {
  readonly purpose: Purpose;
  /** `undefined` when the answer may take as long as it likes. */
  readonly deadline: number | undefined;
}

/** The requests without an answer: each has a number, a purpose, and a time by which the answer has to come. */
export class PendingRequests<Purpose> {
  readonly #pending = new Map<number, Pending<Purpose>>();
  #lastId = 0;

  get count(): number {
    return this.#pending.size;
  }

  /** What the requests are for, oldest first. */
  get purposes(): readonly Purpose[] {
    return Array.from(this.#pending.values(), ({ purpose }) => purpose);
  }

  /** The earliest time at which an answer is overdue. */
  get deadline(): number | undefined {
    let earliest: number | undefined;
    for (const { deadline } of this.#pending.values()) {
      if (deadline !== undefined && deadline < (earliest ?? Number.POSITIVE_INFINITY)) earliest = deadline;
    }
    return earliest;
  }

  /** Gives the next request its number. */
  add(purpose: Purpose, deadline: number): number {
    this.#lastId = (this.#lastId + 1) >>> 0;
    this.#pending.set(this.#lastId, { purpose, deadline });
    return this.#lastId;
  }

  /** The answer came: what the request was for; undefined for an answer that nobody waits for (any more). */
  take(requestId: number): Purpose | undefined {
    const pending = this.#pending.get(requestId);
    this.#pending.delete(requestId);
    return pending?.purpose;
  }

  /** The answer is to be waited for however long it takes. What the request is for; undefined when nobody waits (any more). */
  extend(requestId: number): Purpose | undefined {
    const pending = this.#pending.get(requestId);
    if (pending !== undefined) this.#pending.set(requestId, { ...pending, deadline: undefined });
    return pending?.purpose;
  }

  /** Takes what is overdue; its answer may come all the same. */
  takeOverdue(now: number): { readonly requestId: number; readonly purpose: Purpose }[] {
    const overdue: { readonly requestId: number; readonly purpose: Purpose }[] = [];
    for (const [requestId, { purpose, deadline }] of this.#pending) {
      if (deadline === undefined || deadline > now) continue;
      this.#pending.delete(requestId);
      overdue.push({ requestId, purpose });
    }
    return overdue;
  }

  /** Takes everything: no answer will come any more. */
  takeAll(): Purpose[] {
    const all = Array.from(this.#pending.values(), ({ purpose }) => purpose);
    this.#pending.clear();
    return all;
  }
}
