import { createRandom } from '@parley/netsim';

/** A prime, so that no buffer size of the transport divides it: bytes that are moved by a buffer's length differ. */
const PERIOD_BYTES = 65_537;
const CHUNK_BYTES_MAX = 65_536;

/** The bytes of a stream, at any offset, without keeping them: a table of random bytes that repeats. */
export class StreamPattern {
  readonly #shift: number;

  /** Streams with different numbers have different bytes. */
  constructor(streamNumber: number) {
    this.#shift = (streamNumber * 7919) % PERIOD_BYTES;
  }

  /** The bytes at `offset`, at most 65,536; they must not be changed. */
  at(offset: number, length: number): Uint8Array {
    const start = (offset + this.#shift) % PERIOD_BYTES;
    return table.subarray(start, start + Math.min(length, CHUNK_BYTES_MAX));
  }

  /** Whether these are the bytes at `offset`. */
  matches(offset: number, bytes: Uint8Array): boolean {
    for (let done = 0; done < bytes.length; done += CHUNK_BYTES_MAX) {
      const part = bytes.subarray(done, done + CHUNK_BYTES_MAX);
      if (Buffer.compare(part, this.at(offset + done, part.length)) !== 0) return false;
    }
    return true;
  }
}

const table = makeTable();

function makeTable(): Uint8Array {
  const period = createRandom('stream pattern').bytes(PERIOD_BYTES);
  const twice = new Uint8Array(2 * PERIOD_BYTES);
  twice.set(period);
  twice.set(period, PERIOD_BYTES);
  return twice;
}
