import type { Random } from '@parley/netsim';
import type { PositionalSink, RemoteAddress, StreamSource } from '@parley/rudp';
import type { ConnectionEnd, ConnectionHandler } from '@parley/rudp/streams';
import type { World } from '../../chat/world.ts';
import type { SimulatedProcess } from '../host/simulated-process.ts';
import type { StreamEnd, StreamPath } from './stream-path.ts';

/** Bytes that a side holds for the other one. */
const SEND_BUFFER_BYTES_MAX = 262_144;
/** Most that a source is asked for at once. */
const SOURCE_BYTES_MAX = 65_536;

/** What a side of a stream is made of. */
export interface StreamSideOptions {
  readonly world: World;
  readonly random: Random;
  readonly process: SimulatedProcess;
  readonly path: StreamPath;
  /** Which of the two sides this is. */
  readonly end: StreamEnd;
  readonly remote: RemoteAddress;
  readonly context?: unknown;
  /** Hears of bytes that arrived, each time that they do. */
  readonly onArrived: (byteLength: number) => void;
}

/**
 * One side of a stream between two processes. Stands in for a connection of the transport's core: reliable and encrypted, but bytes
 * arrive in pieces, late, in any order, or never again, and each side may hear something else about the end.
 */
export class StreamSide {
  readonly remote: RemoteAddress;
  readonly context: unknown;
  readonly serverIdentity = undefined;
  readonly process: SimulatedProcess;
  readonly #options: StreamSideOptions;
  #peer: StreamSide | undefined;
  #handler: ConnectionHandler | undefined;
  /** Written and not acknowledged; the first byte is number `#acknowledged`. */
  #outbox: Uint8Array[] = [];
  #written = 0;
  #acknowledged = 0;
  #sent = 0;
  #nextDepartureMs = 0;
  #source: StreamSource | undefined;
  #isFinishing = false;
  #hasSentFin = false;
  #isFinAcknowledged = false;
  /** Pieces that arrived, by their offsets. */
  readonly #early = new Map<number, Uint8Array>();
  #contiguous = 0;
  #finAt: number | undefined;
  readonly #inbox: Uint8Array[] = [];
  #sink: PositionalSink | undefined;
  #isPaused = false;
  #end: ConnectionEnd | undefined;

  constructor(options: StreamSideOptions) {
    this.#options = options;
    this.process = options.process;
    this.remote = options.remote;
    this.context = options.context;
  }

  get receivedBytesContiguous(): number {
    return this.#contiguous;
  }

  get acknowledgedBytes(): number {
    return this.#acknowledged;
  }

  get isReceiveFinished(): boolean {
    return this.#finAt === this.#contiguous && this.#inbox.length === 0;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** Joins the two sides of a stream. */
  join(peer: StreamSide): void {
    this.#peer = peer;
    peer.#peer = this;
  }

  statistics() {
    return { smoothedRttMs: 1 };
  }

  pathHint(): undefined {
    return undefined;
  }

  /** The driver gives the connection to whoever holds it. */
  register(handler: ConnectionHandler): void {
    this.#handler = handler;
    if (this.#contiguous > 0 || this.#finAt !== undefined) this.#tell((one) => one.onReadable());
    this.pump();
  }

  /** Takes as many of the bytes as there is room for. */
  write(bytes: Uint8Array): number {
    const room = SEND_BUFFER_BYTES_MAX - (this.#written - this.#acknowledged);
    const count = Math.max(0, Math.min(room, bytes.byteLength));
    // The writer may use its buffer again.
    if (count > 0) this.#outbox.push(Buffer.from(bytes.subarray(0, count)));
    this.#written += count;
    return count;
  }

  /** Asks the source whenever there is room, until it has nothing. */
  sendFrom(source: StreamSource): void {
    this.#source = source;
  }

  finish(): void {
    this.#isFinishing = true;
  }

  readChunk(): Uint8Array | undefined {
    return this.#inbox.shift();
  }

  receiveInto(sink: PositionalSink): void {
    this.#sink = sink;
  }

  pauseReceiving(): void {
    this.#isPaused = true;
  }

  resumeReceiving(): void {
    this.#isPaused = false;
    this.#peer?.pump();
  }

  reset(_now: number, code: number, reason: string): void {
    if (this.#end !== undefined) return;
    this.close({ kind: 'reset-locally', code, reason });
    const peer = this.#peer;
    this.#carry(() => peer?.close({ kind: 'reset-by-peer', code, reason }));
  }

  /** The connection ends for this side; the last thing that it is told. */
  close(end: ConnectionEnd, cause?: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    const { world } = this.#options;
    world.log(() => `${this.process.name}: connection ends, ${JSON.stringify(end)}`);
    this.#tell((handler) => handler.onClosed(end, cause));
  }

  /** Sends what may leave. */
  pump(): void {
    const { world, path, random } = this.#options;
    const peer = this.#peer;
    if (peer === undefined || this.#end !== undefined || peer.#isPaused || !this.process.isAlive) return;
    this.#refill();
    while (this.#sent < this.#written && this.#sent - this.#acknowledged < path.windowBytes) {
      const offset = this.#sent;
      const bytes = this.#take(offset, random.integer(1_000, path.segmentBytesMax));
      this.#sent += bytes.byteLength;
      this.#nextDepartureMs = Math.max(world.now, this.#nextDepartureMs) + bytes.byteLength / path.bytesPerMs;
      this.#carry(() => peer.#receive(offset, bytes), this.#nextDepartureMs - world.now);
    }
    if (!this.#isFinishing || this.#hasSentFin || this.#sent < this.#written) return;
    this.#hasSentFin = true;
    const finAt = this.#sent;
    this.#carry(() => peer.#receiveFin(finAt), this.#nextDepartureMs - world.now);
  }

  /** Takes what the source has; like the transport it lends memory of any size, a few bytes as well. */
  #refill(): void {
    const { random } = this.#options;
    while (this.#source !== undefined && this.#written - this.#acknowledged < SEND_BUFFER_BYTES_MAX) {
      const target = Buffer.alloc(random.integer(1, SOURCE_BYTES_MAX));
      const count = this.#source.read(target);
      if (count === undefined) this.#isFinishing = true;
      // Asked again when it says that it has more.
      if (!count) this.#source = undefined;
      else this.#outbox.push(target.subarray(0, count));
      this.#written += count ?? 0;
    }
  }

  /** Brings something to the other side. */
  #carry(arrive: () => void, afterMs = 0): void {
    const { path, end } = this.#options;
    path.carry(end === 'client' ? 'server' : 'client', arrive, afterMs);
  }

  #take(offset: number, bytesMax: number): Uint8Array {
    let position = offset - this.#acknowledged;
    for (const piece of this.#outbox) {
      if (position < piece.byteLength) return piece.subarray(position, position + bytesMax);
      position -= piece.byteLength;
    }
    throw new Error('expected bytes to send');
  }

  #receive(offset: number, bytes: Uint8Array): void {
    if (this.#end !== undefined) return;
    this.process.enter(() => {
      this.#options.onArrived(bytes.byteLength);
      this.#early.set(offset, bytes);
      this.#sink?.write(offset, bytes);
      this.#advance();
    });
  }

  #receiveFin(finAt: number): void {
    if (this.#end !== undefined) return;
    this.process.enter(() => {
      this.#finAt = finAt;
      this.#advance();
    });
  }

  /** What has become contiguous can be read, and is acknowledged. */
  #advance(): void {
    for (let next = this.#early.get(this.#contiguous); next; next = this.#early.get(this.#contiguous)) {
      this.#early.delete(this.#contiguous);
      this.#contiguous += next.byteLength;
      if (this.#sink === undefined) this.#inbox.push(next);
    }
    this.#handler?.onReadable();
    const contiguous = this.#contiguous;
    const isFin = this.#finAt === contiguous;
    const peer = this.#peer;
    this.#carry(() => peer?.process.enter(() => peer.#acknowledge(contiguous, isFin)));
    if (isFin) this.#finishIfDone();
  }

  #acknowledge(contiguous: number, isFin: boolean): void {
    if (this.#end !== undefined) return;
    while (this.#acknowledged < contiguous) {
      const first = this.#outbox[0] as Uint8Array;
      const count = Math.min(first.byteLength, contiguous - this.#acknowledged);
      if (count === first.byteLength) this.#outbox.shift();
      else this.#outbox[0] = first.subarray(count);
      this.#acknowledged += count;
    }
    if (isFin && !this.#isFinAcknowledged) {
      this.#isFinAcknowledged = true;
      this.#handler?.onFinished();
      this.#finishIfDone();
    } else this.#handler?.onWritable();
    this.pump();
  }

  #finishIfDone(): void {
    const isDone = this.#isFinAcknowledged && this.#finAt === this.#contiguous;
    if (isDone) this.#options.world.after(1, () => this.close({ kind: 'finished' }));
  }

  /** Tells whoever holds the connection, if anybody does; not before what goes on at the moment is done. */
  #tell(call: (handler: ConnectionHandler) => void): void {
    const handler = this.#handler;
    this.#options.world.after(0, () => this.process.enter(() => handler && call(handler)));
  }
}
