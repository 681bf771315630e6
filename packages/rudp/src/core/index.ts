/**
 * The pure core of reliable UDP: no socket, timer, clock or random source in it. `Endpoint` is a state machine that a driver
 * feeds and drains: after every mutation (`connect`, `handleDatagram`, `handleDeadline`, a command on a `Connection`) poll
 * `pollTransmit` and `pollEvent` until both are empty, then arm one timer for `pollDeadline`, before the next mutation.
 * Time is a fractional number of milliseconds on any monotonic clock.
 *
 * @packageDocumentation
 */
export { defaultConfig, InvalidConfigError, parseConfig, type RudpConfig } from './config.ts';
export type { CongestionControllerName } from './congestion/controller.ts';
export type { Connection } from './connection.ts';
export { applicationResetCodeMin, type ConnectionEnd, ResetCode } from './connection-end.ts';
export type { RemoteAddress, Transmit } from './connection-options.ts';
export {
  type ConnectionState,
  type ConnectionStateEvent,
  connectionStateTable,
} from './connection-state.ts';
export type { AeadKey, CipherSuite, CryptoProvider, KeyPair } from './crypto.ts';
export { AeadFailedError, nonceBytes, tagBytes } from './crypto.ts';
export { EcnMark } from './ecn.ts';
export { Endpoint, type EndpointOptions, type SocketAbilities } from './endpoint.ts';
export type { EndpointEvent } from './events.ts';
export { FairShares, type RateLimits } from './fair-shares.ts';
export type { ObservedFrame } from './frame-summary.ts';
export { identityBytes, type PreSharedKey } from './handshake.ts';
export { InvariantError } from './invariant.ts';
export { datagramBytesUnfragmented, trainBytesMax } from './limits.ts';
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
export { type PathHint, parsePathHint } from './path-hint.ts';
export type { PositionalSink } from './receive-stream.ts';
export { RejectCode } from './reject.ts';
export { checkServerIdentity, type ServerIdentity, serverIdentityBytes } from './server-identity.ts';
export type { ConnectionStatistics } from './statistics.ts';
export type { AcceptedPreSharedKey } from './syn-acceptor.ts';
export type { TransportParameters } from './transport-parameters.ts';
