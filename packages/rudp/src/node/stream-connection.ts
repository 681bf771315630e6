import type { Duplex } from 'node:stream';
import type { PathHint, PositionalSink, StreamSource } from '../core/index.ts';

/**
 * What a connection is to those who only move bytes over it, whether by UDP (`RudpConnection`) or by TLS where UDP does not get
 * through (`TlsConnection`). `established` is emitted when the peer has proved the pre-shared key, `finish` when it has every
 * byte and the end; errors are `RudpError`s.
 */
export interface StreamConnection extends Duplex {
  /** What `acceptPreSharedKey` returned for this connection; undefined on the client. */
  readonly context: unknown;
  /** Bytes of the peer's stream that have arrived without a gap. */
  readonly receivedBytesContiguous: number;
  /** Bytes of our stream that the peer has acknowledged; over TLS, that the system has taken until the end is acknowledged. */
  readonly acknowledgedBytes: number;
  /** Ends both directions at once; the peer's stream fails with `reset` and this code (0x100 or above). */
  reset(code: number, reason?: string): void;
  /** Instead of reading the stream: hands each segment to `sink` as it arrives. */
  receiveInto(sink: PositionalSink): void;
  /** Instead of writing: takes the bytes from `source` when they can leave, and ends the stream behind the last one. */
  sendFrom(source: StreamSource): void;
  /** The source of `sendFrom`, which had no bytes when it was asked last, has some now. */
  sendOn(): void;
  /** The peer may send what is on its way and then waits. */
  pauseReceiving(): void;
  resumeReceiving(): void;
  /** What was measured of the path; undefined where the system keeps that to itself. */
  pathHint(): PathHint | undefined;
}
