import { createHash } from 'node:crypto';
import type { AccountChange, Effect } from '@parley/server-core/pure';
import type { FaultyStore, Outcome } from './faulty-store.ts';

type EffectOf<Type extends Effect['type']> = Extract<Effect, { type: Type }>;

type Account = Extract<AccountChange, { type: 'put-account' }>['account'];

interface Write {
  readonly changes: readonly AccountChange[];
  readonly tell: (outcome: Outcome<undefined>) => void;
}

/** Accounts on the same disk as the log: changes take effect in their order, each whole or not at all. */
export class FaultyAccountStore {
  /** What is on the disk; it outlives the process. */
  readonly changes: AccountChange[] = [];
  readonly #store: FaultyStore;
  readonly #onKept: (changes: readonly AccountChange[]) => void;
  #waiting: Write[] = [];

  constructor(store: FaultyStore, onKept: (changes: readonly AccountChange[]) => void) {
    this.#store = store;
    this.#onKept = onKept;
  }

  /** Whose account it is. */
  userIdOf(nickname: string): Account['userId'] | undefined {
    const puts = this.changes.filter((change) => change.type === 'put-account');
    return puts.findLast(({ account }) => account.nickname === nickname)?.account.userId;
  }

  write({ changes }: EffectOf<'write-accounts'>, tell: Write['tell']): void {
    this.#waiting.push({ changes, tell });
    if (this.#waiting.length === 1) this.#writeNext();
  }

  /** The process is killed: what it had begun to write is there or not. */
  abandon(isKept: boolean): void {
    const [underWay] = this.#waiting;
    if (underWay !== undefined && isKept) this.#keep(underWay.changes);
    this.#waiting = [];
  }

  #writeNext(): void {
    const [write] = this.#waiting;
    if (write === undefined) return;
    this.#store.keep(
      () => this.#keep(write.changes),
      (outcome) => {
        this.#waiting.shift();
        this.#writeNext();
        write.tell(outcome);
      },
    );
  }

  #keep(changes: readonly AccountChange[]): void {
    this.changes.push(...changes);
    this.#onKept(changes);
  }
}

/** A hash that costs nothing: of scrypt only the shape. */
export function hashPassword(password: string): Parameters<typeof isPassword>[1] & object {
  const hash = createHash('sha256').update(password).digest('base64');
  return { algorithm: 'scrypt', cost: 2, blockSize: 1, parallelization: 1, salt: '', hash };
}

/** Whether it is the password of that hash; nothing is the password of none. */
export function isPassword(password: string, against: EffectOf<'check-password'>['against']): boolean {
  return against !== undefined && hashPassword(password).hash === against.hash;
}

/** A signature that whoever knows the public key can make: enough where nobody forges. */
export function sign(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha512').update(publicKey).update(message).digest());
}
