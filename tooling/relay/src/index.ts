export { type Relay, type RelayOptions, type RelayStatistics, startRelay } from './relay.ts';
