import type { Connection } from '@parley/rudp/core';
import { StreamPattern } from '../application/stream-pattern.ts';

const writeBytesMax = 65_536;
const readBuffer = new Uint8Array(65_536);

/** One end of a connection: sends the bytes that it owes, and takes those of the other end, each of which must be the right one. */
export class StreamEnd {
  readonly #connection: Connection;
  readonly #sends: StreamPattern;
  readonly #expects: StreamPattern;
  /** Whether the stream ends when nothing is owed any more. */
  readonly #endsWhenSent: boolean;
  #owedBytes = 0;
  #sentBytes = 0;
  #takenBytes = 0;

  /** Streams have the bytes of their number. */
  constructor(options: {
    readonly connection: Connection;
    readonly sends: number;
    readonly expects: number;
    readonly endsWhenSent: boolean;
  }) {
    this.#connection = options.connection;
    this.#sends = new StreamPattern(options.sends);
    this.#expects = new StreamPattern(options.expects);
    this.#endsWhenSent = options.endsWhenSent;
  }

  get takenBytes(): number {
    return this.#takenBytes;
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
        Math.min(writeBytesMax, this.#owedBytes - this.#sentBytes),
      );
      const written = this.#connection.write(bytes);
      this.#sentBytes += written;
      if (written < bytes.length) return;
    }
    if (this.#endsWhenSent) this.#connection.finish();
  }

  /** Takes what is there; gives its length. Throws when it is not what was sent. */
  take(): number {
    let byteLength = 0;
    for (;;) {
      const count = this.#connection.read(readBuffer);
      if (count === 0) return byteLength;
      const bytes = readBuffer.subarray(0, count);
      if (!this.#expects.matches(this.#takenBytes, bytes))
        throw new Error(`the bytes from ${this.#takenBytes} on differ from what was sent`);
      this.#takenBytes += count;
      byteLength += count;
    }
  }
}
