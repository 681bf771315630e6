import type { PositionalSink } from '@parley/rudp';
import type { StreamPattern } from '../application/stream-pattern.ts';
import type { Violations } from './violations.ts';

const CHECKER = 'positional sink';

/** Takes a stream in any order: every byte must come exactly once, at its offset, and be the one that was sent. */
export class PositionalSinkChecker implements PositionalSink {
  readonly #violations: Violations;
  readonly #name: string;
  readonly #expected: StreamPattern;
  /** One mark for each byte of the stream. */
  readonly #marks: Uint8Array;
  receivedBytes = 0;

  constructor(violations: Violations, options: { name: string; expected: StreamPattern; bytes: number }) {
    this.#violations = violations;
    this.#name = options.name;
    this.#expected = options.expected;
    this.#marks = new Uint8Array(options.bytes);
  }

  write(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length;
    this.#require(offset >= 0 && end <= this.#marks.length, `bytes ${offset} to ${end} behind the end`);
    this.#require(
      this.#expected.matches(offset, bytes),
      `bytes ${offset} to ${end} differ from what was sent`,
    );
    const marks = this.#marks.subarray(offset, end);
    const repeated = marks.indexOf(1);
    if (repeated >= 0) this.#require(false, `byte ${offset + repeated} came twice`);
    marks.fill(1);
    this.receivedBytes += bytes.length;
  }

  #require(isTrue: boolean, text: string): void {
    this.#violations.require(isTrue, CHECKER, () => `${this.#name}: ${text}`);
  }
}
