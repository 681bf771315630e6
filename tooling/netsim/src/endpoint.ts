import type { Address } from './address.ts';

/** The two bits of an IP packet (RFC 3168): 0 not capable, 2 capable (ECT(0)), 3 congestion experienced. */
export type EcnMark = 0 | 2 | 3;

/** A train of datagrams at the start of a buffer: all `segmentBytes` long, the last one may be shorter. */
export interface DatagramTrain {
  readonly remote: Address;
  readonly byteLength: number;
  readonly segmentBytes: number;
  readonly segmentCount: number;
  /** The network may mark its packets instead of dropping them (RFC 3168). */
  readonly isEcnCapable?: boolean;
}

/**
 * What the simulation drives: any protocol that is fed with datagrams and deadlines and asked for its output
 * afterwards. Structural on purpose: the transport fits it without either knowing the other.
 */
export interface SimulatedEndpoint {
  /** A datagram arrived. The bytes are the endpoint's to change. */
  handleDatagram(now: number, remote: Address, bytes: Uint8Array<ArrayBuffer>, mark: EcnMark): void;
  /** The time that `pollDeadline` named has come. */
  handleDeadline(now: number): void;
  /** When the endpoint wants to be woken, on the simulation's clock. */
  pollDeadline(): number | undefined;
  /** Writes datagrams to send into the buffer; undefined when there is nothing (more) to send. */
  pollTransmit(now: number, buffer: Uint8Array<ArrayBuffer>): DatagramTrain | undefined;
  /** What happened; undefined when there is no news (any more). */
  pollEvent(): unknown;
}

/** The type of an endpoint's events. */
export type EventOf<Endpoint extends SimulatedEndpoint> = Exclude<
  ReturnType<Endpoint['pollEvent']>,
  undefined
>;

/** The largest train: what fits one UDP datagram with segmentation offload. */
export const TRAIN_BYTES_MAX = 65_536;

/** The datagrams of a train, each as a copy of its own. */
export function splitTrain(train: DatagramTrain, buffer: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const { byteLength, segmentBytes, segmentCount } = train;
  const isSound =
    segmentBytes > 0 && byteLength <= buffer.length && segmentCount === Math.ceil(byteLength / segmentBytes);
  if (!isSound || segmentCount === 0) {
    throw new RangeError(
      `expected a train of equal datagrams inside ${buffer.length} bytes, ` +
        `got ${segmentCount} of ${segmentBytes} bytes in ${byteLength}`,
    );
  }
  const datagrams: Uint8Array<ArrayBuffer>[] = [];
  for (let start = 0; start < byteLength; start += segmentBytes)
    datagrams.push(new Uint8Array(buffer.subarray(start, Math.min(start + segmentBytes, byteLength))));
  return datagrams;
}
