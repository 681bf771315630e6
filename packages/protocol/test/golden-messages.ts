// The bytes of every message, pinned. In each line: length, type, then the fields. A change here is a change of the
// protocol: another implementation has to agree with every digit.
import {
  type Challenge,
  type ClientMessage,
  type LogEntry,
  type LoginToken,
  type PublicKey,
  parseRoomReference,
  type ServerMessage,
  type Sha256,
  type Signature,
  type Ticket,
  type UserSecret,
} from '../src/index.ts';
import { file, fileName, messageId, must, nick, room, session, text, toHex, transfer } from './support.ts';

const ID = messageId(0xa0);
const ID_HEX = 'a0a1a2a3a4a5a6a7a8a9aaabacadaeaf';
const TICKET = Uint8Array.from({ length: 32 }, (_, index) => index) as Ticket;
const TICKET_HEX = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const SECRET = Uint8Array.from(TICKET) as UserSecret;
const SHA256 = Uint8Array.from({ length: 32 }, (_, index) => 0xff - index) as Sha256;
const CHUNK_ROOT = Uint8Array.from({ length: 32 }, (_, index) => 0x20 + index) as Sha256;
const CHUNK_ROOT_HEX = '202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f';
const SHA256_HEX = 'fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0';
const KEY = Uint8Array.from(SHA256) as PublicKey;
const TOKEN = Uint8Array.from(SHA256) as LoginToken;
const CHALLENGE = Uint8Array.from(TICKET) as Challenge;
const SIGNATURE = Uint8Array.from({ length: 64 }, (_, index) => 0x80 + index) as Signature;
const SIGNATURE_HEX = toHex(SIGNATURE);
const TIME = 1_700_000_000_000;
const TIME_HEX = '0000018bcfe56800';
const LOBBY_HEX = '0005 6c6f626279';
const ZOE_HEX = '0004 5a6fc3ab';
const BOB_HEX = '0003 626f62';
const FILE_HEX = '0007 6120622e69736f';

const ENTRY: LogEntry = {
  sequence: 42,
  time: TIME,
  from: nick('Zoë'),
  kind: 'text',
  target: 0,
  editedAt: undefined,
  text: text('hi 🦜\n'),
  clientMessageId: ID,
};
const ENTRY_HEX = `000000000000002a ${TIME_HEX} ${ZOE_HEX} 01 0000000000000000 00 01 0008 686920f09fa69c0a ${ID_HEX}`;
const TAKEN_BACK: LogEntry = { ...ENTRY, kind: 'delete', target: 41, editedAt: TIME, text: undefined };
const TAKEN_BACK_HEX = `000000000000002a ${TIME_HEX} ${ZOE_HEX} 03 0000000000000029 01 ${TIME_HEX} 00 ${ID_HEX}`;

export const goldenClientMessages: readonly (readonly [ClientMessage, string])[] = [
  [{ type: 'ping', nonce: 0xdeadbeef }, '00000005 01 deadbeef'],
  [{ type: 'pong', nonce: 1 }, '00000005 02 00000001'],
  [
    { type: 'hello', versionMin: 1, versionMax: 258, agent: 'parley/1' },
    '0000000f 10 0001 0102 0008 7061726c65792f31',
  ],
  [
    { type: 'register', requestId: 1, nickname: 'Zoë', secret: SECRET },
    `0000002b 11 00000001 ${ZOE_HEX} ${TICKET_HEX}`,
  ],
  [
    { type: 'say', requestId: 2, clientMessageId: ID, room: 'lobby', text: 'hi 🦜\n' },
    `00000026 12 00000002 ${ID_HEX} ${LOBBY_HEX} 0008 686920f09fa69c0a`,
  ],
  [{ type: 'open-direct', requestId: 3, nickname: 'bob' }, `0000000a 13 00000003 ${BOB_HEX}`],
  [
    { type: 'list-users', requestId: 4, room: 'lobby', cursor: undefined, limit: 100 },
    `0000000f 14 00000004 ${LOBBY_HEX} 00 0064`,
  ],
  [
    { type: 'list-users', requestId: 4, room: 'lobby', cursor: '9', limit: 0 },
    `00000012 14 00000004 ${LOBBY_HEX} 01 0001 39 0000`,
  ],
  [
    {
      type: 'list-files',
      requestId: 5,
      cursor: undefined,
      limit: 50,
      pattern: '*.c',
      order: 'size-descending',
    },
    '0000000e 15 00000005 00 0032 0003 2a2e63 04',
  ],
  [{ type: 'watch-files', requestId: 5, isWatching: 1 }, '00000006 23 00000005 01'],
  [
    {
      type: 'request-folder',
      requestId: 6,
      name: 'a b.iso',
      known: SHA256,
      ranges: [{ start: 1, end: 3 }],
      begun: { place: 2, bytes: 5, sha256: SHA256 },
    },
    `0000006f 24 00000006 ${FILE_HEX} 01 ${SHA256_HEX} 01 0001 0010 0000000000000001 0000000000000003
     01 0028 00000002 00000005 ${SHA256_HEX}`,
  ],
  [
    {
      type: 'request-folder',
      requestId: 6,
      name: 'a b.iso',
      known: undefined,
      ranges: undefined,
      begun: undefined,
    },
    `00000011 24 00000006 ${FILE_HEX} 00 00 00`,
  ],
  [
    {
      type: 'request-transfer',
      requestId: 6,
      name: 'a b.iso',
      chunkRoot: undefined,
      ranges: undefined,
      version: undefined,
    },
    `00000011 16 00000006 ${FILE_HEX} 00 00 00`,
  ],
  [
    {
      type: 'request-transfer',
      requestId: 6,
      name: 'a b.iso',
      chunkRoot: SHA256,
      ranges: [{ start: 1, end: 2 ** 32 + 5 }],
      version: { size: 1_000, modifiedAt: TIME },
    },
    `00000057 16 00000006 ${FILE_HEX} 01 ${SHA256_HEX} 01 0001 0010 0000000000000001 0000000100000005
     01 0010 00000000000003e8 ${TIME_HEX}`,
  ],
  [
    {
      type: 'request-upload',
      requestId: 6,
      name: 'a b.iso',
      size: 1_000,
      chunkRoot: CHUNK_ROOT,
      room: 'lobby',
    },
    `0000003e 28 00000006 ${FILE_HEX} 00000000000003e8 ${CHUNK_ROOT_HEX} 01 ${LOBBY_HEX}`,
  ],
  [
    {
      type: 'request-folder-upload',
      requestId: 6,
      name: 'a b.iso',
      size: 1_000,
      largest: 900,
      files: 2,
      entries: 3,
      manifestRoot: SHA256,
      manifestBytes: 99,
      room: 'lobby',
    },
    `00000052 25 00000006 ${FILE_HEX} 00000000000003e8 0000000000000384 00000002 00000003 ${SHA256_HEX} 00000063 01 ${LOBBY_HEX}`,
  ],
  [{ type: 'discard-file', requestId: 7, name: 'a b.iso' }, `0000000e 29 00000007 ${FILE_HEX}`],
  [{ type: 'list-sent', requestId: 7 }, '00000005 2a 00000007'],
  [
    { type: 'cancel-transfer', requestId: 7, transferId: transfer(9) },
    '0000000d 17 00000007 0000000000000009',
  ],
  [{ type: 'leave', reason: 'bye' }, '00000006 18 0003 627965'],
  [{ type: 'join-room', requestId: 8, room: 'lobby' }, `0000000c 19 00000008 ${LOBBY_HEX}`],
  [
    { type: 'create-room', requestId: 9, room: 'lobby', topic: 'all' },
    `00000011 1a 00000009 ${LOBBY_HEX} 0003 616c6c`,
  ],
  [
    { type: 'leave-room', requestId: 10, room: 'lobby', reason: 'bye' },
    `00000011 1b 0000000a ${LOBBY_HEX} 0003 627965`,
  ],
  [
    { type: 'set-topic', requestId: 11, clientMessageId: ID, room: 'lobby', topic: '' },
    `0000001e 1c 0000000b ${ID_HEX} ${LOBBY_HEX} 0000`,
  ],
  [{ type: 'list-rooms', requestId: 12, cursor: undefined, limit: 50 }, '00000008 1d 0000000c 00 0032'],
  [
    {
      type: 'read-history',
      requestId: 13,
      room: 'lobby',
      direction: 'before',
      epoch: 5,
      sequence: 42,
      limit: 60,
    },
    `0000001f 1e 0000000d ${LOBBY_HEX} 02 0000000000000005 000000000000002a 003c`,
  ],
  [
    { type: 'search', requestId: 14, query: 'bob', cursor: undefined, limit: 20 },
    `0000000d 1f 0000000e ${BOB_HEX} 00 0014`,
  ],
  [
    { type: 'edit', requestId: 15, clientMessageId: ID, room: 'lobby', sequence: 42, text: 'ho' },
    `00000028 20 0000000f ${ID_HEX} ${LOBBY_HEX} 000000000000002a 0002 686f`,
  ],
  [
    { type: 'delete', requestId: 16, clientMessageId: ID, room: 'lobby', sequence: 42 },
    `00000024 21 00000010 ${ID_HEX} ${LOBBY_HEX} 000000000000002a`,
  ],
  [
    { type: 'mark-read', requestId: 17, room: 'lobby', sequence: 42 },
    `00000014 22 00000011 ${LOBBY_HEX} 000000000000002a`,
  ],
  [
    { type: 'login', requestId: 18, nickname: 'bob', secret: SECRET, password: 'all hands' },
    `00000035 30 00000012 ${BOB_HEX} ${TICKET_HEX} 0009 616c6c2068616e6473`,
  ],
  [
    {
      type: 'create-account',
      requestId: 19,
      nickname: 'bob',
      secret: SECRET,
      password: 'all hands',
      invite: 'ab12',
    },
    `0000003c 31 00000013 ${BOB_HEX} ${TICKET_HEX} 0009 616c6c2068616e6473 01 0004 61623132`,
  ],
  [
    { type: 'set-password', requestId: 20, current: 'all hands', password: 'all feet' },
    '0000001a 32 00000014 0009 616c6c2068616e6473 0008 616c6c2066656574',
  ],
  [
    { type: 'delete-account', requestId: 20, password: 'all hands' },
    '00000010 2c 00000014 0009 616c6c2068616e6473',
  ],
  [
    {
      type: 'moderate',
      requestId: 21,
      action: 'ban',
      room: 'lobby',
      target: 'bob',
      durationMs: 3_600_000,
      reason: 'spam',
    },
    `00000022 33 00000015 04 01 ${LOBBY_HEX} ${BOB_HEX} 01 000000000036ee80 0004 7370616d`,
  ],
  [
    {
      type: 'moderate',
      requestId: 22,
      action: 'kick',
      room: undefined,
      target: 'bob',
      durationMs: undefined,
      reason: '',
    },
    `0000000f 33 00000016 01 00 ${BOB_HEX} 00 0000`,
  ],
  [
    { type: 'set-role', requestId: 23, room: 'lobby', nickname: 'bob', role: 'moderator' },
    `00000013 34 00000017 01 ${LOBBY_HEX} ${BOB_HEX} 03`,
  ],
  [
    { type: 'configure-room', requestId: 24, room: 'lobby', entry: 'invited', slowModeMs: 5_000 },
    `00000013 35 00000018 ${LOBBY_HEX} 01 02 01 00001388`,
  ],
  [
    { type: 'invite-user', requestId: 25, room: 'lobby', nickname: 'bob' },
    `00000011 36 00000019 ${LOBBY_HEX} ${BOB_HEX}`,
  ],
  [{ type: 'list-roles', requestId: 26, room: 'lobby' }, `0000000d 37 0000001a 01 ${LOBBY_HEX}`],
  [
    { type: 'list-bans', requestId: 27, room: undefined, cursor: '9', limit: 20 },
    '0000000c 38 0000001b 00 01 0001 39 0014',
  ],
  [{ type: 'create-invite', requestId: 28 }, '00000005 39 0000001c'],
  [{ type: 'request-challenge', requestId: 29 }, '00000005 3a 0000001d'],
  [
    {
      type: 'login-key',
      requestId: 30,
      nickname: 'bob',
      secret: SECRET,
      publicKey: KEY,
      signature: SIGNATURE,
    },
    `0000008a 3b 0000001e ${BOB_HEX} ${TICKET_HEX} ${SHA256_HEX} ${SIGNATURE_HEX}`,
  ],
  [
    { type: 'login-token', requestId: 31, secret: SECRET, token: TOKEN },
    `00000045 3c 0000001f ${TICKET_HEX} ${SHA256_HEX}`,
  ],
  [
    { type: 'add-key', requestId: 32, name: 'laptop', publicKey: KEY },
    `0000002d 3d 00000020 0006 6c6170746f70 ${SHA256_HEX}`,
  ],
  [{ type: 'create-token', requestId: 33, name: 'robot' }, '0000000c 3e 00000021 0005 726f626f74'],
  [{ type: 'list-credentials', requestId: 34 }, '00000005 3f 00000022'],
  [{ type: 'revoke-credential', requestId: 35, name: 'robot' }, '0000000c 2f 00000023 0005 726f626f74'],
  [{ type: 'set-emergency', requestId: 36, level: 'closed' }, '00000006 2e 00000024 03'],
  [
    { type: 'read-audit', requestId: 37, room: 'lobby', cursor: '9', limit: 20 },
    `00000013 2d 00000025 01 ${LOBBY_HEX} 01 0001 39 0014`,
  ],
  [
    {
      type: 'tell-progress',
      line: 3,
      room: 'lobby',
      name: 'a b.iso',
      state: 'moving',
      size: 1_000,
      bytes: 10,
      bytesPerSecond: 5,
    },
    `0000002e e0 00000003 ${LOBBY_HEX} ${FILE_HEX} 01 00000000000003e8 000000000000000a 0000000000000005`,
  ],
];

export const goldenServerMessages: readonly (readonly [ServerMessage, string])[] = [
  [{ type: 'ping', nonce: 7 }, '00000005 01 00000007'],
  [{ type: 'pong', nonce: 0xffff_ffff }, '00000005 02 ffffffff'],
  [
    {
      type: 'hello-ok',
      version: 1,
      serverName: 'Parley',
      serverTime: TIME,
      motd: 'Hello!',
      room: room('lobby'),
    },
    `00000022 40 0001 0006 5061726c6579 ${TIME_HEX} 0006 48656c6c6f21 ${LOBBY_HEX}`,
  ],
  [
    { type: 'registered', requestId: 1, nickname: nick('Zoë'), sessionId: session(12) },
    `00000013 41 00000001 ${ZOE_HEX} 000000000000000c`,
  ],
  [
    { type: 'accepted', requestId: 2, epoch: 5, sequence: 42, time: TIME },
    `0000001d 42 00000002 0000000000000005 000000000000002a ${TIME_HEX}`,
  ],
  [
    { type: 'failed', requestId: 3, code: 'nickname-taken', message: 'taken', retryAfterMs: undefined },
    '0000000e 43 00000003 05 0005 74616b656e 00',
  ],
  [
    { type: 'failed', requestId: 3, code: 'rate-limited', message: 'slow down', retryAfterMs: 250 },
    '00000016 43 00000003 09 0009 736c6f7720646f776e 01 000000fa',
  ],
  [
    {
      type: 'users',
      requestId: 4,
      room: room('lobby'),
      users: [
        { nickname: nick('Zoë'), joinedAt: TIME },
        { nickname: nick('bob'), joinedAt: TIME + 1 },
      ],
      nextCursor: undefined,
    },
    `0000002e 44 00000004 ${LOBBY_HEX} 0002 000e ${ZOE_HEX} ${TIME_HEX} 000d ${BOB_HEX} 0000018bcfe56801 00`,
  ],
  [
    { type: 'users', requestId: 4, room: room('lobby'), users: [], nextCursor: '17' },
    `00000013 44 00000004 ${LOBBY_HEX} 0000 01 0002 3137`,
  ],
  [
    {
      type: 'files',
      requestId: 5,
      files: [
        { name: file('a b.iso'), size: Number.MAX_SAFE_INTEGER, modifiedAt: TIME, sha256: undefined },
        { name: file('a b.iso'), size: 0, modifiedAt: TIME, sha256: SHA256 },
      ],
      nextCursor: 'a b.iso',
    },
    `00000069 45 00000005 0002 001a ${FILE_HEX} 001fffffffffffff ${TIME_HEX} 00 003a ${FILE_HEX} 0000000000000000 ${TIME_HEX} 01 ${SHA256_HEX} 01 ${FILE_HEX}`,
  ],
  [
    {
      type: 'folder-offer',
      requestId: 6,
      transferId: transfer(9),
      ticket: TICKET,
      ticketLifetimeMs: 30_000,
      udpPort: 8_255,
      name: file('a b.iso'),
      manifestRoot: SHA256,
      manifestBytes: 70_000,
      size: 1_000,
    },
    `00000068 51 00000006 0000000000000009 ${TICKET_HEX} 00007530 203f ${FILE_HEX}
     ${SHA256_HEX} 00011170 00000000000003e8`,
  ],
  [
    {
      type: 'upload-offer',
      requestId: 6,
      transferId: transfer(9),
      ticket: TICKET,
      ticketLifetimeMs: 30_000,
      udpPort: 8_255,
      name: fileName('a b.iso'),
      start: 262_144,
    },
    `00000044 58 00000006 0000000000000009 ${TICKET_HEX} 00007530 203f ${FILE_HEX} 0000000000040000`,
  ],
  [
    {
      type: 'transfer-offer',
      requestId: 6,
      transferId: transfer(9),
      ticket: TICKET,
      ticketLifetimeMs: 30_000,
      udpPort: 8_255,
      name: file('a b.iso'),
      size: 1_000,
      modifiedAt: TIME,
      digests: { sha256: SHA256, chunkRoot: CHUNK_ROOT },
    },
    `0000008f 46 00000006 0000000000000009 ${TICKET_HEX} 00007530 203f ${FILE_HEX}
     00000000000003e8 ${TIME_HEX} 01 0040 ${SHA256_HEX} ${CHUNK_ROOT_HEX}`,
  ],
  [
    {
      type: 'transfer-offer',
      requestId: 6,
      transferId: transfer(9),
      ticket: TICKET,
      ticketLifetimeMs: 30_000,
      udpPort: 8_255,
      name: file('a b.iso'),
      size: 1_000,
      modifiedAt: TIME,
      digests: undefined,
    },
    `0000004d 46 00000006 0000000000000009 ${TICKET_HEX} 00007530 203f ${FILE_HEX}
     00000000000003e8 ${TIME_HEX} 00`,
  ],
  [
    {
      type: 'presence',
      room: room('lobby'),
      members: 7,
      left: [{ nickname: nick('bob'), cause: 'connection-lost', reason: 'gone', time: TIME }],
      joined: [{ nickname: nick('Zoë'), joinedAt: TIME + 1 }],
    },
    `00000036 47 ${LOBBY_HEX} 00000007 0001 0014 ${BOB_HEX} 02 0004 676f6e65 ${TIME_HEX}
     0001 000e ${ZOE_HEX} 0000018bcfe56801`,
  ],
  [
    {
      type: 'rooms',
      requestId: 12,
      rooms: [{ room: room('lobby'), topic: 'all', members: 7, sequence: 42 }],
      nextCursor: '9',
    },
    `00000025 48 0000000c 0001 0018 ${LOBBY_HEX} 0003 616c6c 00000007 000000000000002a 01 0001 39`,
  ],
  [
    {
      type: 'message',
      room: room('lobby'),
      sequence: 42,
      time: TIME,
      from: nick('Zoë'),
      kind: 'text',
      target: 0,
      text: text('hi 🦜\n'),
    },
    '0000001e 49 05 6c6f626279 2a 80d095ffbc31 04 5a6fc3ab 01 00 08 686920f09fa69c0a',
  ],
  [
    {
      type: 'message',
      room: room('lobby'),
      sequence: 300,
      time: TIME,
      from: nick('Zoë'),
      kind: 'delete',
      target: 41,
      text: undefined,
    },
    '00000017 49 05 6c6f626279 ac02 80d095ffbc31 04 5a6fc3ab 03 29 00',
  ],
  [
    {
      type: 'history',
      requestId: 13,
      room: room('lobby'),
      epoch: 5,
      first: 3,
      last: 43,
      entries: [ENTRY, TAKEN_BACK],
    },
    `0000009e 4a 0000000d ${LOBBY_HEX} 0000000000000005 0000000000000003 000000000000002b
     0002 003b ${ENTRY_HEX} 0039 ${TAKEN_BACK_HEX}`,
  ],
  [
    { type: 'transfer-ended', transferId: transfer(9), outcome: 'completed', message: '', bytesSent: 990 },
    '00000014 4b 0000000000000009 01 0000 00000000000003de',
  ],
  [
    { type: 'goodbye', code: 'server-stopping', message: 'back soon', reconnectAfterMs: 5_000 },
    '00000012 4c 09 0009 6261636b20736f6f6e 01 00001388',
  ],
  [{ type: 'goodbye', code: 'left', message: '', reconnectAfterMs: undefined }, '00000005 4c 01 0000 00'],
  [{ type: 'done', requestId: 7 }, '00000005 4d 00000007'],
  [
    {
      type: 'entered',
      room: room('lobby'),
      kind: 'public',
      peer: undefined,
      topic: 'all',
      members: 7,
      epoch: 5,
      first: 3,
      sequence: 42,
    },
    `0000002b 4e ${LOBBY_HEX} 01 00 0003 616c6c 00000007 0000000000000005 0000000000000003
     000000000000002a`,
  ],
  [
    {
      type: 'entered',
      room: must(parseRoomReference(`@${'0f'.repeat(16)}`)),
      kind: 'direct',
      peer: nick('bob'),
      topic: '',
      members: 2,
      epoch: 5,
      first: 1,
      sequence: 0,
    },
    `00000049 4e 0021 40${'3066'.repeat(16)} 02 01 ${BOB_HEX} 0000 00000002 0000000000000005 0000000000000001
     0000000000000000`,
  ],
  [
    {
      type: 'search-results',
      requestId: 14,
      hits: [{ room: room('lobby'), epoch: 5, ...ENTRY }],
      nextCursor: undefined,
    },
    `00000054 4f 0000000e 0001 004a ${LOBBY_HEX} 0000000000000005 ${ENTRY_HEX} 00`,
  ],
  [{ type: 'read-marker', room: room('lobby'), sequence: 42 }, `00000010 50 ${LOBBY_HEX} 000000000000002a`],
  [
    {
      type: 'sent-files',
      requestId: 7,
      files: [{ name: file('a b.iso'), size: 1, time: TIME, from: nick('Zoë'), files: undefined }],
    },
    `00000029 59 00000007 0001 0020 ${FILE_HEX} 0000000000000001 ${TIME_HEX} ${ZOE_HEX} 00`,
  ],
  [
    {
      type: 'sent-files',
      requestId: 7,
      files: [{ name: file('a b.iso'), size: 1, time: TIME, from: nick('Zoë'), files: 2 }],
    },
    `0000002d 59 00000007 0001 0024 ${FILE_HEX} 0000000000000001 ${TIME_HEX} ${ZOE_HEX} 0100000002`,
  ],
  [
    {
      type: 'roles',
      requestId: 26,
      room: room('lobby'),
      entry: 'invited',
      slowModeMs: 5_000,
      roles: [
        { nickname: nick('bob'), role: 'moderator', until: undefined },
        { nickname: nick('Zoë'), role: 'muted', until: TIME },
      ],
    },
    `0000002f 60 0000001a 01 ${LOBBY_HEX} 02 00001388 0002 0007 ${BOB_HEX} 03 00
     0010 ${ZOE_HEX} 05 01 ${TIME_HEX}`,
  ],
  [
    {
      type: 'bans',
      requestId: 27,
      room: undefined,
      bans: [{ banId: 9, target: 'bob', by: nick('Zoë'), reason: 'spam', time: TIME, until: TIME + 1 }],
      nextCursor: undefined,
    },
    `00000035 61 0000001b 00 0001 002a 0000000000000009 ${BOB_HEX} ${ZOE_HEX} 0004 7370616d ${TIME_HEX}
     01 0000018bcfe56801 00`,
  ],
  [
    { type: 'invite-code', requestId: 28, code: 'ab12', expiresAt: TIME },
    `00000013 62 0000001c 0004 61623132 ${TIME_HEX}`,
  ],
  [
    { type: 'removed', room: room('lobby'), by: nick('Zoë'), reason: 'spam', isBanned: 1, until: TIME },
    `0000001e 63 ${LOBBY_HEX} ${ZOE_HEX} 0004 7370616d 01 01 ${TIME_HEX}`,
  ],
  [
    {
      type: 'muted',
      room: room('lobby'),
      isMuted: 1,
      by: nick('Zoë'),
      reason: 'spam',
      until: undefined,
    },
    `00000017 64 01 ${LOBBY_HEX} 01 ${ZOE_HEX} 0004 7370616d 00`,
  ],
  [{ type: 'invited', room: room('lobby'), by: nick('Zoë') }, `0000000e 65 ${LOBBY_HEX} ${ZOE_HEX}`],
  [{ type: 'challenge', requestId: 29, challenge: CHALLENGE }, `00000025 66 0000001d ${TICKET_HEX}`],
  [{ type: 'token', requestId: 33, token: TOKEN }, `00000025 67 00000021 ${SHA256_HEX}`],
  [
    { type: 'credentials', requestId: 34, credentials: [{ kind: 'token', name: 'robot', createdAt: TIME }] },
    `00000019 68 00000022 0001 0010 02 0005 726f626f74 ${TIME_HEX}`,
  ],
  [
    {
      type: 'audit',
      requestId: 37,
      entries: [
        { time: TIME, by: nick('Zoë'), action: 'ban', room: room('lobby'), target: 'bob', detail: 'spam' },
      ],
      nextCursor: '9',
    },
    `00000033 69 00000025 0001 0026 ${TIME_HEX} ${ZOE_HEX} 0003 62616e 01 ${LOBBY_HEX} ${BOB_HEX} 0004 7370616d
     01 0001 39`,
  ],
  [
    { type: 'server-draining', endsWithinMs: 30_000, returnAfterMs: 5_000, message: 'back soon' },
    '00000014 f0 00007530 00001388 0009 6261636b20736f6f6e',
  ],
  [{ type: 'files-changed' }, '00000001 f1'],
  [
    { type: 'role-changed', room: room('lobby'), nickname: nick('Zoë'), role: 'moderator' },
    `0000000f f2 ${LOBBY_HEX} ${ZOE_HEX} 03`,
  ],
  [{ type: 'transfer-queued', request: 6, transferId: transfer(9) }, '0000000d f3 00000006 0000000000000009'],
  [
    {
      type: 'progress',
      room: room('lobby'),
      nickname: nick('Zoë'),
      line: 3,
      direction: 'upload',
      name: file('a b.iso'),
      state: 'failed',
      size: 1_000,
      bytes: 10,
      bytesPerSecond: 0,
    },
    `00000035 f4 ${LOBBY_HEX} ${ZOE_HEX} 00000003 02 ${FILE_HEX} 04 00000000000003e8 000000000000000a 0000000000000000`,
  ],
  [{ type: 'progress-refused', line: 3, code: 'muted', message: 'no' }, '0000000a f5 00000003 30 0002 6e6f'],
];
