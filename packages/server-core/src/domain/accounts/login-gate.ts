import type { ServerLimits } from '../limits.ts';
import { AddressBuckets } from '../sessions/address-buckets.ts';

/** Those who come from this machine share one allowance too: a proxy here would bring everybody. */
const LOOPBACK = 'loopback';

/** Who may try to show that they are somebody, and how often: hashing costs time, and guessing must not pay. */
// CHAT-LOGIN-2
export class LoginGate {
  readonly #logins: AddressBuckets;
  readonly #failuresByAddress: AddressBuckets;
  readonly #failuresByAccount: AddressBuckets;
  readonly #newAccounts: AddressBuckets;

  constructor(limits: ServerLimits) {
    const countMax = limits.loginAddressesMax;
    this.#logins = new AddressBuckets({ allowance: limits.loginsPerAddress, countMax });
    this.#failuresByAddress = new AddressBuckets({ allowance: limits.failedLoginsPerAddress, countMax });
    this.#failuresByAccount = new AddressBuckets({ allowance: limits.failedLoginsPerAccount, countMax });
    this.#newAccounts = new AddressBuckets({ allowance: limits.newAccountsPerAddress, countMax });
  }

  /** Lets a try in and returns 0, or in how many milliseconds to come back. It counts as failed until it has `succeeded`. */
  tryLogin(address: string | undefined, accountKey: string, now: number): number {
    const from = address ?? LOOPBACK;
    const failures = this.#failuresByAddress.bucketOf(from, now);
    const accountFailures = this.#failuresByAccount.bucketOf(accountKey, now);
    const waitMs = Math.max(failures.waitMs(now), accountFailures.waitMs(now));
    if (waitMs > 0) return waitMs;
    const loginWaitMs = this.#logins.bucketOf(from, now).take(now);
    if (loginWaitMs > 0) return loginWaitMs;
    failures.take(now);
    accountFailures.take(now);
    return 0;
  }

  /** A try was no guess. */
  succeeded(address: string | undefined, accountKey: string, now: number): void {
    this.#failuresByAddress.bucketOf(address ?? LOOPBACK, now).giveBack();
    this.#failuresByAccount.bucketOf(accountKey, now).giveBack();
  }

  /** Counts a new account and returns 0, or in how many milliseconds there may be one. */
  tryCreate(address: string | undefined, now: number): number {
    return this.#newAccounts.bucketOf(address ?? LOOPBACK, now).take(now);
  }
}
