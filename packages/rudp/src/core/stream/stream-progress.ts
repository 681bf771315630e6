import type { StateMachine } from '../states/state-machine.ts';
import type { ReceiveStream } from './receive-stream.ts';
import type { SendStream } from './send-stream.ts';

/** What the owner of a connection hears of its streams. */
export type StreamNews = 'readable' | 'writable' | 'finished';

/** Tells the owner what packets have changed of the streams, and takes the steps of the four-way close that they complete. */
export class StreamProgress {
  readonly #sendStream: SendStream;
  readonly #receiveStream: ReceiveStream;
  readonly #machine: StateMachine;
  readonly #tell: (news: StreamNews) => void;
  #isWriteBlocked = false;
  #reportedBytes = 0;
  /** The owner has not read since it was told that it can: told again with each packet, it would hear thousands of times a turn. */
  #isReadableTold = false;

  constructor(
    parts: { readonly sendStream: SendStream; readonly receiveStream: ReceiveStream },
    machine: StateMachine,
    tell: (news: StreamNews) => void,
  ) {
    this.#sendStream = parts.sendStream;
    this.#receiveStream = parts.receiveStream;
    this.#machine = machine;
    this.#tell = tell;
  }

  /** A write was taken whole, or the send buffer is full. */
  onWritten(isBlocked: boolean): void {
    this.#isWriteBlocked = isBlocked;
  }

  onRead(): void {
    this.#reportedBytes = this.#receiveStream.readableBytes;
    this.#isReadableTold = false;
  }

  /** Acknowledgements make room, and so does sending. */
  reportRoom(): void {
    if (!this.#isWriteBlocked || this.#sendStream.room === 0) return;
    this.#isWriteBlocked = false;
    this.#tell('writable');
  }

  report(now: number): void {
    const { readableBytes } = this.#receiveStream;
    const isComplete = this.#receiveStream.isComplete && this.#machine.allows('fin-received');
    const isNews = readableBytes > this.#reportedBytes && !this.#isReadableTold;
    if (isNews || isComplete) {
      this.#isReadableTold = true;
      this.#tell('readable');
    }
    this.reportRoom();
    if (isComplete) this.#machine.step(now, 'fin-received');
    if (!this.#sendStream.isFinished || !this.#machine.allows('fin-acknowledged')) return;
    this.#machine.step(now, 'fin-acknowledged');
    this.#tell('finished');
  }
}
