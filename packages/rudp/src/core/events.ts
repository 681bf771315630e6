import type { Connection } from './connection.ts';
import type { ConnectionEnd } from './states/connection-end.ts';

/** What an endpoint tells its driver. Events of one connection come in the order of this union, `migrated` at any time in between. */
export type EndpointEvent =
  /** A client proved its keys: the server's side is established. */
  | { readonly type: 'connection-accepted'; readonly connection: Connection }
  /** The server answered: the client's side is established. */
  | { readonly type: 'connection-established'; readonly connection: Connection }
  /** The peer has shown that it receives at another address than before, to which everything goes now: `connection.remote`. */
  | { readonly type: 'migrated'; readonly connection: Connection }
  /**
   * In-order bytes wait for `read()`, told once until it is called; or the end of the stream has arrived, told in any case. In
   * positional mode: the stream is complete.
   */
  | { readonly type: 'readable'; readonly connection: Connection }
  /** `write()` takes bytes again after it took fewer than it was offered. */
  | { readonly type: 'writable'; readonly connection: Connection }
  /** Our FIN and every byte before it are acknowledged. */
  | { readonly type: 'finished'; readonly connection: Connection }
  /** The connection is over; comes exactly once and last. */
  | { readonly type: 'closed'; readonly connection: Connection; readonly end: ConnectionEnd };
