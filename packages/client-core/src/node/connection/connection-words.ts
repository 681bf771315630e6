/** What went wrong with a socket, in words for people. */
import type { ConnectionTrouble } from '../../domain/session/session-end.ts';

/** When a server that turned us away may be asked again. Nobody vouches for the alert, so it names no time. */
// CHAT-TLS-4
const TURNED_AWAY_MS = 30_000;

/** Trouble before there was a connection. */
export function connectTrouble(error: NodeJS.ErrnoException, address: string): ConnectionTrouble {
  const code = codeOf(error);
  switch (code) {
    // CHAT-TLS-4
    case 'ERR_SSL_TLSV1_ALERT_ACCESS_DENIED': {
      const message = `${address} takes no more connections from this address now`;
      return { kind: 'turned-away', code: 'address-limit', message, reconnectAfterMs: TURNED_AWAY_MS };
    }
    case 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR': {
      const message = `${address} takes no more connections now`;
      return { kind: 'turned-away', code: 'server-full', message, reconnectAfterMs: TURNED_AWAY_MS };
    }
    // CHAT-TLS-3
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return { kind: 'connect-failed', code: 'tls-unavailable', message: `${address} does not speak TLS` };
    default:
      return { kind: 'connect-failed', code, message: connectWords(code, address, error) };
  }
}

/** Trouble with a connection that there was. */
export function brokenTrouble(error: NodeJS.ErrnoException): ConnectionTrouble {
  const code = codeOf(error);
  return { kind: 'broken', code, message: brokenWords(code, error) };
}

/** With several addresses for one name, the system's error is a collection. */
function codeOf(error: NodeJS.ErrnoException): string {
  if (error.code !== undefined) return error.code;
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  return first instanceof Error && 'code' in first ? String(first.code) : 'unknown';
}

function connectWords(code: string, address: string, error: Error): string {
  switch (code) {
    case 'ECONNREFUSED':
      return `nobody listens at ${address}: is the server running, and the port right?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name in ${address} was not found: is it spelled right, and the network up?`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no way to ${address} from here: is the network up?`;
    case 'ETIMEDOUT':
      return `${address} does not answer: is the address right, and the server running?`;
    case 'ECONNRESET':
      return `${address} closed the connection before it was made: is it a Parley server?`;
    case 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION':
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
      return `${address} does not speak TLS 1.3`;
    default:
      if (code.startsWith('ERR_SSL')) return `TLS with ${address} failed: ${sslReason(code)}`;
      return `the connection to ${address} could not be made: ${error.message || code}`;
  }
}

function brokenWords(code: string, error: Error): string {
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'the server or the network cut it';
  if (code === 'ETIMEDOUT') return 'the network stopped answering';
  if (code.startsWith('ERR_SSL')) return `what arrived was not what the server sent (${sslReason(code)})`;
  return error.message || code;
}

/** OpenSSL's messages name its own source lines; its codes say the same in a few words. */
function sslReason(code: string): string {
  return code
    .replace(/^ERR_SSL_/, '')
    .replaceAll('_', ' ')
    .toLowerCase();
}
