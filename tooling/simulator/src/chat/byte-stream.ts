import type { Random } from '@parley/netsim';
import type { World } from './world.ts';

/** How a direction of a connection behaves. */
export interface StreamOptions {
  readonly delayMsMin: number;
  readonly delayMsMax: number;
  /** Pieces that arrive are cut at random, up to this size: 1 is byte by byte. */
  readonly chunkBytesMax: number;
  /** What the systems of both sides hold between a writer and a reader. */
  readonly windowBytes: number;
}

/** Who reads. */
export interface StreamReader {
  onBytes(bytes: Uint8Array): void;
  onEnd(): void;
}

/**
 * One direction of a TCP connection: every byte once and in order, in pieces of any size, late, and no further than the
 * reader reads.
 */
export class ByteStream {
  readonly #world: World;
  readonly #random: Random;
  readonly #options: StreamOptions;
  readonly #reader: StreamReader;
  /** Written, and not taken by the writer's system. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Under way or waiting for the reader; `undefined` is the end. */
  #arriving: (Uint8Array | undefined)[] = [];
  #arrivingBytes = 0;
  #lastArrivalMs = 0;
  #frozenUntilMs = 0;
  #onTaken: (() => void) | undefined;
  #hasEnd = false;
  #isDead = false;

  constructor(world: World, random: Random, options: StreamOptions, reader: StreamReader) {
    this.#world = world;
    this.#random = random;
    this.#options = options;
    this.#reader = reader;
  }

  /** Bytes that the writer's system has not taken. */
  get backlogBytes(): number {
    return this.#waitingBytes;
  }

  /** Calls once when the writer's system has taken everything; another call takes the place of an earlier one. */
  onceTaken(call: () => void): void {
    this.#onTaken = call;
  }

  write(bytes: Uint8Array): void {
    if (this.#isDead || this.#hasEnd || bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#send();
  }

  /** Ends the stream after what was written. */
  end(): void {
    if (this.#isDead || this.#hasEnd) return;
    this.#hasEnd = true;
    this.#send();
  }

  /** Nothing arrives any more, wherever it is. */
  kill(): void {
    this.#isDead = true;
    this.#waiting = [];
    this.#arriving = [];
  }

  /** Nothing arrives before this time: the line is down, or the reader does not read. */
  freeze(untilMs: number): void {
    this.#frozenUntilMs = Math.max(this.#frozenUntilMs, untilMs);
  }

  #send(): void {
    const { chunkBytesMax, windowBytes } = this.#options;
    while (this.#arrivingBytes < windowBytes) {
      const [first] = this.#waiting;
      if (first === undefined) break;
      const room = Math.min(first.length, windowBytes - this.#arrivingBytes);
      const length = Math.min(room, this.#random.integer(1, chunkBytesMax));
      if (length === first.length) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(length);
      this.#waitingBytes -= length;
      this.#depart(first.subarray(0, length));
    }
    if (this.#waitingBytes === 0 && this.#onTaken !== undefined) {
      this.#world.after(0, this.#onTaken);
      this.#onTaken = undefined;
    }
    if (this.#hasEnd && this.#waiting.length === 0 && this.#lastArrivalMs !== Number.POSITIVE_INFINITY) {
      this.#depart(undefined);
      this.#lastArrivalMs = Number.POSITIVE_INFINITY;
    }
  }

  #depart(piece: Uint8Array | undefined): void {
    const { delayMsMin, delayMsMax } = this.#options;
    const delayMs = delayMsMin + this.#random.ratio() * (delayMsMax - delayMsMin);
    this.#arriving.push(piece);
    this.#arrivingBytes += piece?.length ?? 0;
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, this.#world.now + delayMs);
    this.#world.after(this.#lastArrivalMs - this.#world.now, () => this.#arrive());
  }

  #arrive(): void {
    if (this.#isDead) return;
    if (this.#world.now < this.#frozenUntilMs) {
      this.#world.after(this.#frozenUntilMs - this.#world.now, () => this.#arrive());
      return;
    }
    const piece = this.#arriving.shift();
    if (piece === undefined) {
      this.#reader.onEnd();
      return;
    }
    this.#arrivingBytes -= piece.length;
    this.#reader.onBytes(piece);
    this.#send();
  }
}
