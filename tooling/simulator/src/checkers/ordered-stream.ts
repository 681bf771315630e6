import type { StreamPattern } from '../application/stream-pattern.ts';
import type { Violations } from './violations.ts';

/** Takes a stream in order: every byte must be the one that was sent. */
export class OrderedStreamChecker {
  readonly #violations: Violations;
  readonly #name: string;
  readonly #expected: StreamPattern;
  receivedBytes = 0;

  constructor(violations: Violations, options: { name: string; expected: StreamPattern }) {
    this.#violations = violations;
    this.#name = options.name;
    this.#expected = options.expected;
  }

  take(bytes: Uint8Array): void {
    this.#violations.require(
      this.#expected.matches(this.receivedBytes, bytes),
      'ordered stream',
      () => `${this.#name}: bytes from ${this.receivedBytes} on differ from what was sent`,
    );
    this.receivedBytes += bytes.length;
  }
}
