import type { Connection } from '../../src/core/index.ts';
import { patternAt } from './pattern.ts';

/** What an application does with its connection. */
export interface ApplicationOptions {
  /** Stream bytes to write; none unless told. */
  readonly sends?: number;
  /** When it half-closes; after writing unless told. */
  readonly finishes?: 'after-writing' | 'after-reading' | 'never';
  /** False leaves everything unread until `startReading`. */
  readonly reads?: boolean;
}

// One for all: it holds nothing between calls.
const scratch = new Uint8Array(65_536);

/** One application on top of a connection: writes a stream, reads and checks the other's, then finishes. */
export class StreamApplication {
  readonly connection: Connection;
  readonly #bytesToSend: number;
  #writtenBytes = 0;
  #isFinished = false;
  #isReading: boolean;
  readonly #finishes: 'after-writing' | 'after-reading' | 'never';
  receivedBytes = 0;
  isReceiveFinished = false;

  constructor(connection: Connection, options: ApplicationOptions = {}) {
    this.connection = connection;
    this.#bytesToSend = options.sends ?? 0;
    this.#finishes = options.finishes ?? 'after-writing';
    this.#isReading = options.reads ?? true;
  }

  /** Writes as much as there is room for; call it at the start and on `writable`. */
  write(): void {
    while (this.#writtenBytes < this.#bytesToSend) {
      // One more than fits, so that the connection tells when there is room again.
      const offered = Math.min(65_536, this.connection.writableBytes + 1);
      const wanted = Math.min(offered, this.#bytesToSend - this.#writtenBytes);
      const taken = this.connection.write(patternAt(this.#writtenBytes, wanted));
      this.#writtenBytes += taken;
      if (taken < wanted) return;
    }
    if (this.#finishes === 'after-writing') this.finish();
  }

  /** Reads everything that is there and compares it with the pattern; call it on `readable`. */
  read(): void {
    if (!this.#isReading) return;
    for (;;) {
      const count = this.connection.read(scratch);
      if (count === 0) break;
      const expected = patternAt(this.receivedBytes, count);
      if (Buffer.compare(expected, scratch.subarray(0, count)) !== 0) {
        throw new Error(
          `stream bytes differ between ${this.receivedBytes} and ${this.receivedBytes + count}`,
        );
      }
      this.receivedBytes += count;
    }
    if (!this.connection.isReceiveFinished) return;
    this.isReceiveFinished = true;
    if (this.#finishes === 'after-reading') this.finish();
  }

  /** Reads what waits, and from now on what comes. */
  startReading(): void {
    this.#isReading = true;
    this.read();
  }

  /** Half-closes, once. */
  finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.connection.finish();
  }
}
