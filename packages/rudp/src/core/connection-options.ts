import type { RudpConfig } from './config.ts';
import type { Connection } from './connection.ts';
import type { ConnectionId } from './connection-id.ts';
import type { CryptoProvider } from './crypto.ts';
import type { EndpointEvent } from './events.ts';
import type { HandshakeResult, PreSharedKey } from './handshake.ts';
import type { ConnectionObserver } from './observer.ts';

/** Where datagrams go to and come from. */
export interface RemoteAddress {
  readonly host: string;
  readonly port: number;
}

/** What a connection needs of the endpoint that owns it. */
export interface ConnectionOptions {
  readonly crypto: CryptoProvider;
  readonly config: RudpConfig;
  readonly remote: RemoteAddress;
  readonly localId: { readonly text: ConnectionId; readonly bytes: Uint8Array };
  readonly observer: ConnectionObserver | undefined;
  readonly emit: (event: EndpointEvent) => void;
  /** A command changed the connection: it may have something to send. */
  readonly wake: (connection: Connection) => void;
}

/** The server's answer to a SYN that was checked. */
interface AcceptedSyn extends HandshakeResult {
  readonly synAck: Uint8Array;
  readonly remoteId: Uint8Array;
  /** Size of the SYN: what the amplification limit counts; undefined when a cookie has validated the address. */
  readonly synBytes: number | undefined;
  readonly context: unknown;
}

/** The client opens with a SYN of its own, the server with the answer to one. */
export type Opening =
  | { readonly preSharedKey: PreSharedKey | undefined }
  | { readonly accepted: AcceptedSyn };
