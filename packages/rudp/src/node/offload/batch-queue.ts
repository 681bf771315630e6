import type { EcnMark } from '../../core/index.ts';
import type { UdpSocketOptions } from '../udp-socket.ts';
import type { ArrivalClock } from './arrival-clock.ts';
import { LastSender } from './last-sender.ts';
import { type Libc, SystemCallError } from './libc.ts';
import type { ReceivedMessages } from './message-batch.ts';

/** What a queue reads from. */
interface BatchQueueParts {
  readonly libc: Libc;
  readonly clock: ArrivalClock;
  readonly fd: number;
  /** What all its datagrams came with. */
  readonly mark: EcnMark | undefined;
  /** Messages of one go, about. */
  readonly messagesMax: number;
}

/** Reads what waits in a socket that nobody else reads, many messages at a time. */
export class BatchQueue {
  readonly #parts: BatchQueueParts;
  readonly #options: Pick<UdpSocketOptions, 'connect' | 'onDatagram' | 'onError'>;
  readonly #sender: LastSender;
  #isStopped = false;
  /** Reads so far that brought something. */
  reads = 0;
  /** Messages so far. */
  messages = 0;

  constructor(parts: BatchQueueParts, options: Pick<UdpSocketOptions, 'connect' | 'onDatagram' | 'onError'>) {
    this.#parts = parts;
    this.#options = options;
    this.#sender = new LastSender(parts.libc, options.connect);
  }

  /** To be called before the descriptor is closed: its number may be somebody else's afterwards. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Reads until nothing waits, or until it is time to answer: then it returns true, since more may wait. */
  drain(): boolean {
    const { libc, fd, messagesMax } = this.#parts;
    const last = this.messages + messagesMax;
    while (this.messages < last) {
      if (this.#isStopped) return false;
      const received = libc.receiveMessages(fd);
      if (received.count < 0) this.#options.onError(new SystemCallError('recvmmsg', libc.lastErrno()));
      if (received.count <= 0) return false;
      this.reads += 1;
      this.messages += received.count;
      this.#handOn(received);
      if (!received.isFull) return false;
    }
    return true;
  }

  #handOn(messages: ReceivedMessages): void {
    const { clock, mark } = this.#parts;
    for (let index = 0; index < messages.count; index += 1) {
      // Whoever took the last datagram may have closed the socket.
      if (this.#isStopped) return;
      if (!messages.isWhole(index)) continue;
      const sender = this.#sender.named(messages.addressOf(index));
      const arrivalMs = clock.arrivalAt(messages.receivedAtWallMs(index));
      const bytes = messages.bytesOf(index);
      this.#options.onDatagram(sender, bytes, mark, arrivalMs, messages.segmentBytesOf(index));
    }
  }
}
