import { connect as connectSocket } from 'node:tls';
import type { PreSharedKey } from '../../core/index.ts';
import { RudpError } from '../errors.ts';
import { TlsConnection } from './tls-connection.ts';
import { deriveTlsKey, TLS_PARAMETERS } from './tls-parameters.ts';

/** Options of `connectTls`. */
export interface ConnectTlsOptions {
  readonly host: string;
  readonly port: number;
  /** Both ends prove it to each other; there is no certificate. */
  readonly preSharedKey: PreSharedKey;
  /** Default: 10 s. */
  readonly handshakeTimeoutMs?: number;
}

/** A silent connection asks after this time whether its peer is there; a router on the way forgets one after minutes. */
const KEEP_ALIVE_MS = 10_000;

/**
 * Opens the same connection as `connect`, over TLS. What goes wrong comes as `error`: `host-not-found`, `unreachable`,
 * `handshake-timeout`, `refused`, and `disconnected` later on.
 */
// CHAT-TCP-2
export function connectTls({
  host,
  port,
  preSharedKey,
  handshakeTimeoutMs = 10_000,
}: ConnectTlsOptions): TlsConnection {
  const { identity, key } = preSharedKey;
  const socket = connectSocket({
    host,
    port,
    ...TLS_PARAMETERS,
    // The pre-shared key is what proves who is there.
    checkServerIdentity: () => undefined,
    pskCallback: () => ({ identity: Buffer.from(identity).toString('hex'), psk: deriveTlsKey(key) }),
  });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  const place = `${host}:${port}`;
  const connection = new TlsConnection(socket, { explain: (cause) => failure(cause, place) });
  const patience = setTimeout(() => {
    connection.destroy(new RudpError('handshake-timeout', `no answer to the tls handshake at ${place}`));
  }, handshakeTimeoutMs);
  connection.once('close', () => clearTimeout(patience));
  socket.once('secureConnect', () => {
    clearTimeout(patience);
    connection.establish();
  });
  return connection;
}

/** Alerts (RFC 8446 §6.2) by which a server says that it does not know the key: no key in common, or another one. */
const REFUSALS: ReadonlySet<string> = new Set([
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
  'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
  'ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR',
  'ERR_SSL_TLSV1_ALERT_UNKNOWN_PSK_IDENTITY',
]);

function failure(cause: Error | undefined, place: string): RudpError {
  const { code = 'it closed the connection' } = (cause ?? {}) as NodeJS.ErrnoException;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new RudpError('host-not-found', `cannot resolve ${place}`, { cause });
  }
  if (REFUSALS.has(code)) {
    return new RudpError('refused', `${place} refused the connection: key unknown or used`, { cause });
  }
  return new RudpError('unreachable', `no transfer over tls at ${place} (${code})`, { cause });
}
