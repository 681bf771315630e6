export { TRANSPORT_VERSION } from './version.ts';
