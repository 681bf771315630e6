import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { AcceptedPreSharedKey } from '../../core/index.ts';
import { RudpError } from '../errors.ts';
import { TlsConnection } from './tls-connection.ts';
import { deriveTlsKey, TLS_PARAMETERS } from './tls-parameters.ts';

/** Options of `listenTls`. */
export interface ListenTlsOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** As for `listen`: asked when an identity is named, and again when the key was proved; then `consume` is called. */
  readonly acceptPreSharedKey: (identity: Uint8Array) => AcceptedPreSharedKey | undefined;
  readonly onConnection: (connection: TlsConnection) => void;
  /** Connections at a time; more are cut without a word. */
  readonly connectionsMax: number;
  /** Who has not proved a key in this time is cut. */
  readonly handshakeTimeoutMs: number;
}

/** Takes connections over TLS until it is closed. */
export interface TlsListener {
  readonly port: number;
  /** Takes none any more; those that are open go on. */
  close(): void;
}

const IDENTITY_HEX_DIGITS = 32;

/** Listens for what `connectTls` opens. Rejects with `socket-failed` when that is not possible. */
// CHAT-TCP-2, CHAT-TCP-3
export async function listenTls(options: ListenTlsOptions): Promise<TlsListener> {
  const identities = new WeakMap<TLSSocket, Uint8Array>();
  const server = createServer(
    {
      ...TLS_PARAMETERS,
      noDelay: true,
      handshakeTimeout: options.handshakeTimeoutMs,
      pskCallback: (socket, text) => {
        const identity = parseIdentity(text);
        const accepted = identity && options.acceptPreSharedKey(identity);
        if (identity === undefined || accepted === undefined) return null;
        identities.set(socket, identity);
        return deriveTlsKey(accepted.key);
      },
    },
    (socket) => {
      // Another connection may have used the key up meanwhile; a resumed session has named none.
      const identity = identities.get(socket);
      const accepted = identity && options.acceptPreSharedKey(identity);
      if (accepted === undefined) {
        socket.on('error', () => {});
        socket.destroy();
        return;
      }
      accepted.consume?.();
      options.onConnection(new TlsConnection(socket, { context: accepted.context }));
    },
  );
  server.maxConnections = options.connectionsMax;
  server.on('tlsClientError', (_, socket) => void socket.destroy());
  await begin(server, options);
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

function parseIdentity(text: string): Uint8Array | undefined {
  if (text.length !== IDENTITY_HEX_DIGITS || !/^[0-9a-f]+$/.test(text)) return undefined;
  return new Uint8Array(Buffer.from(text, 'hex'));
}

function begin(server: Server, { host, port }: ListenTlsOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new RudpError('socket-failed', `cannot listen on tcp ${host}:${port}`, { cause }));
    });
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      // No descriptors left, for instance: it passes.
      server.on('error', () => {});
      resolve();
    });
  });
}
