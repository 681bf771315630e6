import { createRandom } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import { decodeCookie } from '../../src/core/handshake/cookie.ts';
import { type CryptoProvider, Endpoint, type PreSharedKey } from '../../src/core/index.ts';
import { HALF_OPEN_CONNECTIONS_MAX, HALF_OPEN_CONNECTIONS_WITHOUT_COOKIE } from '../../src/core/limits.ts';
import { PacketType } from '../../src/core/packets/packet.ts';
import { drainDatagrams, drainEvents, withBitFlipped } from '../support/endpoint-bench.ts';
import { fixedCrypto } from '../support/fixed-crypto.ts';
import { cheapCrypto, seededCrypto } from '../support/seeded-crypto.ts';

const CLIENT_ADDRESS = { host: '192.0.2.1', port: 1111 };
const SERVER_ADDRESS = { host: '192.0.2.2', port: 2222 };

/** A listener that others have loaded with as many half-open connections as it takes without a cookie. */
function loadedServer(
  look: () => void = () => {},
  // Not fixedCrypto: ids have to differ.
  crypto: CryptoProvider = seededCrypto(createRandom('loaded')),
  othersCrypto: CryptoProvider = fixedCrypto(0x90),
): Endpoint {
  const preSharedKey: PreSharedKey = {
    identity: new Uint8Array(16).fill(1),
    key: new Uint8Array(32).fill(2),
  };
  const server = new Endpoint({
    crypto,
    acceptsConnections: true,
    acceptPreSharedKey: () => {
      look();
      return { key: preSharedKey.key };
    },
  });
  const others = new Endpoint({ crypto: othersCrypto, acceptsConnections: false });
  for (let count = 0; count < HALF_OPEN_CONNECTIONS_WITHOUT_COOKIE; count += 1) {
    others.connect(0, SERVER_ADDRESS, { preSharedKey });
    const syn = drainDatagrams(others, 0)[0]?.bytes as Uint8Array;
    server.handleDatagram(0, { host: '198.51.100.1', port: 1000 + count }, syn.slice());
    expect(drainDatagrams(server, 0)[0]?.bytes[0]).toBe(PacketType.synAck);
  }
  return server;
}

function openClient(crypto = fixedCrypto(0x80)) {
  const endpoint = new Endpoint({ crypto, acceptsConnections: false });
  const preSharedKey = { identity: new Uint8Array(16).fill(1), key: new Uint8Array(32).fill(2) };
  const connection = endpoint.connect(0, SERVER_ADDRESS, { preSharedKey });
  return { endpoint, connection, syn: drainDatagrams(endpoint, 0)[0]?.bytes as Uint8Array };
}

function ask(endpoint: Endpoint, from: typeof CLIENT_ADDRESS, bytes: Uint8Array, now: number): Uint8Array[] {
  endpoint.handleDatagram(now, from, bytes.slice());
  return drainDatagrams(endpoint, now).map((datagram) => datagram.bytes);
}

describe('a listener with many half-open connections', () => {
  // RUDP-COOKIE-1
  test('answers a SYN with a cookie and keeps nothing: no state, no look at the key', () => {
    let looks = 0;
    const server = loadedServer(() => {
      looks += 1;
    });
    const looksBefore = looks;
    const before = server.connectionCount;
    const { syn } = openClient();
    const answers = ask(server, CLIENT_ADDRESS, syn, 100);
    expect(answers.map((bytes) => bytes[0])).toEqual([PacketType.cookie]);
    expect((answers[0] as Uint8Array).length).toBeLessThan(syn.length / 10);
    expect([server.connectionCount, looks]).toEqual([before, looksBefore]);
  });

  // RUDP-COOKIE-2, RUDP-COOKIE-3
  test('accepts the SYN that brings the cookie back, and the connection is established', () => {
    const server = loadedServer();
    const { endpoint, connection, syn } = openClient();
    const [cookie] = ask(server, CLIENT_ADDRESS, syn, 100) as [Uint8Array];
    const [second] = ask(endpoint, SERVER_ADDRESS, cookie, 110) as [Uint8Array];
    expect(second).toHaveLength(syn.length);
    expect(second).not.toEqual(syn);
    const [synAck] = ask(server, CLIENT_ADDRESS, second, 120) as [Uint8Array];
    expect(synAck[0]).toBe(PacketType.synAck);
    const [ack] = ask(endpoint, SERVER_ADDRESS, synAck, 130) as [Uint8Array];
    expect(connection.state).toBe('established');
    ask(server, CLIENT_ADDRESS, ack, 140);
    expect(drainEvents(server).map(({ type }) => type)).toContain('connection-accepted');
  });

  // RUDP-COOKIE-2
  test.each([
    { name: 'another host', from: { host: '192.0.2.9', port: 1111 }, now: 120 },
    { name: 'another port', from: { host: '192.0.2.1', port: 1112 }, now: 120 },
    { name: 'the same address 16 seconds later', from: CLIENT_ADDRESS, now: 17_100 },
  ])('asks again when the cookie comes from $name', ({ from, now }) => {
    const server = loadedServer();
    const { endpoint, syn } = openClient();
    const [cookie] = ask(server, CLIENT_ADDRESS, syn, 100) as [Uint8Array];
    const [second] = ask(endpoint, SERVER_ADDRESS, cookie, 110) as [Uint8Array];
    // Time passes without the listener's timers: its half-open connections stay, and so does the load.
    expect(ask(server, from, second, now).map((bytes) => bytes[0])).toEqual([PacketType.cookie]);
  });

  // RUDP-COOKIE-2
  test('still accepts a cookie in its fifteenth second', () => {
    const server = loadedServer();
    const { endpoint, syn } = openClient();
    const [cookie] = ask(server, CLIENT_ADDRESS, syn, 100) as [Uint8Array];
    const [second] = ask(endpoint, SERVER_ADDRESS, cookie, 110) as [Uint8Array];
    expect(ask(server, CLIENT_ADDRESS, second, 15_900).map((bytes) => bytes[0])).toEqual([PacketType.synAck]);
  });

  // RUDP-SYN-9
  test('drops every SYN beyond its bound, cookie or not', () => {
    const cheaply = (seed: number) => cheapCrypto(createRandom(seed));
    const server = loadedServer(() => {}, cheaply(0x10), cheaply(0x90));
    const room = HALF_OPEN_CONNECTIONS_MAX - HALF_OPEN_CONNECTIONS_WITHOUT_COOKIE;
    for (let port = 2000; port < 2000 + room; port += 1) {
      const { endpoint, syn } = openClient(cheaply(0x80));
      const from = { host: '192.0.2.1', port };
      const [cookie] = ask(server, from, syn, 100) as [Uint8Array];
      ask(server, from, ask(endpoint, SERVER_ADDRESS, cookie, 110)[0] as Uint8Array, 120);
    }
    expect(ask(server, CLIENT_ADDRESS, openClient(cheaply(0x80)).syn, 130)).toEqual([]);
  });
});

describe('a client', () => {
  // RUDP-COOKIE-3
  test('ignores a COOKIE with any bit flipped, and takes the genuine one afterwards', () => {
    const server = loadedServer();
    const { endpoint, syn } = openClient();
    const [cookie] = ask(server, CLIENT_ADDRESS, syn, 100) as [Uint8Array];
    for (let bit = 0; bit < cookie.length * 8; bit += 1)
      expect(ask(endpoint, SERVER_ADDRESS, withBitFlipped(cookie, bit), 110)).toEqual([]);
    expect(ask(endpoint, SERVER_ADDRESS, cookie, 110)).toHaveLength(1);
  });

  // RUDP-COOKIE-3
  test('carries cookies back three times and no more', () => {
    const server = loadedServer();
    const client = openClient();
    let syn = client.syn;
    for (let round = 0; round < 3; round += 1) {
      const [cookie] = ask(server, { host: '192.0.2.1', port: 3000 + round }, syn, 100) as [Uint8Array];
      [syn] = ask(client.endpoint, SERVER_ADDRESS, cookie, 110) as [Uint8Array];
      expect(syn).toBeDefined();
    }
    const [cookie] = ask(server, { host: '192.0.2.1', port: 4000 }, syn, 100) as [Uint8Array];
    expect(decodeCookie(fixedCrypto(0), syn, cookie)).toBeDefined();
    expect(ask(client.endpoint, SERVER_ADDRESS, cookie, 110)).toEqual([]);
  });
});
