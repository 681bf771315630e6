// TLS on real sockets of 127.0.0.1. Everything waits for events, nothing for time.
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { clientMessages } from '@parley/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createParleyServer,
  createSelfSignedIdentity,
  identityFingerprint,
  type ParleyServer,
  type ParleyServerOptions,
  ServerOptionError,
} from '../../src/index.ts';
import { SocketClient } from '../support/socket-client.ts';
import { TlsClient } from '../support/tls-client.ts';
import { messageId, secretOf } from '../support/virtual-server.ts';

const identity = createSelfSignedIdentity(new Date('2026-11-27T10:00:00Z'));
const other = createSelfSignedIdentity(new Date());
let server: ParleyServer;
let refused: { code: string; detail: string }[] = [];
let port = 0;

async function start(options: Partial<ParleyServerOptions> = {}): Promise<void> {
  server = createParleyServer({ host: '127.0.0.1', port: 0, tls: identity, ...options });
  refused = [];
  server.on('fault', (error) => {
    throw error;
  });
  server.on('refused', (refusal) => refused.push(refusal));
  ({ port } = await server.start());
}

afterEach(async () => {
  await server.stop();
  expect(server.statistics()).toMatchObject({ connections: 0, sessions: 0, members: 0, queuedBytes: 0 });
});

/** Everything that arrives until the other side closes. */
async function conversation(...pieces: readonly Uint8Array[]): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1');
  const received: Buffer[] = [];
  socket.on('error', () => {});
  socket.on('data', (chunk) => received.push(chunk));
  for (const piece of pieces) socket.write(piece);
  await once(socket, 'close');
  return Buffer.concat(received);
}

describe('a server with TLS', () => {
  // CHAT-TLS-1
  test('talks as without it', async () => {
    await start();
    const ann = new TlsClient(port);
    ann.send({ type: 'hello', versionMin: 1, versionMax: 1, agent: 'test/1' });
    ann.send({ type: 'register', requestId: 1, nickname: 'ann', secret: secretOf('ann') });
    await ann.next('registered');
    const bob = new TlsClient(port);
    bob.send({ type: 'hello', versionMin: 1, versionMax: 1, agent: 'test/1' });
    bob.send({ type: 'register', requestId: 1, nickname: 'bob', secret: secretOf('bob') });
    await bob.next('registered');
    const text = 'x'.repeat(4_096);
    for (let count = 0; count < 50; count += 1) {
      ann.send({
        type: 'say',
        requestId: count,
        clientMessageId: messageId(`${count}`),
        room: 'lobby',
        text,
      });
    }
    expect(await bob.count('message', 50)).toHaveLength(50);
    expect(ann.socket.getProtocol()).toBe('TLSv1.3');
    ann.send({ type: 'leave', reason: '' });
    expect(await ann.next('goodbye')).toMatchObject({ code: 'left' });
    await ann.closed;
  });

  // CHAT-TLS-1
  test('speaks no older version', async () => {
    await start();
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
    const [error] = await once(socket, 'error');
    expect(error.code).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
    await once(socket, 'close');
    expect(refused).toEqual([
      { code: 'tls-failed', detail: expect.stringContaining('unsupported protocol') },
    ]);
  });

  // CHAT-TLS-3
  test('tells a client of plain TCP, in plain words, that it speaks TLS', async () => {
    await start();
    const plain = new SocketClient(port);
    plain.send({ type: 'hello', versionMin: 1, versionMax: 1, agent: 'test/1' });
    expect(await plain.next('goodbye')).toEqual({
      type: 'goodbye',
      code: 'tls-required',
      message: 'this server speaks TLS: connect with TLS',
      reconnectAfterMs: undefined,
    });
    await plain.closed;
    expect(refused).toEqual([{ code: 'tls-required', detail: 'the client does not speak TLS' }]);
  });

  test.each([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['noise', Buffer.from('deadbeefdeadbeef', 'hex')],
  ])('closes without a word after %s', async (_, bytes) => {
    await start();
    expect(await conversation(bytes)).toHaveLength(0);
  });

  test.each([
    ['a record of noise', Buffer.from(`160301${'0040'}${'ab'.repeat(64)}`, 'hex')],
    ['a record longer than any', Buffer.from(`160301ffff${'00'.repeat(40)}`, 'hex')],
  ])('answers %s with an alert', async (_, bytes) => {
    await start();
    expect((await conversation(bytes))[0]).toBe(0x15);
    expect(refused).toMatchObject([{ code: 'tls-failed' }]);
  });

  test('ends a client that sends noise after the handshake', async () => {
    await start();
    const raw = connect(port, '127.0.0.1');
    await once(raw, 'connect');
    const secured = connectTls({ socket: raw, rejectUnauthorized: false });
    await once(secured, 'secureConnect');
    secured.write(clientMessages.encode({ type: 'ping', nonce: 1 }));
    await once(secured, 'data');
    raw.write(Buffer.from(`1703030020${'ee'.repeat(32)}`, 'hex'));
    await expect(once(secured, 'close')).rejects.toThrow('bad record mac');
  });

  test('frees what a client leaves behind that goes in the middle of the handshake', async () => {
    await start();
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(Buffer.from('16030102000100', 'hex'));
    socket.end();
    socket.resume();
    await once(socket, 'close');
  });

  // CHAT-TLS-1
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['half a handshake', Buffer.from('1603010200010001fc0303', 'hex')],
  ])('does not wait for ever for who sends %s', async (_, bytes) => {
    await start({ doorLimits: { handshakeTimeoutMs: 20 } });
    await conversation(bytes);
    expect(refused).toEqual([{ code: 'tls-failed', detail: 'the handshake took too long' }]);
  });

  test('shows those who come later another identity, and keeps those who are there', async () => {
    await start();
    const early = new TlsClient(port);
    expect((await early.secured())?.toString()).toBe(identity.certificate);
    server.setTls(other);
    const late = new TlsClient(port);
    expect((await late.secured())?.toString()).toBe(other.certificate);
    early.send({ type: 'ping', nonce: 7 });
    expect(await early.next('pong')).toMatchObject({ nonce: 7 });
    expect(() => server.setTls({ ...other, key: identity.key })).toThrow(ServerOptionError);
    expect((await new TlsClient(port).secured())?.toString()).toBe(other.certificate);
  });

  test.each([
    ['no PEM', { certificate: 'x', key: identity.key }],
    ['no key', { certificate: identity.certificate, key: '' }],
    ['no pair', { certificate: identity.certificate, key: other.key }],
  ])('is not made with an identity that is %s', async (_, tls) => {
    await start();
    expect(() => createParleyServer({ host: '127.0.0.1', port: 0, tls })).toThrow(ServerOptionError);
  });
});

test('a server without TLS says in its log that a client wanted it', async () => {
  await start({ tls: undefined as never });
  const details: string[] = [];
  server.on('note', (note) => {
    if (note.name === 'session-ended') details.push(note.detail);
  });
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(socket, 'error');
  expect(details).toEqual(['the client speaks TLS, this server does not']);
});

describe('a certificate that the server makes', () => {
  const certificate = new X509Certificate(identity.certificate);

  test('is signed by itself, for good', () => {
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
    expect(certificate.subject).toBe('CN=parley');
    expect(certificate.subjectAltName).toBe('DNS:parley');
    expect(certificate.validFrom).toBe('Nov 27 10:00:00 2026 GMT');
    expect(certificate.validTo).toBe('Dec 31 23:59:59 9999 GMT');
    expect(BigInt(`0x${certificate.serialNumber}`)).toBeGreaterThan(2n ** 100n);
  });

  // CHAT-TLS-2
  test('has a fingerprint of its key alone', () => {
    expect(identityFingerprint(identity.certificate)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    expect(identityFingerprint(identity.certificate)).not.toBe(identityFingerprint(other.certificate));
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    expect(() => identityFingerprint(publicKey.export({ type: 'spki', format: 'pem' }).toString())).toThrow();
  });
});

// CHAT-FRAME-6
test('the first bytes of a client are read one by one as well', async () => {
  await start();
  const secured = new TlsClient(port);
  await secured.secured();
  for (const byte of clientMessages.encode({ type: 'ping', nonce: 1 })) secured.socket.write(Buffer.of(byte));
  expect(await secured.next('pong')).toMatchObject({ nonce: 1 });
});
