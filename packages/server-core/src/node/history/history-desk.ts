import type { Effect } from '../../domain/effects.ts';
import type { ServerEvent } from '../../domain/events.ts';
import type { HistoryStore } from '../../history/history-store.ts';
import { WorkUnderWay } from '../work-under-way.ts';

type EffectOf<Type extends Effect['type']> = Extract<Effect, { type: Type }>;

/** What a history desk works with. */
export interface HistoryDeskOptions {
  readonly store: HistoryStore;
  readonly onEvent: (event: ServerEvent) => void;
  /** Trouble with the store, for the log. */
  readonly onError: (error: unknown) => void;
}

/** Asks the store what the domain wants to know, and tells the domain what came of it. */
export class HistoryDesk {
  readonly #store: HistoryStore;
  readonly #onEvent: (event: ServerEvent) => void;
  readonly #work: WorkUnderWay;

  constructor({ store, onEvent, onError }: HistoryDeskOptions) {
    this.#store = store;
    this.#onEvent = onEvent;
    this.#work = new WorkUnderWay({ onError, problem: 'the server cannot use its history now' });
  }

  write({ batchId, operations }: EffectOf<'write'>): void {
    this.#work.add(this.#store.write(operations), (outcome) =>
      this.#onEvent({ type: 'written', batchId, outcome }),
    );
  }

  read({ connectionId, requestId, query }: EffectOf<'read-history'>): void {
    const { roomKey } = query;
    this.#work.add(this.#store.read(query), (outcome) =>
      this.#onEvent({ type: 'history-read', connectionId, requestId, roomKey, outcome }),
    );
  }

  search({ connectionId, requestId, query }: EffectOf<'search'>): void {
    this.#work.add(this.#store.search(query), (outcome) =>
      this.#onEvent({ type: 'search-done', connectionId, requestId, query, outcome }),
    );
  }

  readMarkers({ connectionId, userId, roomKeys }: EffectOf<'read-markers'>): void {
    this.#work.add(this.#store.readMarkers(userId, roomKeys), (outcome) => {
      if (!outcome.ok) return;
      const markers = roomKeys.map((roomKey, index) => ({ roomKey, sequence: outcome.value[index] ?? 0 }));
      this.#onEvent({ type: 'markers-read', connectionId, markers });
    });
  }

  /** Resolves when nothing is under way any more. */
  settled(): Promise<void> {
    return this.#work.settled();
  }
}
