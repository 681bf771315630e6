export { TRANSPORT_VERSION } from './core/index.ts';
export { endpointName } from './node/endpoint.ts';
