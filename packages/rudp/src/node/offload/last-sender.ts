import type { RemoteAddress } from '../../core/index.ts';
import type { Libc } from './libc.ts';
import { decodeSocketAddress } from './socket-address.ts';

/** Reads addresses of senders: most datagrams come from the sender of the one before. */
export class LastSender {
  readonly #libc: Libc;
  readonly #connected: RemoteAddress | undefined;
  #address: Uint8Array | undefined;
  #source: RemoteAddress | undefined;

  /** `connected` is who sends all of them, if that is known beforehand. */
  constructor(libc: Libc, connected: RemoteAddress | undefined) {
    this.#libc = libc;
    this.#connected = connected;
  }

  /** The sender with this address, laid out as the C library does; the same object as long as it is the same one. */
  named(address: Uint8Array): RemoteAddress {
    if (this.#connected !== undefined) return this.#connected;
    if (this.#source === undefined || this.#address === undefined || !isEqual(address, this.#address)) {
      this.#source = decodeSocketAddress(this.#libc, address);
      this.#address = address.slice();
    }
    return this.#source;
  }
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  for (let index = 0; index < left.byteLength; index += 1) if (left[index] !== right[index]) return false;
  return true;
}
