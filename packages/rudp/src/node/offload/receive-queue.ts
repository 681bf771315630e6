import type { EcnMark } from '../../core/index.ts';
import type { UdpSocketOptions } from '../udp-socket.ts';
import type { ArrivalClock } from './arrival-clock.ts';
import { BatchQueue } from './batch-queue.ts';
import { Errno } from './errno.ts';
import { LastSender } from './last-sender.ts';
import { type Libc, SocketOption, SystemCallError } from './libc.ts';
import { addressBytesOf } from './socket-address.ts';

/** The largest read: UDP_GRO joins up to 64 KiB. */
const READ_BYTES_MAX = 65_536;
/** Reads of one go: as many as libuv does, so that what is to be sent does not wait longer than it would without us. */
const READS_MAX = 32;
/** When more than these wait, the rest is read many at a time: to switch that on and off costs as much as two reads. */
const SINGLE_READS_MAX = 3;

/**
 * One buffer for all sockets of the thread: what is in it is dealt with before the next read. Node allocates 64 KiB for every
 * read, and the garbage collector runs all the time.
 */
const shared = new Uint8Array(READ_BYTES_MAX);

/** What a queue reads from. */
interface ReceiveQueueParts {
  readonly libc: Libc;
  readonly clock: ArrivalClock;
  readonly fd: number;
  readonly family: number;
  /** What all its datagrams came with, where sockets are sorted by that. */
  readonly mark?: EcnMark | undefined;
  /** The system can read many messages at a time. */
  readonly isBatching: boolean;
}

/** Reads what waits in a socket besides the datagrams that `node:dgram` has reported. */
export class ReceiveQueue {
  readonly #libc: Libc;
  readonly #clock: ArrivalClock;
  readonly #fd: number;
  readonly #mark: EcnMark | undefined;
  readonly #options: Pick<UdpSocketOptions, 'connect' | 'onDatagram' | 'onError'>;
  readonly #address: Uint8Array;
  readonly #sender: LastSender;
  readonly #batches: BatchQueue | undefined;
  #isResting = false;
  #isStopped = false;
  #singleReads = 0;

  constructor(
    { libc, clock, fd, family, mark, isBatching }: ReceiveQueueParts,
    options: Pick<UdpSocketOptions, 'connect' | 'onDatagram' | 'onError'>,
  ) {
    this.#libc = libc;
    this.#clock = clock;
    this.#fd = fd;
    this.#mark = mark;
    this.#options = options;
    this.#address = new Uint8Array(addressBytesOf(family));
    this.#sender = new LastSender(libc, options.connect);
    if (isBatching)
      this.#batches = new BatchQueue({ libc, clock, fd, mark, messagesMax: READS_MAX }, options);
  }

  /** Reads so far. */
  get reads(): number {
    return this.#singleReads + (this.#batches?.reads ?? 0);
  }

  /** To be called before the descriptor is closed: its number may be somebody else's afterwards. */
  stop(): void {
    this.#isStopped = true;
    this.#batches?.stop();
  }

  /** Reads until nothing waits, or until it is time to answer. */
  readonly drain = (): void => {
    if (this.#isResting) return;
    const isTimeToAnswer = this.#batches
      ? this.#readSingly(SINGLE_READS_MAX) && this.#readBatches(this.#batches)
      : this.#readSingly(READS_MAX);
    if (!isTimeToAnswer) return;
    // libuv reads on by itself in this turn of the event loop: what comes first now is the answer.
    this.#isResting = true;
    setImmediate(() => {
      this.#isResting = false;
    });
  };

  /** Reads until nothing waits, however much that is: for a socket to which nothing more comes. */
  empty(): void {
    while (this.#batches ? this.#readBatches(this.#batches) : this.#readSingly(READS_MAX));
  }

  /** Returns true when it has read that often, so that more may wait. */
  #readSingly(limit: number): boolean {
    const { onDatagram, onError } = this.#options;
    for (let reads = 0; reads < limit; reads += 1) {
      // Whoever took the last datagram may have closed the socket.
      if (this.#isStopped) return false;
      const byteLength = this.#libc.receiveNow(this.#fd, shared, this.#address);
      if (byteLength < 0) {
        const errno = this.#libc.lastErrno();
        if (errno !== Errno.again) onError(new SystemCallError('recvfrom', errno));
        return false;
      }
      this.#singleReads += 1;
      const bytes = shared.subarray(0, byteLength);
      onDatagram(this.#sender.named(this.#address), bytes, this.#mark, this.#clock.arrivalOf(this.#fd));
    }
    return true;
  }

  /** The same, many at a time; their times come with them, and meanwhile the kernel tells no other way. */
  #readBatches(batches: BatchQueue): boolean {
    if (this.#isStopped) return false;
    this.#libc.setOption(this.#fd, SocketOption.receiveTime, 1);
    const mayHoldMore = batches.drain();
    if (!this.#isStopped) this.#libc.setOption(this.#fd, SocketOption.receiveTime, 0);
    return mayHoldMore;
  }
}
