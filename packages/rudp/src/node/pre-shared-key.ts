import { hkdfSync } from 'node:crypto';
import type { PreSharedKey } from '../core/index.ts';

/** Bytes of a ticket: 256 bits, so that nobody guesses one. */
const TICKET_BYTES = 32;

const SALT = 'parley rudp v1 ticket';

/**
 * Derives both halves of a pre-shared key from one secret (HKDF of RFC 5869): the identity travels in the SYN and tells the
 * listener which ticket is meant, the key never travels. `ticket` holds 32 random bytes; another length is a `RangeError`.
 */
// RUDP-TICKET-1, RUDP-TICKET-2
export function derivePreSharedKey(ticket: Uint8Array): PreSharedKey {
  if (ticket.byteLength !== TICKET_BYTES) {
    throw new RangeError(`expected a ticket of ${TICKET_BYTES} bytes, got ${ticket.byteLength}`);
  }
  return {
    identity: new Uint8Array(hkdfSync('sha256', ticket, SALT, 'identity', 16)),
    key: new Uint8Array(hkdfSync('sha256', ticket, SALT, 'key', 32)),
  };
}
