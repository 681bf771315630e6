import type { EcnMark, RemoteAddress } from '../../core/index.ts';
import type { UdpSocketOptions } from '../udp-socket.ts';
import type { ArrivalClock } from './arrival-clock.ts';
import { Errno, type Libc, SystemCallError } from './libc.ts';
import { addressBytesOf, decodeSocketAddress } from './socket-address.ts';

/** The largest read: UDP_GRO joins up to 64 KiB. */
const readBytesMax = 65_536;
/** Reads of one go unless told: as many as libuv does, so that what is to be sent does not wait longer than it would without us. */
const readsMaxDefault = 32;

/**
 * One buffer for all sockets of the thread: what is in it is dealt with before the next read. Node allocates 64 KiB for every
 * read, and the garbage collector runs all the time.
 */
const shared = new Uint8Array(readBytesMax);

/** What a queue reads from. */
interface ReceiveQueueParts {
  readonly libc: Libc;
  readonly clock: ArrivalClock;
  readonly fd: number;
  readonly family: number;
  /** What all its datagrams came with, where sockets are sorted by that. */
  readonly mark?: EcnMark | undefined;
  /** Reads of one go, 32 unless told. */
  readonly readsMax?: number;
}

/** Reads what waits in a socket besides the datagrams that `node:dgram` has reported. */
export class ReceiveQueue {
  readonly #libc: Libc;
  readonly #clock: ArrivalClock;
  readonly #fd: number;
  readonly #mark: EcnMark | undefined;
  readonly #options: Pick<UdpSocketOptions, 'connect' | 'onDatagram' | 'onError'>;
  readonly #address: Uint8Array;
  readonly #lastAddress: Uint8Array;
  readonly #readsMax: number;
  #source: RemoteAddress | undefined;
  #isResting = false;
  #isStopped = false;
  /** Reads so far. */
  reads = 0;

  constructor(
    { libc, clock, fd, family, mark, readsMax }: ReceiveQueueParts,
    options: Pick<UdpSocketOptions, 'connect' | 'onDatagram' | 'onError'>,
  ) {
    this.#libc = libc;
    this.#clock = clock;
    this.#fd = fd;
    this.#mark = mark;
    this.#options = options;
    this.#address = new Uint8Array(addressBytesOf(family));
    this.#lastAddress = new Uint8Array(this.#address.byteLength);
    this.#source = options.connect;
    this.#readsMax = readsMax ?? readsMaxDefault;
  }

  /** To be called before the descriptor is closed: its number may be somebody else's afterwards. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Reads until nothing waits, or until it is time to answer. */
  readonly drain = (): void => {
    if (this.#isResting) return;
    const { onDatagram, onError } = this.#options;
    for (let reads = 0; reads < this.#readsMax; reads += 1) {
      // Whoever took the last datagram may have closed the socket.
      if (this.#isStopped) return;
      const byteLength = this.#libc.receiveNow(this.#fd, shared, this.#address);
      if (byteLength < 0) {
        const errno = this.#libc.lastErrno();
        if (errno !== Errno.again) onError(new SystemCallError('recvfrom', errno));
        return;
      }
      this.reads += 1;
      const bytes = shared.subarray(0, byteLength);
      onDatagram(this.#sourceOf(), bytes, this.#mark, this.#clock.arrivalOf(this.#fd));
    }
    // libuv reads on by itself in this turn of the event loop: what comes first now is the answer.
    this.#isResting = true;
    setImmediate(() => {
      this.#isResting = false;
    });
  };

  /** Most datagrams come from the sender of the one before. */
  #sourceOf(): RemoteAddress {
    const { connect } = this.#options;
    if (connect !== undefined) return connect;
    if (this.#source === undefined || !isEqual(this.#address, this.#lastAddress)) {
      this.#source = decodeSocketAddress(this.#libc, this.#address);
      this.#lastAddress.set(this.#address);
    }
    return this.#source;
  }
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  for (let index = 0; index < left.byteLength; index += 1) if (left[index] !== right[index]) return false;
  return true;
}
