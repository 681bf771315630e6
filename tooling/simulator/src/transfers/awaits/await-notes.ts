import type { SimulatedProcess } from '../host/simulated-process.ts';

type Noted = <Value>(place: string, value: Value) => Value;
type NotedEach = <Value>(place: string, values: AsyncIterable<Value>) => AsyncIterable<Value>;

declare global {
  /** Hears of each `await` of a source that `noteAwaits` has changed; nobody else calls them. */
  var noteAwait: Noted;
  var noteAwaits: NotedEach;
}

/** What processes wait for, and where those stood that died. */
export class AwaitNotes {
  /** Where anything was waited for. */
  readonly passed = new Set<string>();
  /** Where a process that died was waiting at that moment. */
  readonly diedAt = new Set<string>();
  readonly #waiting = new WeakMap<SimulatedProcess, Map<string, number>>();

  /** Takes note of what a process waits for, until it is there. */
  note<Value>(process: SimulatedProcess, place: string, value: Value): Value {
    this.passed.add(place);
    const waiting = this.#waitingOf(process);
    waiting.set(place, (waiting.get(place) ?? 0) + 1);
    const isThere = (): void => {
      const left = (waiting.get(place) ?? 0) - 1;
      if (left > 0) waiting.set(place, left);
      else waiting.delete(place);
    };
    void Promise.resolve(value).then(isThere, isThere);
    return value;
  }

  /** A process dies where it is. */
  handleDeath(process: SimulatedProcess): void {
    for (const place of this.#waitingOf(process).keys()) this.diedAt.add(place);
  }

  #waitingOf(process: SimulatedProcess): Map<string, number> {
    const known = this.#waiting.get(process) ?? new Map<string, number>();
    this.#waiting.set(process, known);
    return known;
  }
}

/** The same for what comes one by one, by means of `note`. */
export async function* notedEach<Value>(
  place: string,
  values: AsyncIterable<Value>,
  note: Noted,
): AsyncGenerator<Value> {
  const iterator = values[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await note(place, iterator.next());
      if (done === true) return;
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}
