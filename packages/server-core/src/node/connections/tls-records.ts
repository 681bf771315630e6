/**
 * The few bytes of TLS that are read and written without a handshake (RFC 8446 §5.1, §6): enough to see what a client
 * speaks, and to turn it away in its own language before it costs anything.
 */
import type { Refusal } from '../../domain/sessions/door.ts';

export const HANDSHAKE_RECORD = 0x16;
const ALERT_RECORD = 0x15;
const FATAL = 2;

// CHAT-TLS-4
const ALERTS: { readonly [Code in Refusal['code']]: number } = {
  'address-limit': 49,
  'connection-rate': 49,
  'server-full': 80,
};

/** What the first byte of a connection says about the client. */
export function firstLanguage(firstByte: number | undefined): 'tls' | 'parley' | 'other' {
  if (firstByte === HANDSHAKE_RECORD) return 'tls';
  // A frame of less than 16 MiB begins with a zero.
  return firstByte === 0 ? 'parley' : 'other';
}

/** The alert that turns a client away: `access_denied` for its address, `internal_error` when it is not to blame. */
export function refusalAlert(code: Refusal['code']): Uint8Array {
  return Uint8Array.of(ALERT_RECORD, 3, 3, 0, 2, FATAL, ALERTS[code]);
}
