import {
  type Connection,
  type ConnectionEnd,
  type Endpoint,
  type EndpointEvent,
  SEGMENT_BYTES_UNKNOWN,
} from '../core/index.ts';
import { TransmitSlabs } from './transmit-slabs.ts';
import type { DatagramHandler, UdpSocket, UdpSocketStatistics } from './udp-socket.ts';

/** What the driver calls on whoever holds a connection. */
export interface ConnectionHandler {
  onEstablished(): void;
  onReadable(): void;
  onWritable(): void;
  onFinished(): void;
  /** The last call. `cause` is set when the driver itself failed. */
  onClosed(end: ConnectionEnd, cause?: unknown): void;
}

/** Options of `EndpointDriver`. */
export interface EndpointDriverOptions {
  readonly endpoint: DrivenEndpoint;
  /** A peer has opened a connection: whoever takes it calls `register`. */
  readonly onAccepted: (connection: Connection) => void;
  /** Every connection has ended; the last one may still have to answer late packets of its peer. */
  readonly onEnded?: (connection: Connection) => void;
  /** The last connection is gone, its draining time included. */
  readonly onIdle: () => void;
  /** The core threw: a bug of ours. Every connection has been told. */
  readonly onFailure: (error: unknown) => void;
}

/** What the driver needs of the core's `Endpoint`. */
export type DrivenEndpoint = Pick<
  Endpoint,
  | 'close'
  | 'handleDatagram'
  | 'handleDeadline'
  | 'pollDeadline'
  | 'pollTransmit'
  | 'pollEvent'
  | 'connectionCount'
>;

/**
 * Handed to the socket before the loop lets it read again: acknowledgements must not wait behind a long burst. It is half a millisecond
 * of sending; the receiver reads as much with one wake-up.
 */
const TRANSMIT_BYTES_PER_TURN = 262_144;
/**
 * What is due sooner is waited for by turns of the event loop, which burn the processor. A timer of Node wakes up to a
 * millisecond late; the pacer's credit makes up for that. Measured at 100 Mbit/s: same goodput as turning for up to 1 ms, half
 * the processor time.
 */
const TIMER_MS_MIN = 0.25;

/**
 * Drives one core endpoint on one socket: datagrams and commands mutate the core at once, then one turn per loop iteration
 * drains its events and packets and arms one timer.
 *
 * The turn runs in the check phase (`setImmediate`), because the loop reads up to 32 datagrams before it and Node runs
 * microtasks after each of them: a microtask would answer every datagram by itself.
 */
export class EndpointDriver {
  readonly #endpoint: DrivenEndpoint;
  readonly #onAccepted: EndpointDriverOptions['onAccepted'];
  readonly #onEnded: ((connection: Connection) => void) | undefined;
  readonly #onIdle: () => void;
  readonly #onFailure: (error: unknown) => void;
  readonly #handlers = new Map<Connection, ConnectionHandler>();
  readonly #slabs = new TransmitSlabs(() => this.wake());
  #socket: UdpSocket | undefined;
  #isTurnScheduled = false;
  #isStopped = false;
  #isUnref = false;
  #deadline: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerDueAt = Number.POSITIVE_INFINITY;

  constructor(options: EndpointDriverOptions) {
    this.#endpoint = options.endpoint;
    this.#onAccepted = options.onAccepted;
    this.#onEnded = options.onEnded;
    this.#onIdle = options.onIdle;
    this.#onFailure = options.onFailure;
  }

  /** The clock of everything: monotonic milliseconds. */
  now(): number {
    return performance.now();
  }

  /** Gives the driver its socket; until then packets wait in the core. */
  attachSocket(socket: UdpSocket): void {
    this.#socket = socket;
    this.wake();
  }

  /** Figures of the socket; undefined before there is one. */
  socketStatistics(): UdpSocketStatistics | undefined {
    return this.#socket?.statistics();
  }

  /** The shortest round trip of the connections, in milliseconds; Infinity without any. For the socket. */
  readonly roundTripMs = (): number => {
    let shortestMs = Number.POSITIVE_INFINITY;
    for (const { minRttMs } of this.#handlers.keys()) shortestMs = Math.min(shortestMs, minRttMs);
    return shortestMs;
  };

  /** Sends the events of `connection` to `handler`, until it is closed. */
  register(connection: Connection, handler: ConnectionHandler): void {
    if (this.#isStopped) handler.onClosed({ kind: 'endpoint-closed' });
    else this.#handlers.set(connection, handler);
  }

  /**
   * Takes a datagram from the socket. Each has its own time: with one clock reading for a batch, a process that is preempted
   * inside it measures round trips shorter than the path's, and a minimum that is too small looks like a queue ever after.
   */
  readonly handleDatagram: DatagramHandler = (
    remote,
    bytes,
    mark,
    receivedAtMs,
    segmentBytes = SEGMENT_BYTES_UNKNOWN,
  ): void => {
    if (this.#isStopped) return;
    try {
      this.#endpoint.handleDatagram(this.now(), remote, bytes, mark, receivedAtMs, segmentBytes);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.wake();
  };

  /** To be called after every command: schedules the turn that carries it out. */
  wake(): void {
    if (this.#isTurnScheduled || this.#isStopped) return;
    this.#isTurnScheduled = true;
    setImmediate(this.#turn);
  }

  /** From now on neither socket nor timer keeps the process alive; while something else does, both go on. */
  unref(): void {
    this.#isUnref = true;
    this.#timer?.unref();
    this.#socket?.unref();
  }

  /** Resets every connection, sends what tells the peers, and stops. The socket stays open for its owner to close. */
  close(): void {
    if (this.#isStopped) return;
    this.#endpoint.close(this.now());
    this.#turn();
    this.stop({ kind: 'endpoint-closed' });
  }

  /** Ends the driver: no timer, no turn, no event any more. Connections that are still registered are told `end`. */
  stop(end: ConnectionEnd, cause?: unknown): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearTimeout(this.#timer);
    const handlers = [...this.#handlers.values()];
    this.#handlers.clear();
    for (const handler of handlers) callOut(() => handler.onClosed(end, cause));
  }

  readonly #turn = (): void => {
    this.#isTurnScheduled = false;
    if (this.#isStopped) return;
    try {
      const now = this.now();
      if (this.#deadline !== undefined && this.#deadline <= now) this.#endpoint.handleDeadline(now);
      this.#drainEvents();
      const then = this.#transmit(now);
      // Sending reveals events rarely, yet what it reveals must not wait for the next datagram.
      this.#drainEvents();
      if (!this.#isStopped) this.#arm(then);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#endpoint.connectionCount === 0) callOut(this.#onIdle);
  };

  #drainEvents(): void {
    while (!this.#isStopped) {
      const event = this.#endpoint.pollEvent();
      if (event === undefined) return;
      callOut(() => this.#dispatch(event));
    }
  }

  #dispatch(event: EndpointEvent): void {
    const { connection } = event;
    if (event.type === 'connection-accepted') {
      this.#onAccepted(connection);
      return;
    }
    const handler = this.#handlers.get(connection);
    if (handler === undefined) return;
    switch (event.type) {
      case 'connection-established':
        handler.onEstablished();
        break;
      case 'readable':
        handler.onReadable();
        break;
      case 'writable':
        handler.onWritable();
        break;
      case 'finished':
        handler.onFinished();
        break;
      case 'closed':
        this.#handlers.delete(connection);
        handler.onClosed(event.end);
        if (this.#handlers.size === 0) this.#onEnded?.(connection);
    }
  }

  /** Sends what may leave, and returns the time afterwards: a train takes up to half a millisecond. */
  #transmit(turnNow: number): number {
    const socket = this.#socket;
    let now = turnNow;
    if (socket === undefined || this.#isStopped) return now;
    for (let budget = TRANSMIT_BYTES_PER_TURN; budget > 0; ) {
      const slab = this.#slabs.take();
      // Every slab waits for the socket: the first to come back wakes the driver.
      if (slab === undefined) return now;
      const train = this.#endpoint.pollTransmit(now, slab.bytes);
      if (train === undefined) {
        slab.release();
        return now;
      }
      budget -= train.byteLength;
      socket.send(slab.bytes.subarray(0, train.byteLength), train, slab.release);
      now = this.now();
    }
    this.wake();
    return now;
  }

  #arm(now: number): void {
    this.#deadline = this.#endpoint.pollDeadline();
    if (this.#deadline === undefined || this.#isTurnScheduled) return;
    if (this.#deadline - now < TIMER_MS_MIN) {
      // A socket that is full wakes the driver by itself; turning until then would only burn the processor.
      if (!this.#slabs.isExhausted) this.wake();
      return;
    }
    // A timer that fires too early costs less than setting a new one for every packet.
    if (this.#timerDueAt <= this.#deadline) return;
    clearTimeout(this.#timer);
    this.#timerDueAt = this.#deadline;
    this.#timer = setTimeout(this.#onTimer, this.#deadline - now);
    if (this.#isUnref) this.#timer.unref();
  }

  readonly #onTimer = (): void => {
    this.#timerDueAt = Number.POSITIVE_INFINITY;
    this.#turn();
  };

  #fail(error: unknown): void {
    if (this.#isStopped) return;
    this.stop({ kind: 'endpoint-closed' }, error);
    callOut(() => this.#onFailure(error));
  }
}

/** Runs code of the user. What it throws becomes an uncaught exception as anywhere else, but must not stop the turn. */
function callOut(call: () => void): void {
  try {
    call();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
