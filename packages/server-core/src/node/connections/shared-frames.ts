import type { ConnectionId } from '../../domain/events.ts';

/**
 * What one turn of the event loop has for the same people: the frames of a room, joined once for all its members. Each
 * frame has a place in the order of everything that was sent in the turn, so that a member who is sent something of its
 * own in between gets all of it in that order.
 */
export class SharedFrames {
  readonly connectionIds: readonly ConnectionId[];
  /** A list of this alone, so that a connection that gets nothing else needs no list of its own. */
  readonly alone: readonly SharedFrames[] = [this];
  readonly #frames: Uint8Array[] = [];
  readonly #places: number[] = [];
  #bytes = 0;
  /** Whether the frames lie one behind the other in one piece of memory, as those that were made in a row mostly do. */
  #isOnePiece = true;
  #joined: Buffer | undefined;

  constructor(connectionIds: readonly ConnectionId[]) {
    this.connectionIds = connectionIds;
  }

  add(frame: Uint8Array, place: number): void {
    this.#isOnePiece &&= this.#isNext(frame);
    this.#frames.push(frame);
    this.#places.push(place);
    this.#bytes += frame.length;
  }

  get byteCount(): number {
    return this.#bytes;
  }

  /** All frames in one piece; nothing is added any more. A `Buffer`: a socket makes one of anything else, for each member. */
  get joined(): Buffer {
    const [first] = this.#frames;
    this.#joined ??=
      this.#isOnePiece && first !== undefined
        ? Buffer.from(first.buffer, first.byteOffset, this.#bytes)
        : Buffer.concat(this.#frames, this.#bytes);
    return this.#joined;
  }

  #isNext(frame: Uint8Array): boolean {
    const [first] = this.#frames;
    if (first === undefined) return true;
    return frame.buffer === first.buffer && frame.byteOffset === first.byteOffset + this.#bytes;
  }

  /** Moves a cursor over the frames that were sent before `place`. */
  advance(cursor: Cursor, place: number): void {
    for (
      let frame = this.#frames[cursor.index];
      frame !== undefined && (this.#places[cursor.index] as number) < place;
      frame = this.#frames[cursor.index]
    ) {
      cursor.index += 1;
      cursor.offset += frame.length;
    }
  }
}

/** How far somebody has got in shared frames: how many of them, and their bytes. */
interface Cursor {
  index: number;
  offset: number;
}

/** A frame for one connection only. */
export interface OwnFrame {
  readonly frame: Uint8Array;
  readonly place: number;
}

/**
 * The bytes of a turn for one connection, in pieces: its own frames, and those of its rooms, in the order in which they
 * were sent. Between two rooms there is no order.
 */
export function piecesInOrder(own: readonly OwnFrame[], shared: readonly SharedFrames[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const cursors = shared.map(() => ({ index: 0, offset: 0 }));
  const takeUpTo = (place: number) => {
    for (const [index, frames] of shared.entries()) {
      const cursor = cursors[index] as Cursor;
      const start = cursor.offset;
      frames.advance(cursor, place);
      if (cursor.offset > start) pieces.push(frames.joined.subarray(start, cursor.offset));
    }
  };
  for (const { frame, place } of own) {
    takeUpTo(place);
    pieces.push(frame);
  }
  takeUpTo(Number.POSITIVE_INFINITY);
  return pieces;
}
