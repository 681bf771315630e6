import type { Effect } from '../domain/effects.ts';
import type { Outcome, ServerEvent } from '../domain/events.ts';
import { type HistoryStore, StoreError } from '../history/history-store.ts';

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
  readonly #options: HistoryDeskOptions;
  readonly #running = new Set<Promise<void>>();

  constructor(options: HistoryDeskOptions) {
    this.#options = options;
  }

  write({ batchId, operations }: EffectOf<'write'>): void {
    const { store, onEvent } = this.#options;
    this.#ask(store.write(operations), (outcome) => onEvent({ type: 'written', batchId, outcome }));
  }

  read({ connectionId, requestId, query }: EffectOf<'read-history'>): void {
    const { store, onEvent } = this.#options;
    const { roomKey } = query;
    this.#ask(store.read(query), (outcome) =>
      onEvent({ type: 'history-read', connectionId, requestId, roomKey, outcome }),
    );
  }

  search({ connectionId, requestId, query }: EffectOf<'search'>): void {
    const { store, onEvent } = this.#options;
    this.#ask(store.search(query), (outcome) =>
      onEvent({ type: 'search-done', connectionId, requestId, query, outcome }),
    );
  }

  readMarkers({ connectionId, userId, roomKeys }: EffectOf<'read-markers'>): void {
    const { store, onEvent } = this.#options;
    this.#ask(store.readMarkers(userId, roomKeys), (outcome) => {
      if (!outcome.ok) return;
      const markers = roomKeys.map((roomKey, index) => ({ roomKey, sequence: outcome.value[index] ?? 0 }));
      onEvent({ type: 'markers-read', connectionId, markers });
    });
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #ask<T>(answer: Promise<T>, tell: (outcome: Outcome<T>) => void): void {
    const told = answer.then(
      (value) => tell({ ok: true, value }),
      (error: unknown) => {
        this.#options.onError(error);
        const isKnown = error instanceof StoreError;
        tell({ ok: false, message: isKnown ? error.message : 'the server cannot use its history now' });
      },
    );
    this.#running.add(told);
    void told.finally(() => this.#running.delete(told));
  }
}
