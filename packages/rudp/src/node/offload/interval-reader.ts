import { closeSync, openSync } from 'node:fs';
import type { EcnMark } from '../../core/index.ts';
import type { UdpSocketOptions } from '../udp-socket.ts';
import type { ArrivalClock } from './arrival-clock.ts';
import { BatchQueue } from './batch-queue.ts';
import { type DescriptorGroup, sortInto } from './descriptor-group.ts';
import type { Libc } from './libc.ts';
import { ReceiveModeration } from './receive-moderation.ts';

/** More than ever wait: what came with one mark must not be acknowledged before what came earlier with another. */
const MESSAGES_PER_INTERVAL = 1024;

/**
 * The second sockets of a group, which nobody waits for: while datagrams go there, a timer reads them. It decides when that pays
 * (`ReceiveModeration`), and directs the kernel's filter.
 */
export class IntervalReader {
  readonly #libc: Libc;
  readonly #filtered: number;
  readonly #descriptors: readonly number[];
  readonly #queues: readonly BatchQueue[];
  readonly #moderation: ReceiveModeration;
  readonly #emptyFirst: () => void;
  #timer: NodeJS.Timeout | undefined;
  /** The filter sends datagrams here; for an interval more some may still have been on their way. */
  #isChosen = false;
  #isClosed = false;
  /** Milliseconds between reads; 0 while nothing is read here. */
  intervalMs = 0;

  /** Takes the second descriptors over: it closes them, at once when it throws the system's error. */
  constructor(
    libc: Libc,
    {
      first,
      second,
      clock,
      emptyFirst,
    }: DescriptorGroup & {
      readonly clock: ArrivalClock;
      /** Reads all that waits in the first sockets. */
      readonly emptyFirst: () => void;
    },
    { onDatagram, onError, roundTripMs }: UdpSocketOptions,
  ) {
    this.#libc = libc;
    this.#filtered = first[0] as number;
    this.#emptyFirst = emptyFirst;
    this.#descriptors = entrust(libc, second);
    this.#moderation = new ReceiveModeration(roundTripMs ?? (() => 0));
    this.#queues = this.#descriptors.map((fd, mark) => {
      const parts = { libc, clock, fd, mark: mark as EcnMark, messagesMax: MESSAGES_PER_INTERVAL };
      return new BatchQueue(parts, { onDatagram, onError });
    });
  }

  /** Reads so far. */
  get reads(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.reads, 0);
  }

  /** The first sockets have been woken, and read. */
  handleWake(): void {
    if (this.#isClosed) return;
    if (this.#timer !== undefined) {
      // They hold what came before the filter was changed, or after it was changed back.
      this.#drain();
      return;
    }
    const intervalMs = this.#moderation.handleWake(performance.now());
    if (intervalMs === undefined) return;
    sortInto(this.#libc, this.#filtered, 'second');
    // What waits there came before all that comes now: read after it, it would be taken for lost.
    this.#emptyFirst();
    if (this.#isClosed) return;
    this.#isChosen = true;
    this.intervalMs = intervalMs;
    // The first sockets keep the process alive, or do not.
    this.#timer = setTimeout(this.#onInterval, intervalMs).unref();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const queue of this.#queues) queue.stop();
    for (const fd of this.#descriptors) closeSync(fd);
  }

  readonly #onInterval = (): void => {
    const messages = this.#drain();
    if (this.#isClosed) return;
    if (!this.#isChosen) {
      this.#timer = undefined;
      this.intervalMs = 0;
      return;
    }
    if (!this.#moderation.handleInterval(messages)) {
      sortInto(this.#libc, this.#filtered, 'first');
      this.#isChosen = false;
      this.#drain();
    }
    this.#timer?.refresh();
  };

  /** Returns how many messages it has read. */
  #drain(): number {
    let messages = 0;
    for (const queue of this.#queues) {
      const before = queue.messages;
      queue.drain();
      messages += queue.messages - before;
    }
    return messages;
  }
}

/**
 * Gives descriptors numbers that `node:fs` has opened: Node closes those with the thread that opened them, even when the thread is
 * ended by force, and their port must be free then. Throws the system's error, with all of them closed.
 */
function entrust(libc: Libc, descriptors: readonly number[]): readonly number[] {
  const entrusted: number[] = [];
  try {
    for (const fd of descriptors) {
      const number = openSync('/dev/null', 'r');
      entrusted.push(number);
      libc.replace(number, fd);
    }
    return entrusted;
  } catch (error) {
    for (const number of entrusted) closeSync(number);
    throw error;
  } finally {
    for (const fd of descriptors) libc.close(fd);
  }
}
