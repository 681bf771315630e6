import type { EffectSink } from '../effect-sink.ts';
import type { ClientError } from '../errors.ts';

/** Nonces from here on are of measurements; those below belong to the signs of life. */
const NONCES_FROM = 0x8000_0000;

/** Measures the round trip when somebody wants to know it: one ping for all who wait. */
// CHAT-PING-1
export class RoundTrip {
  readonly #sink: EffectSink;
  readonly #waiting: number[] = [];
  #nonce = NONCES_FROM;
  #sentAt = 0;

  constructor(sink: EffectSink) {
    this.#sink = sink;
  }

  measure(commandId: number, now: number): void {
    this.#waiting.push(commandId);
    if (this.#waiting.length > 1) return;
    this.#nonce = this.#nonce === 0xffff_ffff ? NONCES_FROM : this.#nonce + 1;
    this.#sentAt = now;
    this.#sink.send({ type: 'ping', nonce: this.#nonce });
  }

  handlePong(nonce: number, now: number): void {
    if (nonce !== this.#nonce) return;
    for (const commandId of this.#waiting.splice(0)) this.#sink.succeed(commandId, now - this.#sentAt);
  }

  /** No answer will come. */
  fail(error: ClientError): void {
    for (const commandId of this.#waiting.splice(0)) this.#sink.fail(commandId, error);
  }
}
