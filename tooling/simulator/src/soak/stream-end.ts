import type { Connection } from '@parley/rudp/core';
import { StreamPattern } from '../application/stream-pattern.ts';
import { OrderedStreamChecker } from '../checkers/ordered-stream.ts';
import type { Violations } from '../checkers/violations.ts';

const WRITE_BYTES_MAX = 65_536;
const readBuffer = new Uint8Array(65_536);

/** One end of a connection: sends the bytes that it owes, and takes those of the other end, each of which has to be the right one. */
export class StreamEnd {
  readonly #connection: Connection;
  readonly #sends: StreamPattern;
  readonly #takes: OrderedStreamChecker;
  /** Whether the stream ends when nothing is owed any more. */
  readonly #endsWhenSent: boolean;
  #owedBytes = 0;
  #sentBytes = 0;

  /** Streams have the bytes of their number. */
  constructor(options: {
    readonly name: string;
    readonly connection: Connection;
    readonly sends: number;
    readonly expects: number;
    readonly endsWhenSent: boolean;
    readonly violations: Violations;
  }) {
    this.#connection = options.connection;
    this.#sends = new StreamPattern(options.sends);
    const { name, violations } = options;
    this.#takes = new OrderedStreamChecker(violations, {
      name,
      expected: new StreamPattern(options.expects),
    });
    this.#endsWhenSent = options.endsWhenSent;
  }

  get takenBytes(): number {
    return this.#takes.receivedBytes;
  }

  owe(byteLength: number): void {
    this.#owedBytes += byteLength;
    this.write();
  }

  /** Sends what is owed, as far as there is room. */
  write(): void {
    while (this.#sentBytes < this.#owedBytes) {
      const bytes = this.#sends.at(
        this.#sentBytes,
        Math.min(WRITE_BYTES_MAX, this.#owedBytes - this.#sentBytes),
      );
      const written = this.#connection.write(bytes);
      this.#sentBytes += written;
      if (written < bytes.length) return;
    }
    if (this.#endsWhenSent) this.#connection.finish();
  }

  /** Takes what is there; gives its length. */
  take(): number {
    const before = this.takenBytes;
    for (;;) {
      const count = this.#connection.read(readBuffer);
      if (count === 0) return this.takenBytes - before;
      this.#takes.take(readBuffer.subarray(0, count));
    }
  }
}
