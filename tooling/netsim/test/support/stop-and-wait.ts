import type { Address, DatagramTrain, SimulatedEndpoint } from '../../src/index.ts';

export type StopAndWaitEvent =
  | { type: 'received'; value: number; from: Address }
  | { type: 'acknowledged'; value: number };

const DATA = 1;
const ACKNOWLEDGEMENT = 2;

/** The smallest reliable protocol: one byte at a time, sent again until it is acknowledged. Enough to test a network with. */
export class StopAndWait implements SimulatedEndpoint {
  readonly #retryMs: number;
  readonly #toSend: number[] = [];
  readonly #replies: { remote: Address; value: number }[] = [];
  readonly #events: StopAndWaitEvent[] = [];
  #remote: Address | undefined;
  #sendAtMs: number | undefined;
  #received = -1;

  constructor(retryMs = 100) {
    this.#retryMs = retryMs;
  }

  send(now: number, remote: Address, values: readonly number[]): void {
    this.#remote = remote;
    this.#toSend.push(...values);
    this.#sendAtMs ??= now;
  }

  handleDatagram(now: number, remote: Address, bytes: Uint8Array): void {
    for (let offset = 0; offset + 2 <= bytes.length; offset += 2) {
      const [kind, value = 0] = bytes.subarray(offset, offset + 2);
      if (kind === DATA) this.#handleData(remote, value);
      if (kind === ACKNOWLEDGEMENT && value === this.#toSend[0]) {
        this.#events.push({ type: 'acknowledged', value });
        this.#toSend.shift();
        this.#sendAtMs = this.#toSend.length > 0 ? now : undefined;
      }
    }
    // What the caller must not mind: the transport decrypts in place.
    bytes.fill(0xff);
  }

  #handleData(remote: Address, value: number): void {
    this.#replies.push({ remote, value });
    if (value === this.#received) return;
    this.#received = value;
    this.#events.push({ type: 'received', value, from: remote });
  }

  handleDeadline(): void {}

  pollDeadline(): number | undefined {
    return this.#sendAtMs;
  }

  pollTransmit(now: number, buffer: Uint8Array): DatagramTrain | undefined {
    const reply = this.#replies.shift();
    if (reply !== undefined) return this.#write(buffer, reply.remote, ACKNOWLEDGEMENT, reply.value);
    const value = this.#toSend[0];
    if (value === undefined || this.#remote === undefined || (this.#sendAtMs ?? now) > now) return undefined;
    this.#sendAtMs = now + this.#retryMs;
    return this.#write(buffer, this.#remote, DATA, value);
  }

  pollEvent(): StopAndWaitEvent | undefined {
    return this.#events.shift();
  }

  #write(buffer: Uint8Array, remote: Address, kind: number, value: number): DatagramTrain {
    buffer.set([kind, value]);
    return { remote, byteLength: 2, segmentBytes: 2, segmentCount: 1 };
  }
}
