import { hkdfSync } from 'node:crypto';

/** What a client offers by ALPN (RFC 7301), so that a server can tell a transfer from everything else before it answers. */
// CHAT-TCP-1
export const TRANSFER_PROTOCOL = 'parley-transfer/1';

/**
 * TLS 1.3 with an external pre-shared key and a fresh key exchange (`psk_dhe_ke`, RFC 8446 §2.2): who records everything and gets
 * the key later reads nothing. SHA-256 is the hash that OpenSSL has for such keys.
 */
// CHAT-TCP-2
export const TLS_PARAMETERS = {
  minVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256:PSK',
  ALPNProtocols: [TRANSFER_PROTOCOL],
} as const;

/** The key for TLS of a pre-shared key of rudp: one key is never used in two protocols. 32 bytes. */
// CHAT-TCP-2
export function deriveTlsKey(key: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, 'parley transfer over tls', 'key', 32));
}
