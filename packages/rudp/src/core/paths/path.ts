import { AMPLIFICATION_FACTOR } from '../limits.ts';
import type { RemoteAddress } from '../packets/datagrams.ts';
import { PathValidation } from './path-validation.ts';

/** One address of the peer: what came from it, what went to it, and whether the peer has shown that it receives there. */
export class Path {
  readonly remote: RemoteAddress;
  readonly validation = new PathValidation();
  #isValidated: boolean;
  #lastRemote: RemoteAddress;
  #receivedBytes = 0;
  #sentBytes = 0;
  /** An authentic packet has come from here since the path was taken into use, or came back into use. */
  isHeard = false;

  constructor(remote: RemoteAddress, isValidated: boolean) {
    this.remote = remote;
    this.#lastRemote = remote;
    this.#isValidated = isValidated;
  }

  /** The peer has shown that it receives at this address. */
  get isValidated(): boolean {
    return this.#isValidated;
  }

  /** Bytes that may leave for this address now: three times what came from it, until it is validated (RFC 9000 §8). */
  // RUDP-SYN-7, RUDP-PATH-4
  get allowanceBytes(): number {
    if (this.#isValidated) return Number.POSITIVE_INFINITY;
    return Math.max(0, AMPLIFICATION_FACTOR * this.#receivedBytes - this.#sentBytes);
  }

  /** True when this path leads to `remote`. */
  leadsTo(remote: RemoteAddress): boolean {
    // Sockets tell the same object again as long as the sender is the same: its text is compared once.
    if (remote === this.#lastRemote) return true;
    const isHere = this.remote.port === remote.port && this.remote.host === remote.host;
    if (isHere) this.#lastRemote = remote;
    return isHere;
  }

  onReceived(bytes: number): void {
    this.#receivedBytes += bytes;
    this.isHeard = true;
  }

  onSent(bytes: number): void {
    this.#sentBytes += bytes;
  }

  onValidated(): void {
    this.#isValidated = true;
  }
}
