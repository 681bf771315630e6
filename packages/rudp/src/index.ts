export type {
  AcceptedPreSharedKey,
  CipherSuite,
  CongestionControllerName,
  ConnectionEnd,
  ConnectionStatistics,
  PathHint,
  PositionalSink,
  PreSharedKey,
  RateLimits,
  RemoteAddress,
  RudpConfig,
  ServerIdentity,
  StreamSource,
} from './core/index.ts';
export { APPLICATION_RESET_CODE_MIN, RejectCode, ResetCode } from './core/index.ts';
export {
  type AeadChoice,
  type AeadLibrary,
  findPacketCrypto,
  type PacketCrypto,
} from './node/aead/packet-crypto.ts';
export { type ConnectOptions, connect } from './node/connect.ts';
export { nodeCryptoProvider } from './node/crypto-provider.ts';
export { RudpError, type RudpErrorCode } from './node/errors.ts';
export { type ListenOptions, listen } from './node/listen.ts';
export type { RudpListener, RudpListenerEvents } from './node/listener.ts';
export { derivePreSharedKey } from './node/pre-shared-key.ts';
export { prepare } from './node/prepare.ts';
export { type QlogTrace, QlogWriter } from './node/qlog-writer.ts';
export type { RudpConnection, RudpConnectionEvents, RudpStreamOptions } from './node/rudp-connection.ts';
export {
  generateServerIdentity,
  loadServerIdentity,
  parseServerIdentity,
  type ServerIdentityKey,
} from './node/server-identity.ts';
export { type RateShare, SharedRate, windowsForRate } from './node/shared-rate.ts';
export type { StreamConnection } from './node/stream-connection.ts';
export { type ConnectTlsOptions, connectTls } from './node/tls/connect-tls.ts';
export { type ListenTlsOptions, listenTls, type TlsListener } from './node/tls/listen-tls.ts';
export type { TlsConnection } from './node/tls/tls-connection.ts';
export { TRANSFER_PROTOCOL } from './node/tls/tls-parameters.ts';
export type { UdpBackend, UdpIo, UdpSocketStatistics } from './node/udp-socket.ts';
