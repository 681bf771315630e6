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
  'open-direct': 0x13,
  'list-users': 0x14,
  'list-files': 0x15,
  'request-transfer': 0x16,
  'cancel-transfer': 0x17,
  leave: 0x18,
  'join-room': 0x19,
  'create-room': 0x1a,
  'leave-room': 0x1b,
  'set-topic': 0x1c,
  'list-rooms': 0x1d,
  'read-history': 0x1e,
  search: 0x1f,
  edit: 0x20,
  delete: 0x21,
  'mark-read': 0x22,
  'watch-files': 0x23,
  'request-folder': 0x24,
  'request-folder-upload': 0x25,
  'request-upload': 0x28,
  'discard-file': 0x29,
  'list-sent': 0x2a,
  // From 0x30 on: accounts, roles and moderation.
  login: 0x30,
  'create-account': 0x31,
  'set-password': 0x32,
  moderate: 0x33,
  'set-role': 0x34,
  'configure-room': 0x35,
  'invite-user': 0x36,
  'list-roles': 0x37,
  'list-bans': 0x38,
  'create-invite': 0x39,
  'request-challenge': 0x3a,
  'login-key': 0x3b,
  'login-token': 0x3c,
  'add-key': 0x3d,
  'create-token': 0x3e,
  'list-credentials': 0x3f,
  // Those types were used up.
  'revoke-credential': 0x2f,
  'set-emergency': 0x2e,
  'read-audit': 0x2d,
  'delete-account': 0x2c,
  // From 0x80 on: may be missed. A server that does not know it tells nobody.
  'tell-progress': 0xe0,
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
  presence: 0x47,
  rooms: 0x48,
  message: 0x49,
  history: 0x4a,
  'transfer-ended': 0x4b,
  goodbye: 0x4c,
  done: 0x4d,
  entered: 0x4e,
  'search-results': 0x4f,
  'read-marker': 0x50,
  'folder-offer': 0x51,
  'upload-offer': 0x58,
  'sent-files': 0x59,
  // From 0x60 on: accounts, roles and moderation.
  roles: 0x60,
  bans: 0x61,
  'invite-code': 0x62,
  removed: 0x63,
  muted: 0x64,
  invited: 0x65,
  challenge: 0x66,
  token: 0x67,
  credentials: 0x68,
  audit: 0x69,
  // From 0x80 on: may be missed. Of a drain the goodbye follows; who missed another change lists anew some time; who does
  // not know why an offer takes so long waits all the same; how far the transfers of others are is nobody's due.
  'server-draining': 0xf0,
  'files-changed': 0xf1,
  'role-changed': 0xf2,
  'transfer-queued': 0xf3,
  progress: 0xf4,
  'progress-refused': 0xf5,
} as const;
