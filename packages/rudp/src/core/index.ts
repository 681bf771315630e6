/**
 * The pure core of reliable UDP: no socket, timer, clock or random source in it. `Endpoint` is a state machine that a driver
 * feeds and drains: after every mutation (`connect`, `handleDatagram`, `handleDeadline`, a command on a `Connection`) poll
 * `pollTransmit` and `pollEvent` until both are empty, then arm one timer for `pollDeadline`, before the next mutation.
 * Time is a fractional number of milliseconds on any monotonic clock.
 *
 * The folders are the chapters of docs/spec/rudp.md: `packets` (2), `handshake` (3, 4), `keys` (5), `frames` (6), `acknowledgement` (7),
 * `stream` (8), `recovery` and `congestion` (9), `states` (10, 12), `paths` (11). `structures` know nothing of a transport. What is
 * beside them puts the parts together: an `Endpoint` has connections, a `Connection` has parts and passes events between them.
 *
 * @packageDocumentation
 */
export {
  DEFAULT_CONFIG,
  InvalidConfigError,
  parseConfig,
  RECEIVE_WINDOW_BYTES_MIN,
  type RudpConfig,
} from './config.ts';
export type { CongestionControllerName } from './congestion/names.ts';
export type { Connection } from './connection.ts';
export { Endpoint, type EndpointOptions, type SocketAbilities } from './endpoint.ts';
export type { EndpointEvent } from './events.ts';
export type { ObservedFrame } from './frames/frame-summary.ts';
export { IDENTITY_BYTES, type PreSharedKey } from './handshake/handshake.ts';
export { type PathHint, parsePathHint } from './handshake/path-hint.ts';
export { RejectCode } from './handshake/reject.ts';
export {
  checkServerIdentity,
  SERVER_IDENTITY_BYTES,
  type ServerIdentity,
} from './handshake/server-identity.ts';
export type { AcceptedPreSharedKey } from './handshake/syn-acceptor.ts';
export type { TransportParameters } from './handshake/transport-parameters.ts';
export type { AeadKey, CipherSuite, CryptoProvider, KeyPair } from './keys/crypto.ts';
export { AeadFailedError, NONCE_BYTES, TAG_BYTES } from './keys/crypto.ts';
export { DATAGRAM_BYTES_UNFRAGMENTED, TRAIN_BYTES_MAX } from './limits.ts';
export type {
  ConnectionObserver,
  ObservedConnection,
  ObservedLoss,
  ObservedMetrics,
  ObservedPacket,
  ObservedPacketType,
  ObserverFactory,
  PacketDropReason,
} from './observer.ts';
export type { RemoteAddress, Transmit } from './packets/datagrams.ts';
export { SEGMENT_BYTES_UNKNOWN } from './packets/joined-datagrams.ts';
export { EcnMark } from './recovery/ecn.ts';
export { APPLICATION_RESET_CODE_MIN, type ConnectionEnd, ResetCode } from './states/connection-end.ts';
export {
  CONNECTION_STATE_TABLE,
  type ConnectionState,
  type ConnectionStateEvent,
} from './states/connection-state.ts';
export type { ConnectionStatistics } from './statistics.ts';
export { FairShares, type RateLimits } from './stream/fair-shares.ts';
export { LIMITED_WINDOW_MS } from './stream/receive-credit.ts';
export type { PositionalSink } from './stream/receive-stream.ts';
export type { StreamSource } from './stream/send-stream.ts';
export { InvariantError } from './structures/invariant.ts';
