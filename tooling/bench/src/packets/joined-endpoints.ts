import {
  type CongestionControllerName,
  type Connection,
  type CryptoProvider,
  EcnMark,
  Endpoint,
  type EndpointEvent,
  type RemoteAddress,
} from '@parley/rudp/core';

/** Steps of a packet's life, each timed for itself. */
export type Step = 'write' | 'send' | 'receive' | 'acknowledge' | 'takeAcknowledgement' | 'events';

/** How to join two endpoints. */
export interface JoinOptions {
  readonly crypto: CryptoProvider;
  readonly controller: CongestionControllerName;
  /** Bytes of a full packet. */
  readonly datagramBytes: number;
  /** The receiver gets a whole train at a time, as from a socket that coalesces, or packet by packet. */
  readonly isCoalescing: boolean;
}

const SENDER_ADDRESS = { host: '10.0.0.1', port: 1 };
const RECEIVER_ADDRESS = { host: '10.0.0.2', port: 2 };
/** Virtual time between a train and the next: the round trip is twice as long. */
const STEP_MS = 0.5;
const SLAB_BYTES = 65_536;

/**
 * A sender and a receiver in one process, joined by memory instead of sockets: a train is read where it was written. Time is
 * virtual, so that nothing waits; what is measured is the work of the core.
 */
export class JoinedEndpoints {
  readonly milliseconds: Record<Step, number> = {
    write: 0,
    send: 0,
    receive: 0,
    acknowledge: 0,
    takeAcknowledgement: 0,
    events: 0,
  };
  readonly #sender: Endpoint;
  readonly #receiver: Endpoint;
  readonly #connection: Connection;
  readonly #isCoalescing: boolean;
  readonly #slab = new Uint8Array(SLAB_BYTES);
  readonly #answer = new Uint8Array(SLAB_BYTES);
  readonly #acknowledgements: { readonly bytes: Uint8Array; readonly segmentBytes: number }[] = [];
  readonly #source = new Uint8Array(1 << 20).fill(0x5a);
  #now = 0;
  #sunkBytes = 0;

  constructor({ crypto, controller, datagramBytes, isCoalescing }: JoinOptions) {
    const config = {
      congestionController: controller,
      fixedWindowPackets: 2000,
      datagramBytesMax: datagramBytes,
      receiveWindowBytesInitial: 16 << 20,
    };
    this.#isCoalescing = isCoalescing;
    this.#sender = new Endpoint({ crypto, config, acceptsConnections: false });
    this.#receiver = new Endpoint({ crypto, config, acceptsConnections: true });
    this.#connection = this.#sender.connect(0, RECEIVER_ADDRESS);
    for (let round = 0; round < 6; round += 1) this.#turn();
    if (this.#connection.state !== 'established') throw new Error('the handshake did not complete');
  }

  /** Bytes that the receiver's sink got. */
  get sunkBytes(): number {
    return this.#sunkBytes;
  }

  /** Packets with stream bytes that were sent. */
  get packets(): number {
    return this.#connection.statistics().datagramsSent;
  }

  /** What protects the packets. */
  get library(): string | undefined {
    return this.#connection.statistics().aeadLibrary;
  }

  /** Moves bytes until the sink has so many more, and calls `onTurn` after every round trip. */
  run(bytes: number, onTurn: () => void = () => undefined): void {
    const end = this.#sunkBytes + bytes;
    while (this.#sunkBytes < end) {
      this.#timed('write', () => {
        while (this.#connection.write(this.#source) > 0) {}
      });
      this.#turn();
      onTurn();
    }
  }

  #turn(): void {
    this.#now += STEP_MS;
    for (let next = this.#acknowledgements.shift(); next; next = this.#acknowledgements.shift()) {
      const { bytes, segmentBytes } = next;
      this.#timed('takeAcknowledgement', () =>
        take(this.#sender, this.#now, { remote: RECEIVER_ADDRESS, bytes, segmentBytes }),
      );
    }
    this.#now += STEP_MS;
    for (;;) {
      const train = this.#timed('send', () => this.#sender.pollTransmit(this.#now, this.#slab));
      if (train === undefined) break;
      this.#timed('receive', () => this.#deliver(train.byteLength, train.segmentBytes));
      this.#acknowledge();
    }
    this.#timed('events', () => {
      for (const endpoint of [this.#sender, this.#receiver]) this.#settle(endpoint);
    });
  }

  /** What the receiver has to say of a train goes back with the next turn. */
  #acknowledge(): void {
    for (;;) {
      const train = this.#timed('acknowledge', () => this.#receiver.pollTransmit(this.#now, this.#answer));
      if (train === undefined) return;
      const { byteLength, segmentBytes } = train;
      this.#acknowledgements.push({ bytes: this.#answer.slice(0, byteLength), segmentBytes });
    }
  }

  #deliver(byteLength: number, segmentBytes: number): void {
    const step = this.#isCoalescing ? byteLength : segmentBytes;
    for (let start = 0; start < byteLength; start += step) {
      const bytes = this.#slab.subarray(start, Math.min(start + step, byteLength));
      take(this.#receiver, this.#now, { remote: SENDER_ADDRESS, bytes, segmentBytes });
    }
  }

  #settle(endpoint: Endpoint): void {
    const deadline = endpoint.pollDeadline();
    if (deadline !== undefined && deadline <= this.#now) endpoint.handleDeadline(this.#now);
    for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent())
      this.#handleEvent(event);
  }

  #handleEvent(event: EndpointEvent): void {
    if (event.type === 'closed') throw new Error(`a connection ended: ${event.end.kind}`);
    if (event.type !== 'connection-accepted') return;
    event.connection.receiveInto({
      write: (_offset, bytes) => {
        this.#sunkBytes += bytes.length;
      },
    });
  }

  #timed<Result>(step: Step, work: () => Result): Result {
    const startMs = performance.now();
    const result = work();
    this.milliseconds[step] += performance.now() - startMs;
    return result;
  }
}

/** Hands over datagrams of one size that receive offload has joined. */
function take(
  endpoint: Endpoint,
  now: number,
  joined: { readonly remote: RemoteAddress; readonly bytes: Uint8Array; readonly segmentBytes: number },
): void {
  const { remote, bytes, segmentBytes } = joined;
  endpoint.handleDatagram(now, remote, bytes, EcnMark.none, Number.POSITIVE_INFINITY, segmentBytes);
}
