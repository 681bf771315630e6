import type { EcnMark } from '../recovery/ecn.ts';

/** Where datagrams go to and come from. */
export interface RemoteAddress {
  readonly host: string;
  readonly port: number;
}

/** How a datagram came: that of its packets, all from one sender. */
export interface Reception {
  readonly remote: RemoteAddress;
  readonly mark: EcnMark;
  /** Milliseconds on the clock of `now`, of the kernel's making; Infinity when only the time of reading is known. */
  readonly receivedAtMs: number;
}

/** Packets of equal size back to back, the last one perhaps shorter: one segmentation-offload send, or a loop of plain ones. */
export interface Train {
  readonly byteLength: number;
  readonly segmentBytes: number;
  readonly segmentCount: number;
  /** Its packets are to leave with the mark ECT(0). */
  readonly isEcnCapable?: boolean;
}

/** A train and where it goes. */
export interface Transmit extends Train {
  readonly remote: RemoteAddress;
}
