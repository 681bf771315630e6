import type { Writable } from 'node:stream';
import type { StreamSource } from '../../core/index.ts';
import { RudpError } from '../errors.ts';

const BUFFER_BYTES = 262_144;

/** Writes what a source has to a stream, through one buffer, and ends the stream behind the last byte. */
export class SourceWriter {
  readonly #stream: Writable;
  readonly #source: StreamSource;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #isWriting = false;

  constructor(stream: Writable, source: StreamSource) {
    this.#stream = stream;
    this.#source = source;
  }

  /** Writes the next bytes, if the source has some, and goes on by itself until it has none. */
  writeNext(): void {
    if (this.#isWriting || this.#stream.destroyed) return;
    let count: number | undefined;
    try {
      count = this.#source.read(this.#buffer);
    } catch (cause) {
      this.#stream.destroy(new RudpError('source-failed', 'the source of the stream threw', { cause }));
      return;
    }
    if (count === undefined) this.#stream.end();
    if (!count) return;
    this.#isWriting = true;
    this.#stream.write(this.#buffer.subarray(0, count), (error) => {
      this.#isWriting = false;
      if (!error) this.writeNext();
    });
  }
}
