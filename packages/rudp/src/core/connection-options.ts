import type { RudpConfig } from './config.ts';
import type { Connection } from './connection.ts';
import type { EndpointEvent } from './events.ts';
import type { HandshakeResult, PreSharedKey } from './handshake/handshake.ts';
import type { PathHint } from './handshake/path-hint.ts';
import type { CryptoProvider } from './keys/crypto.ts';
import type { ConnectionObserver } from './observer.ts';
import type { ConnectionId } from './packets/connection-id.ts';
import type { EcnMark } from './recovery/ecn.ts';
import type { AllocateBytes } from './structures/block-buffer.ts';
import type { Train } from './transmitter.ts';

/** Where datagrams go to and come from. */
export interface RemoteAddress {
  readonly host: string;
  readonly port: number;
}

/** How a datagram came: that of its packets, all from one sender. */
export interface Reception {
  readonly remote: RemoteAddress;
  readonly mark: EcnMark;
  /** Milliseconds on the clock of `now`, of the kernel's making; Infinity when only the time of reading is known. */
  readonly receivedAtMs: number;
}

/** A train and where it goes. */
export interface Transmit extends Train {
  readonly remote: RemoteAddress;
}

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

/** The server's answer to a SYN that was checked. */
export interface AcceptedSyn extends HandshakeResult {
  readonly synAck: Uint8Array;
  readonly remoteId: Uint8Array;
  readonly synBytes: number;
  /** A cookie has shown that the sender of the SYN receives at its address. */
  readonly isAddressValidated: boolean;
  readonly context: unknown;
  readonly pathHint: PathHint | undefined;
}

/** The client opens with a SYN of its own, the server with the answer to one. */
export type Opening =
  | {
      readonly preSharedKey: PreSharedKey | undefined;
      /** The only long-term key of the server that will do. */
      readonly serverIdentity: Uint8Array | undefined;
      readonly pathHint: PathHint | undefined;
    }
  | { readonly accepted: AcceptedSyn };
