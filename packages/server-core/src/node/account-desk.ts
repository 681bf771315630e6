import type { AccountStore } from '../accounts/account-store.ts';
import type { Effect } from '../domain/effects.ts';
import type { Outcome, ServerEvent } from '../domain/events.ts';
import { StoreError } from '../history/history-store.ts';
import { PasswordHasher } from './password-hasher.ts';

type EffectOf<Type extends Effect['type']> = Extract<Effect, { type: Type }>;

/** What an account desk works with. */
export interface AccountDeskOptions {
  readonly store: AccountStore;
  readonly onEvent: (event: ServerEvent) => void;
  /** Trouble with the store, for the log. */
  readonly onError: (error: unknown) => void;
}

/** Hashes passwords and keeps accounts for the domain, and tells it what came of it. */
export class AccountDesk {
  readonly #options: AccountDeskOptions;
  readonly #hasher = new PasswordHasher();
  readonly #running = new Set<Promise<void>>();

  constructor(options: AccountDeskOptions) {
    this.#options = options;
  }

  hashPassword({ workId, password }: EffectOf<'hash-password'>): void {
    this.#run(this.#hasher.hash(password), (outcome) => ({ type: 'password-hashed', workId, outcome }));
  }

  checkPassword({ workId, password, against }: EffectOf<'check-password'>): void {
    this.#run(this.#hasher.check(password, against), (outcome) => ({
      type: 'password-checked',
      workId,
      outcome,
    }));
  }

  readAudit({ workId, query }: EffectOf<'read-audit'>): void {
    this.#run(this.#options.store.readAudit(query), (outcome) => ({ type: 'audit-read', workId, outcome }));
  }

  write({ workId, changes, audited }: EffectOf<'write-accounts'>): void {
    this.#run(
      this.#options.store.write(changes, audited).then(() => undefined),
      (outcome) => ({ type: 'accounts-written', workId, outcome }),
    );
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #run<Value>(work: Promise<Value>, eventOf: (outcome: Outcome<Value>) => ServerEvent): void {
    const { onEvent, onError } = this.#options;
    const told = work.then(
      (value) => onEvent(eventOf({ ok: true, value })),
      (error: unknown) => {
        onError(error);
        const isKnown = error instanceof StoreError;
        const message = isKnown ? error.message : 'the server cannot do that now';
        onEvent(eventOf({ ok: false, message }));
      },
    );
    this.#running.add(told);
    void told.finally(() => this.#running.delete(told));
  }
}
