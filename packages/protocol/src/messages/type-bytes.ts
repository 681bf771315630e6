/**
 * The type byte of every message, in one table (CHAT-FRAME-5). From 0x00 both sides send, from 0x10 clients, from 0x40
 * servers; types from 0x80 on are for messages that a receiver may skip.
 */

/** Messages that either side may send. */
export const SHARED_TYPE_BYTES = {
  ping: 0x01,
  pong: 0x02,
} as const;

/** Messages that a client sends. */
// CHAT-HELLO-5
export const CLIENT_TYPE_BYTES = {
  ...SHARED_TYPE_BYTES,
  hello: 0x10,
  register: 0x11,
  say: 0x12,
  direct: 0x13,
  'list-users': 0x14,
  'list-files': 0x15,
  'request-transfer': 0x16,
  'cancel-transfer': 0x17,
  leave: 0x18,
} as const;

/** Messages that a server sends. */
// CHAT-HELLO-5
export const SERVER_TYPE_BYTES = {
  ...SHARED_TYPE_BYTES,
  'hello-ok': 0x40,
  registered: 0x41,
  accepted: 0x42,
  failed: 0x43,
  users: 0x44,
  files: 0x45,
  'transfer-offer': 0x46,
  joined: 0x47,
  left: 0x48,
  message: 0x49,
  'direct-message': 0x4a,
  'transfer-ended': 0x4b,
  goodbye: 0x4c,
  done: 0x4d,
  // From 0x80 on: may be missed, the goodbye follows.
  'server-draining': 0xf0,
} as const;
