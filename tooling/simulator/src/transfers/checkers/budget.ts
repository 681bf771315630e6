import { CHUNK_BYTES_MIN as chunkBytes } from '@parley/protocol';
import type { Violations } from '../../checkers/violations.ts';
import type { Errand } from '../errands/errand.ts';

/** Chunks of which a part can be there when a process dies: those that the window covers, and the two at its ends. */
const OPEN_CHUNKS_MAX = 3;
/** Digests of chunks come with each offer that needs them: before the bytes, or behind each part of a chunk and at the end. */
const LIST_BYTES_PER_OFFER = 32 * 40;
/** Of a small folder. */
const ANSWER_BYTES_MAX = 500;

/** How large the thing is that was interrupted. */
type Interrupted = Pick<Errand, 'bytesMax'>;

/** Counts what a user gets over the network, or gives, beside what there is reason to. */
export class Budget {
  #arrivedBytes = 0;
  #allowedBytes = 0;

  noteArrived(byteLength: number): void {
    this.#arrivedBytes += byteLength;
  }

  /** A file is asked for: for the first time, or another version of it. */
  allowWhole(size: number): void {
    this.#allowedBytes += size + LIST_BYTES_PER_OFFER;
  }

  /** Something ended a transfer that goes on later. */
  allowInterruption({ bytesMax }: Interrupted): void {
    this.#allowedBytes += Math.min(bytesMax, OPEN_CHUNKS_MAX * chunkBytes) + LIST_BYTES_PER_OFFER;
  }

  /** The other end says what it lacks. */
  allowAnswer(): void {
    this.#allowedBytes += ANSWER_BYTES_MAX;
  }

  /** A transfer failed. Where the server read the file wrong to announce it, nothing that came is worth keeping. */
  allowFailure(code: string | undefined, errand: Interrupted): void {
    if (code === 'hash-mismatch') this.allowWhole(errand.bytesMax);
    else this.allowInterruption(errand);
  }

  /** Bytes came wrong. */
  allowChunk(): void {
    this.#allowedBytes += chunkBytes;
  }

  audit(violations: Violations, name: string): void {
    const arrived = this.#arrivedBytes;
    violations.require(arrived <= this.#allowedBytes, 'economy', () => {
      return `${name} moved ${arrived} bytes and had reason for ${this.#allowedBytes}`;
    });
  }
}
