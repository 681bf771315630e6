import type { StreamSource } from '@parley/rudp';
import type { OutgoingContent } from './outgoing-content.ts';

/** Room that every content can make use of: a file's name, a digest, a trailer fit. */
const READ_BYTES_MIN = 4096;

/**
 * The content of a transfer for a connection that takes it when it can leave: read into the connection's own memory, where there is room
 * enough, and otherwise, as what lies in memory already, copied in parts.
 */
export class ContentSource implements StreamSource {
  readonly #content: OutgoingContent;
  readonly #onNothingYet: () => void;
  #buffer: Uint8Array | undefined;
  /** Read, and not yet given. */
  #rest: Uint8Array = new Uint8Array(0);

  /** `onNothingYet` hears that the content lets others go first. */
  constructor(content: OutgoingContent, onNothingYet: () => void) {
    this.#content = content;
    this.#onNothingYet = onNothingYet;
  }

  /** Throws what reading the content throws. */
  read(target: Uint8Array): number | undefined {
    if (this.#rest.byteLength > 0) return this.#giveRest(target);
    const piece = this.#content.read(target.byteLength < READ_BYTES_MIN ? this.#ownBuffer : target);
    if (piece === undefined) return undefined;
    if (piece.byteLength === 0) this.#onNothingYet();
    if (piece.buffer === target.buffer && piece.byteOffset === target.byteOffset) return piece.byteLength;
    this.#rest = piece;
    return this.#giveRest(target);
  }

  get #ownBuffer(): Uint8Array {
    this.#buffer ??= new Uint8Array(READ_BYTES_MIN);
    return this.#buffer;
  }

  #giveRest(target: Uint8Array): number {
    const count = Math.min(target.byteLength, this.#rest.byteLength);
    target.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return count;
  }
}
