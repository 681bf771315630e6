import type { RudpConfig } from './config.ts';
import type { Connection } from './connection.ts';
import type { EndpointEvent } from './events.ts';
import type { CryptoProvider } from './keys/crypto.ts';
import type { ConnectionObserver } from './observer.ts';
import type { ConnectionId } from './packets/connection-id.ts';
import type { RemoteAddress } from './packets/datagrams.ts';
import type { AllocateBytes } from './structures/block-buffer.ts';

/** What a connection needs of the endpoint that owns it. */
export interface ConnectionOptions {
  readonly crypto: CryptoProvider;
  readonly config: RudpConfig;
  /** Versions that the endpoint speaks, best first. */
  readonly versions: readonly [number, ...number[]];
  readonly remote: RemoteAddress;
  readonly localId: { readonly text: ConnectionId; readonly bytes: Uint8Array };
  readonly observer: ConnectionObserver | undefined;
  /** Memory for what arrives; zeros unless given. */
  readonly allocate?: AllocateBytes | undefined;
  readonly emit: (event: EndpointEvent) => void;
  /** A command changed the connection: it may have something to send. */
  readonly wake: (connection: Connection) => void;
}
