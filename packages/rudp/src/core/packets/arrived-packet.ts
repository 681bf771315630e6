import { isDataType } from './packet.ts';

/**
 * A packet in the buffer that it came in. Not a view of it: views cost more than most of what is done with a packet, and one
 * object goes from packet to packet of a buffer.
 */
export class ArrivedPacket {
  readonly bytes: Uint8Array;
  /** Where the packet begins in `bytes`, and where it ends. */
  start: number;
  end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  get byteLength(): number {
    return this.end - this.start;
  }

  /** The first byte; undefined in a packet without bytes. */
  get type(): number | undefined {
    return this.bytes[this.start];
  }

  /** True for a DATA packet. */
  get isData(): boolean {
    return isDataType(this.type);
  }

  /** The packet alone. */
  view(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }
}
