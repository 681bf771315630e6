import type { PacketAssembler } from '../packet-assembler.ts';
import type { Train } from '../packets/datagrams.ts';
import type { Reset } from './connection-end.ts';

/** A RESET is repeated at most so often, whatever arrives: an answer to each packet would be an amplifier. */
const REPEATS_MAX = 8;

/** Says RESET once, and again to a peer that goes on sending because it has not heard it (RFC 9000 §10.2.1). */
// RUDP-RESET-2
export class ResetSender {
  readonly #reset: Reset;
  #isDue = true;
  #repeats = 0;

  constructor(reset: Reset) {
    this.#reset = reset;
  }

  /** Something arrived although we are done: the peer has not heard the RESET. */
  handlePacket(): void {
    this.#isDue = this.#repeats < REPEATS_MAX;
  }

  poll(now: number, buffer: Uint8Array, assembler: PacketAssembler): Train | undefined {
    if (!this.#isDue) return undefined;
    this.#isDue = false;
    this.#repeats += 1;
    const byteLength = assembler.assembleReset(now, buffer, this.#reset);
    return { byteLength, segmentBytes: byteLength, segmentCount: 1 };
  }
}
