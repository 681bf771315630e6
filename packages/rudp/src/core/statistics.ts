import type { CipherSuite } from './keys/crypto.ts';
import type { EcnState } from './recovery/ecn.ts';

/** A snapshot of one connection. Durations are milliseconds, sizes bytes, rates bytes per second. */
export interface ConnectionStatistics {
  readonly smoothedRttMs: number;
  readonly rttVarianceMs: number;
  readonly minRttMs: number;
  /** What protects the packets: a cipher, or `none` in an endpoint that was opened for measurements without; undefined before there are keys. */
  readonly packetProtection: CipherSuite | 'none' | undefined;
  readonly congestionController: string;
  readonly congestionWindow: number;
  readonly bytesInFlight: number;
  /** Infinity when the controller does not pace. */
  readonly pacingRate: number;
  /** The last measurement of what the path delivered; 0 before there is one. A lower bound while the application had no more. */
  readonly deliveryRate: number;
  /** UDP payload bytes of a full packet. */
  readonly mtu: number;
  /** Whether packets are marked as ECN-capable, and what is known of the path: `off`, `testing`, `unknown`, `capable`, `failed`. */
  readonly ecnState: EcnState;
  /** Packets that arrived with a mark of congestion. */
  readonly congestionMarks: number;
  readonly receiveWindowBytes: number;
  /** What computes the protection of packets: `openssl-ffi` or `node`; undefined before there are keys. */
  readonly aeadLibrary: string | undefined;
  readonly datagramsSent: number;
  readonly datagramsReceived: number;
  /** UDP payload bytes. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Stream bytes that were sent more than once. */
  readonly bytesRetransmitted: number;
  /** Ack-eliciting packets only: the others are never acknowledged. */
  readonly packetsAcknowledged: number;
  readonly packetsLost: number;
  /** Declared lost, then acknowledged after all. */
  readonly packetsSpurious: number;
  readonly packetsDuplicate: number;
  /** Datagrams that did not decrypt: corrupted or forged. */
  readonly packetsUnauthentic: number;
  readonly probeTimeouts: number;
  /** Stream bytes that the peer has acknowledged without a gap. */
  readonly streamBytesAcknowledged: number;
  /** Stream bytes that arrived without a gap. */
  readonly streamBytesReceived: number;
  /** Memory that the send buffer holds: at most twice `sendBufferBytesMax`, since it keeps what was freed for what comes next. */
  readonly sendBufferBytes: number;
  /** Memory that the receive buffer holds: at most twice `receiveWindowBytesMax`. */
  readonly receiveBufferBytes: number;
  /** Ranges of received stream bytes that are remembered. */
  readonly streamRangesReceived: number;
  /** Ranges of received packet numbers that are remembered. */
  readonly packetRangesReceived: number;
  /** Sent packets that are remembered. */
  readonly packetRecords: number;
}

/** The counters behind the snapshot that no other part keeps. */
export interface ConnectionCounters {
  datagramsSent: number;
  datagramsReceived: number;
  bytesSent: number;
  bytesReceived: number;
  packetsDuplicate: number;
  packetsUnauthentic: number;
}
