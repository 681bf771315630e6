import { type Address, formatAddress } from '@parley/netsim';
import type { Violations } from './violations.ts';

/** RFC 9000 §8.1. */
const FACTOR_MAX = 3;

/** Before an address has proved that it answers, it gets at most three times the bytes that came from it. */
// RUDP-SYN-7
export class AmplificationChecker {
  readonly #violations: Violations;
  /** The most that an address got before it was validated, as a multiple of what came from it. */
  worstFactor = 0;
  readonly #byAddress = new Map<string, { receivedBytes: number; sentBytes: number; isValidated: boolean }>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  onReceived(from: Address, bytes: number): void {
    this.#account(from).receivedBytes += bytes;
  }

  onValidated(address: Address): void {
    this.#account(address).isValidated = true;
  }

  onSent(to: Address, bytes: number): void {
    const account = this.#account(to);
    account.sentBytes += bytes;
    if (!account.isValidated) {
      this.worstFactor = Math.max(this.worstFactor, account.sentBytes / account.receivedBytes);
    }
    this.#violations.require(
      account.isValidated || account.sentBytes <= FACTOR_MAX * account.receivedBytes,
      'amplification',
      () => `${account.sentBytes} bytes to ${formatAddress(to)}, which sent ${account.receivedBytes}`,
    );
  }

  #account(address: Address) {
    const key = formatAddress(address);
    const known = this.#byAddress.get(key);
    if (known !== undefined) return known;
    const account = { receivedBytes: 0, sentBytes: 0, isValidated: false };
    this.#byAddress.set(key, account);
    return account;
  }
}
