import { readFileSync } from 'node:fs';
import {
  CLIENT_TYPE_BYTES,
  type ClientMessage,
  type ClientMessageId,
  type LoginToken,
  type PublicKey,
  type Sha256,
  type Signature,
  type TransferId,
} from '@parley/protocol';
import { expect, test } from 'vitest';
import { reactionTo, type SessionState } from '../../src/domain/sessions/session-state.ts';
import { PASSWORD, START_TIME, secretOf, VirtualServer } from '../support/virtual-server.ts';

const HELLO = { type: 'hello', versionMin: 1, versionMax: 1, agent: 'test/1' } as const;

// CHAT-HELLO-2
test('answers hello with the version, the name, the time and the room', () => {
  const server = new VirtualServer({ motd: 'Welcome.\nBe kind.' });
  server.advance(1_500.75);
  const client = server.connect();
  client.send({ ...HELLO, versionMax: 40 });
  expect(client.take()).toEqual([
    {
      type: 'hello-ok',
      version: 1,
      serverName: 'Test',
      serverTime: START_TIME + 1_500,
      motd: 'Welcome.\nBe kind.',
      room: 'lobby',
    },
  ]);
});

// CHAT-HELLO-3
test('says goodbye to a client that speaks no common version', () => {
  const server = new VirtualServer();
  const client = server.connect();
  client.send({ ...HELLO, versionMin: 2, versionMax: 9 });
  expect(client.take()).toEqual([
    {
      type: 'goodbye',
      code: 'version-unsupported',
      message: 'this server speaks versions 1 to 1 of the protocol, the client 2 to 9',
      reconnectAfterMs: undefined,
    },
  ]);
  expect(client.isClosed).toBe(true);
  expect(server.server.statistics().sessions).toBe(0);
});

// CHAT-HELLO-1, CHAT-STATE-1
test('a second hello ends the connection', () => {
  const client = new VirtualServer().observer();
  client.send(HELLO);
  expect(client.take()).toMatchObject([{ type: 'goodbye', code: 'protocol-violation' }]);
  expect(client.isClosed).toBe(true);
});

// CHAT-HELLO-4
test('a client that does not say hello for 10 seconds is sent away', () => {
  const server = new VirtualServer();
  const client = server.connect();
  client.send({ type: 'ping', nonce: 1 });
  server.advance(9_999);
  expect(client.take()).toEqual([{ type: 'pong', nonce: 1 }]);
  server.advance(1);
  expect(client.take()).toMatchObject([
    { type: 'goodbye', code: 'hello-timeout', reconnectAfterMs: undefined },
  ]);
  expect(client.isClosed).toBe(true);
  expect(server.server.statistics()).toMatchObject({ sessions: 0, deadlines: 0 });
});

const STATES: readonly SessionState[] = ['greeting', 'observing', 'registered'];
const id = new Uint8Array(16) as ClientMessageId;
const samples: { readonly [Type in ClientMessage['type']]: Extract<ClientMessage, { type: Type }> } = {
  hello: HELLO,
  register: { type: 'register', requestId: 9, nickname: 'zed', secret: secretOf('zed') },
  say: { type: 'say', requestId: 9, clientMessageId: id, room: 'lobby', text: 'hi' },
  'open-direct': { type: 'open-direct', requestId: 9, nickname: 'ann' },
  'join-room': { type: 'join-room', requestId: 9, room: 'lobby' },
  'create-room': { type: 'create-room', requestId: 9, room: 'kitchen', topic: '' },
  'leave-room': { type: 'leave-room', requestId: 9, room: 'lobby', reason: '' },
  'set-topic': { type: 'set-topic', requestId: 9, clientMessageId: id, room: 'lobby', topic: '' },
  'list-rooms': { type: 'list-rooms', requestId: 9, cursor: undefined, limit: 0 },
  'read-history': {
    type: 'read-history',
    requestId: 9,
    room: 'lobby',
    direction: 'after',
    epoch: 0,
    sequence: 0,
    limit: 0,
  },
  search: { type: 'search', requestId: 9, query: 'x', cursor: undefined, limit: 0 },
  edit: { type: 'edit', requestId: 9, clientMessageId: id, room: 'lobby', sequence: 1, text: 'x' },
  delete: { type: 'delete', requestId: 9, clientMessageId: id, room: 'lobby', sequence: 1 },
  'mark-read': { type: 'mark-read', requestId: 9, room: 'lobby', sequence: 1 },
  login: { type: 'login', requestId: 9, nickname: 'ann', secret: secretOf('ann'), password: PASSWORD },
  'create-account': {
    type: 'create-account',
    requestId: 9,
    nickname: 'ann',
    secret: secretOf('ann'),
    password: PASSWORD,
    invite: undefined,
  },
  'set-password': { type: 'set-password', requestId: 9, current: PASSWORD, password: PASSWORD },
  'delete-account': { type: 'delete-account', requestId: 9, password: PASSWORD },
  moderate: {
    type: 'moderate',
    requestId: 9,
    action: 'kick',
    room: 'lobby',
    target: 'ann',
    durationMs: undefined,
    reason: '',
  },
  'set-role': { type: 'set-role', requestId: 9, room: 'lobby', nickname: 'ann', role: 'member' },
  'configure-room': {
    type: 'configure-room',
    requestId: 9,
    room: 'lobby',
    entry: undefined,
    slowModeMs: 0,
  },
  'invite-user': { type: 'invite-user', requestId: 9, room: 'lobby', nickname: 'ann' },
  'list-roles': { type: 'list-roles', requestId: 9, room: 'lobby' },
  'list-bans': { type: 'list-bans', requestId: 9, room: 'lobby', cursor: undefined, limit: 0 },
  'create-invite': { type: 'create-invite', requestId: 9 },
  'request-challenge': { type: 'request-challenge', requestId: 9 },
  'login-key': {
    type: 'login-key',
    requestId: 9,
    nickname: 'ann',
    secret: secretOf('ann'),
    publicKey: new Uint8Array(32) as PublicKey,
    signature: new Uint8Array(64) as Signature,
  },
  'login-token': {
    type: 'login-token',
    requestId: 9,
    secret: secretOf('ann'),
    token: new Uint8Array(32) as LoginToken,
  },
  'add-key': { type: 'add-key', requestId: 9, name: 'a', publicKey: new Uint8Array(32) as PublicKey },
  'create-token': { type: 'create-token', requestId: 9, name: 'a' },
  'list-credentials': { type: 'list-credentials', requestId: 9 },
  'revoke-credential': { type: 'revoke-credential', requestId: 9, name: 'a' },
  'set-emergency': { type: 'set-emergency', requestId: 9, level: 'off' },
  'read-audit': { type: 'read-audit', requestId: 9, room: 'lobby', cursor: undefined, limit: 0 },
  'list-users': { type: 'list-users', requestId: 9, room: 'lobby', cursor: undefined, limit: 0 },
  'list-files': { type: 'list-files', requestId: 9, cursor: undefined, limit: 0, pattern: '', order: 'name' },
  'watch-files': { type: 'watch-files', requestId: 9, isWatching: 1 },
  'request-transfer': {
    type: 'request-transfer',
    requestId: 9,
    name: 'a',
    chunkRoot: undefined,
    ranges: undefined,
    version: undefined,
  },
  'request-folder': {
    type: 'request-folder',
    requestId: 9,
    name: 'a',
    known: undefined,
    ranges: undefined,
    begun: undefined,
  },
  'request-folder-upload': {
    type: 'request-folder-upload',
    requestId: 9,
    name: 'a',
    size: 1,
    largest: 1,
    files: 1,
    entries: 1,
    manifestRoot: new Uint8Array(32) as Sha256,
    manifestBytes: 9,
    room: undefined,
  },
  'request-upload': {
    type: 'request-upload',
    requestId: 9,
    name: 'a',
    size: 1,
    chunkRoot: new Uint8Array(32) as Sha256,
    room: undefined,
  },
  'discard-file': { type: 'discard-file', requestId: 9, name: `@${'0'.repeat(32)}/a` },
  'list-sent': { type: 'list-sent', requestId: 9 },
  'cancel-transfer': { type: 'cancel-transfer', requestId: 9, transferId: 1 as TransferId },
  'tell-progress': {
    type: 'tell-progress',
    line: 1,
    room: 'lobby',
    name: 'a',
    state: 'moving',
    size: 2,
    bytes: 1,
    bytesPerSecond: 1,
  },
  leave: { type: 'leave', reason: '' },
  ping: { type: 'ping', nonce: 9 },
  pong: { type: 'pong', nonce: 9 },
};

// CHAT-STATE-1
test('the table of reactions is the one of the specification', () => {
  const specification = readFileSync(new URL('../../../../docs/spec/chat.md', import.meta.url), 'utf8');
  for (const type of Object.keys(CLIENT_TYPE_BYTES) as ClientMessage['type'][]) {
    const row = ['', ` \`${type}\` `, ...STATES.map((state) => ` ${reactionTo(type, state)} `), ''].join('|');
    expect(specification).toContain(row);
  }
});

// CHAT-STATE-1
test.each(STATES.flatMap((state) => Object.values(samples).map((message) => ({ state, message }))))(
  'while $state, $message.type gets what the table says',
  ({ state, message }) => {
    const server = new VirtualServer();
    const client =
      state === 'greeting'
        ? server.connect()
        : state === 'observing'
          ? server.observer()
          : server.user('ann');
    client.send(message);
    const codes = client.take().map((answer) => ('code' in answer ? answer.code : answer.type));
    const reaction = reactionTo(message.type, state);
    if (reaction === 'violation') expect(codes).toEqual(['protocol-violation']);
    else if (reaction === 'handle') expect(codes).not.toContain('not-registered');
    else expect(codes).toEqual([reaction]);
    expect(client.isClosed).toBe(reaction === 'violation' || message.type === 'leave');
  },
);
