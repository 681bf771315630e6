import type { AccountStore } from '../../accounts/account-store.ts';
import type { Effect } from '../../domain/effects.ts';
import type { ServerEvent } from '../../domain/events.ts';
import { WorkUnderWay } from '../work-under-way.ts';
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
  readonly #store: AccountStore;
  readonly #onEvent: (event: ServerEvent) => void;
  readonly #hasher = new PasswordHasher();
  readonly #work: WorkUnderWay;

  constructor({ store, onEvent, onError }: AccountDeskOptions) {
    this.#store = store;
    this.#onEvent = onEvent;
    this.#work = new WorkUnderWay({ onError, problem: 'the server cannot do that now' });
  }

  hashPassword({ workId, password }: EffectOf<'hash-password'>): void {
    this.#work.add(this.#hasher.hash(password), (outcome) =>
      this.#onEvent({ type: 'password-hashed', workId, outcome }),
    );
  }

  checkPassword({ workId, password, against }: EffectOf<'check-password'>): void {
    this.#work.add(this.#hasher.check(password, against), (outcome) =>
      this.#onEvent({ type: 'password-checked', workId, outcome }),
    );
  }

  readAudit({ workId, query }: EffectOf<'read-audit'>): void {
    this.#work.add(this.#store.readAudit(query), (outcome) =>
      this.#onEvent({ type: 'audit-read', workId, outcome }),
    );
  }

  write({ workId, changes, audited }: EffectOf<'write-accounts'>): void {
    this.#work.add(
      this.#store.write(changes, audited).then(() => undefined),
      (outcome) => this.#onEvent({ type: 'accounts-written', workId, outcome }),
    );
  }

  /** Resolves when nothing is under way any more. */
  settled(): Promise<void> {
    return this.#work.settled();
  }
}
