import { createRandom, Simulation } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import {
  type Connection,
  Endpoint,
  type EndpointEvent,
  type PreSharedKey,
  RejectCode,
} from '../../src/core/index.ts';
import { seededCrypto } from '../support/seeded-crypto.ts';
import { singleUseKeys, TransportPair } from '../support/transport-pair.ts';

const DELAY_MS = 10;

function keyNumber(index: number): PreSharedKey {
  return { identity: new Uint8Array(16).fill(index), key: new Uint8Array(32).fill(index + 100) };
}

const known = keyNumber(1);

/** The client is refused within one round trip, and nothing of the attempt is left anywhere. */
function expectRefused(pair: TransportPair): void {
  pair.runUntil(() => pair.ends.client !== undefined, { limitMs: 2 * DELAY_MS });
  expect(pair.ends.client?.end).toEqual({ kind: 'refused', code: RejectCode.keyRefused });
  expect(pair.server.events).toEqual([]);
  pair.runToSilence();
  expect(pair.client.endpoint.connectionCount + pair.server.endpoint.connectionCount).toBe(0);
  // SYN and REJECT: no stream byte has moved.
  expect(pair.trace.records.map(({ byteLength }) => byteLength)).toEqual([1200, 34]);
}

describe('a listener that demands keys', () => {
  // RUDP-PSK-1
  test('accepts a client that names one and holds it, and knows which it was', () => {
    const pair = TransportPair.open({
      seed: 1,
      link: { delayMs: DELAY_MS },
      preSharedKey: known,
      serverSends: 5000,
    });
    pair.runToEnd({ limitMs: 1000 });
    expect(pair.serverConnection.context).toBe('ticket');
    expect(pair.clientApplication?.receivedBytes).toBe(5000);
  });

  // RUDP-PSK-1
  test('refuses a client that names an unknown key', () => {
    expectRefused(
      TransportPair.open({
        seed: 2,
        link: { delayMs: DELAY_MS },
        preSharedKey: known,
        clientPreSharedKey: keyNumber(2),
        serverSends: 5000,
      }),
    );
  });

  // RUDP-PSK-1, RUDP-SYN-4
  test('does not answer a client that knows the identity but not the key, and does not use the key up', () => {
    const pair = TransportPair.open({
      seed: 3,
      link: { delayMs: DELAY_MS },
      preSharedKey: known,
      clientPreSharedKey: { identity: known.identity, key: new Uint8Array(32) },
      config: { handshakeTimeoutMs: 1000 },
    });
    pair.runUntil(() => pair.ends.client !== undefined);
    expect(pair.ends.client?.end).toEqual({ kind: 'handshake-timed-out' });
    expect(pair.server.endpoint.connectionCount).toBe(0);
    pair.client.endpoint.connect(pair.now, pair.server.address, { preSharedKey: known });
    const isAccepted = () => pair.server.events.some(({ type }) => type === 'connection-accepted');
    pair.runUntil(isAccepted, { limitMs: 1000 });
  });

  // RUDP-PSK-1
  test('the refusal survives loss: the SYN that is sent again is refused again', () => {
    const pair = TransportPair.open({
      seed: 4,
      link: { delayMs: DELAY_MS },
      toClient: { drop: (index) => index < 2 },
      preSharedKey: known,
      clientPreSharedKey: keyNumber(2),
    });
    pair.runUntil(() => pair.ends.client !== undefined, { limitMs: 2000 });
    expect(pair.ends.client?.end).toEqual({ kind: 'refused', code: RejectCode.keyRefused });
  });
});

/** One listener with single-use keys, and as many clients as wanted, each with an endpoint of its own. */
function openRoom(seed: string, keys: readonly PreSharedKey[]) {
  const random = createRandom(seed);
  const simulation = new Simulation({ seed, defaultLink: { delayMs: DELAY_MS } });
  const accepted: Connection[] = [];
  const server = new Endpoint({
    crypto: seededCrypto(random.fork('server')),
    acceptsConnections: true,
    acceptPreSharedKey: singleUseKeys(keys),
  });
  const node = simulation.addEndpoint('server', server, {
    onEvent: (event: EndpointEvent) => {
      if (event.type === 'connection-accepted') accepted.push(event.connection);
    },
  });
  const connect = (name: string, preSharedKey: PreSharedKey | undefined): Connection => {
    const endpoint = new Endpoint({ crypto: seededCrypto(random.fork(name)), acceptsConnections: false });
    simulation.addEndpoint(name, endpoint);
    return endpoint.connect(simulation.now, node.address, { preSharedKey });
  };
  return { simulation, accepted, connect, server };
}

describe('a key', () => {
  // RUDP-PSK-1
  test('works once: who comes second with it is refused, in whatever order the two arrive', () => {
    const room = openRoom('twice', [known]);
    const clients = [room.connect('one', known), room.connect('other', known)];
    room.simulation.run({ untilMs: 100 });
    expect(clients.map(({ state }) => state).sort()).toEqual(['closed', 'established']);
    expect(clients.find(({ state }) => state === 'closed')?.end).toEqual({
      kind: 'refused',
      code: RejectCode.keyRefused,
    });
    expect(room.accepted).toHaveLength(1);
  });

  // RUDP-PSK-1
  test('that is missing is refused, and one that nobody asked for too', () => {
    const room = openRoom('missing', [known]);
    const without = room.connect('without', undefined);
    room.simulation.run({ untilMs: 100 });
    expect(without.end).toEqual({ kind: 'refused', code: RejectCode.keyRefused });
    const open = TransportPair.open({ seed: 5, link: { delayMs: DELAY_MS }, clientPreSharedKey: known });
    expectRefused(open);
  });

  // RUDP-SYN-4
  test('is used once though the network doubles and delays the SYN until after the connection', () => {
    const pair = TransportPair.open({
      seed: 6,
      preSharedKey: known,
      toServer: { delayMs: DELAY_MS, duplicateRatio: 1, jitterMs: 3000 },
      toClient: { delayMs: DELAY_MS },
      serverSends: 1000,
    });
    pair.runToEnd({ limitMs: 60_000 });
    pair.runToSilence();
    expect(pair.endKinds).toEqual({ client: 'finished', server: 'finished' });
    expect(pair.server.events.filter(({ type }) => type === 'connection-accepted')).toHaveLength(1);
    expect(pair.server.endpoint.connectionCount).toBe(0);
  });
});

describe('ciphers', () => {
  // RUDP-SYN-5
  test('the server takes the first of its own that the client offers', () => {
    for (const [clientSuites, serverSuites] of [
      [['chacha20-poly1305'], ['aes-128-gcm', 'chacha20-poly1305']],
      [
        ['aes-128-gcm', 'chacha20-poly1305'],
        ['chacha20-poly1305', 'aes-128-gcm'],
      ],
    ] as const) {
      const pair = TransportPair.open({
        seed: 7,
        link: { delayMs: DELAY_MS },
        config: { cipherSuites: clientSuites },
        serverConfig: { cipherSuites: serverSuites },
        serverSends: 5000,
        clientSends: 5000,
      });
      pair.runToEnd({ limitMs: 1000 });
      expect(pair.clientApplication?.receivedBytes).toBe(5000);
      expect(pair.serverApplication?.receivedBytes).toBe(5000);
    }
  });

  // RUDP-SYN-5, RUDP-REJECT-1
  test('none in common: refused with code 3', () => {
    const pair = TransportPair.open({
      seed: 8,
      link: { delayMs: DELAY_MS },
      config: { cipherSuites: ['chacha20-poly1305'] },
      serverConfig: { cipherSuites: ['aes-128-gcm'] },
    });
    pair.runUntil(() => pair.ends.client !== undefined, { limitMs: 100 });
    expect(pair.ends.client?.end).toEqual({ kind: 'refused', code: RejectCode.handshakeFailed });
    expect(pair.server.endpoint.connectionCount).toBe(0);
  });
});
