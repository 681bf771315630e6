/** The streams without their endpoint, for whoever puts another one under them. Inside this repository only: not published. */
export type { Connection, ConnectionEnd } from './core/index.ts';
export type { ConnectionHandler } from './node/endpoint-driver.ts';
export { RudpListener } from './node/listener.ts';
export { type ConnectionLink, RudpConnection } from './node/rudp-connection.ts';
