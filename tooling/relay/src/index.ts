export { type Relay, type RelayOptions, type RelayStatistics, startRelay } from './relay.ts';
export { startTcpRelay, type TcpRelay, type TcpRelayOptions } from './tcp-relay.ts';
