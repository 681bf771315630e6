import { createRandom } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import { type CryptoProvider, Endpoint, type PreSharedKey, RejectCode } from '../../src/core/index.ts';
import { HALF_OPEN_CONNECTIONS_MAX, HALF_OPEN_CONNECTIONS_WITHOUT_COOKIE } from '../../src/core/limits.ts';
import { advanceTo, drainDatagrams, drainEvents, withBitFlipped } from '../support/endpoint-bench.ts';
import { fixedCrypto } from '../support/fixed-crypto.ts';
import { cheapCrypto } from '../support/seeded-crypto.ts';
import { singleUseKeys } from '../support/transport-pair.ts';

const CLIENT_ADDRESS = { host: '192.0.2.1', port: 1111 };
const SERVER_ADDRESS = { host: '192.0.2.2', port: 2222 };
const preSharedKey: PreSharedKey = {
  identity: new Uint8Array(16).fill(0xa1),
  key: new Uint8Array(32).fill(0xb2),
};

function openClient(options: { preSharedKey?: PreSharedKey; crypto?: CryptoProvider } = {}) {
  const endpoint = new Endpoint({ crypto: options.crypto ?? fixedCrypto(0x80), acceptsConnections: false });
  const connection = endpoint.connect(0, SERVER_ADDRESS, { preSharedKey: options.preSharedKey });
  const syn = drainDatagrams(endpoint, 0)[0]?.bytes as Uint8Array;
  return { endpoint, connection, syn };
}

function openServer(keys: readonly PreSharedKey[] | undefined): Endpoint {
  return new Endpoint({
    crypto: fixedCrypto(0x10),
    acceptsConnections: true,
    acceptPreSharedKey: keys === undefined ? undefined : singleUseKeys(keys),
  });
}

/** Hands a copy of a datagram over and returns what comes back at once. */
function ask(endpoint: Endpoint, from: typeof CLIENT_ADDRESS, bytes: Uint8Array, now = 0): Uint8Array[] {
  endpoint.handleDatagram(now, from, bytes.slice());
  return drainDatagrams(endpoint, now).map((datagram) => datagram.bytes);
}

describe('one flipped bit', () => {
  // RUDP-SYN-4, RUDP-REJECT-2
  test('anywhere in the SYN neither uses up the key nor ends the handshake (9,600 SYNs)', () => {
    const client = openClient({ preSharedKey });
    const server = openServer([preSharedKey]);
    for (let bit = 0; bit < client.syn.length * 8; bit += 1) {
      for (const answer of ask(server, CLIENT_ADDRESS, withBitFlipped(client.syn, bit)))
        client.endpoint.handleDatagram(0, SERVER_ADDRESS, answer);
    }
    expect([server.connectionCount, client.connection.state]).toEqual([0, 'syn-sent']);
    const [synAck] = ask(server, CLIENT_ADDRESS, client.syn);
    client.endpoint.handleDatagram(0, SERVER_ADDRESS, synAck as Uint8Array);
    expect(client.connection.state).toBe('established');
  });

  // RUDP-SYN-2, RUDP-SYN-4
  test('anywhere in a SYN without a key is seen too: the binder is a checksum', () => {
    const client = openClient();
    const server = openServer(undefined);
    for (let bit = 0; bit < client.syn.length * 8; bit += 7)
      ask(server, CLIENT_ADDRESS, withBitFlipped(client.syn, bit));
    expect(server.connectionCount).toBe(0);
  });

  // RUDP-SYN-6, RUDP-REJECT-2
  test('anywhere in the SYN-ACK is ignored, and the genuine one is taken afterwards', () => {
    const client = openClient({ preSharedKey });
    const [synAck] = ask(openServer([preSharedKey]), CLIENT_ADDRESS, client.syn) as [Uint8Array];
    for (let bit = 0; bit < synAck.length * 8; bit += 1) {
      expect(ask(client.endpoint, SERVER_ADDRESS, withBitFlipped(synAck, bit))).toEqual([]);
      expect(client.connection.state).toBe('syn-sent');
    }
    client.endpoint.handleDatagram(0, SERVER_ADDRESS, synAck);
    expect(client.connection.state).toBe('established');
  });

  // RUDP-REJECT-2
  test('anywhere in a REJECT is ignored, and the genuine one is taken afterwards', () => {
    const client = openClient({ preSharedKey });
    const [reject] = ask(openServer([]), CLIENT_ADDRESS, client.syn) as [Uint8Array];
    for (let bit = 0; bit < reject.length * 8; bit += 1) {
      client.endpoint.handleDatagram(0, SERVER_ADDRESS, withBitFlipped(reject, bit));
      expect(client.connection.state).toBe('syn-sent');
    }
    client.endpoint.handleDatagram(0, SERVER_ADDRESS, reject);
    expect(client.connection.end).toEqual({ kind: 'refused', code: RejectCode.keyRefused });
  });
});

describe('golden bytes of a REJECT', () => {
  // RUDP-REJECT-1
  test('name the client, the code, the version and the SYN', () => {
    const client = openClient({ preSharedKey });
    const [reject] = ask(openServer([]), CLIENT_ADDRESS, client.syn) as [Uint8Array];
    const digest = fixedCrypto(0)
      .sha256(Buffer.concat([client.syn, reject.subarray(0, 18)]))
      .subarray(0, 16);
    expect(Buffer.from(reject).toString('hex')).toBe(
      `03 0022 8080808080808080 0002 01 00000001 ${Buffer.from(digest).toString('hex')}`.replaceAll(' ', ''),
    );
  });

  // RUDP-REJECT-1
  test('change nothing once the client is established', () => {
    const client = openClient();
    const [synAck] = ask(openServer(undefined), CLIENT_ADDRESS, client.syn) as [Uint8Array];
    const [reject] = ask(openServer([]), CLIENT_ADDRESS, client.syn) as [Uint8Array];
    client.endpoint.handleDatagram(0, SERVER_ADDRESS, synAck);
    client.endpoint.handleDatagram(0, SERVER_ADDRESS, reject);
    expect(client.connection.state).toBe('established');
  });

  // RUDP-REJECT-1
  test('change nothing when they come from another address', () => {
    const client = openClient({ preSharedKey });
    const [reject] = ask(openServer([]), CLIENT_ADDRESS, client.syn) as [Uint8Array];
    client.endpoint.handleDatagram(0, { ...SERVER_ADDRESS, port: 9 }, reject);
    expect(client.connection.state).toBe('syn-sent');
  });
});

describe('the size and version of a SYN', () => {
  // RUDP-SYN-3
  test('1,199 bytes get no answer, 1,200 do', () => {
    const { syn } = openClient();
    const short = syn.slice(0, 1199);
    new DataView(short.buffer).setUint16(1, 1199);
    expect(ask(openServer(undefined), CLIENT_ADDRESS, short)).toEqual([]);
    expect(ask(openServer(undefined), CLIENT_ADDRESS, syn)).toHaveLength(1);
  });

  // RUDP-SYN-3, RUDP-REJECT-1
  test('another version is answered with REJECT 1, whatever follows it', () => {
    const { syn } = openClient();
    syn.fill(0xee, 11, 15);
    syn.fill(0xdd, 23);
    const [reject] = ask(openServer([preSharedKey]), CLIENT_ADDRESS, syn) as [Uint8Array];
    expect([reject[0], new DataView(reject.buffer).getUint16(11)]).toEqual([
      3,
      RejectCode.versionUnsupported,
    ]);
    expect(reject.subarray(3, 11)).toEqual(syn.subarray(15, 23));
  });
});

describe('addresses that are not validated', () => {
  // RUDP-SYN-7
  test('a forged SYN, sent once, draws less than three times its bytes until the server gives up', () => {
    const { syn } = openClient();
    const server = openServer(undefined);
    let sentBytes = ask(server, CLIENT_ADDRESS, syn).reduce((sum, bytes) => sum + bytes.length, 0);
    sentBytes += advanceTo(server, 60_000).reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(sentBytes).toBeGreaterThan(0);
    expect(sentBytes).toBeLessThanOrEqual(3 * syn.length);
    expect(server.connectionCount).toBe(0);
  });

  // RUDP-SYN-7
  test('the SYN-ACK is sent no more often than three times the bytes received allow', () => {
    // A SYN-ACK of 113 bytes fits 31 times into 3 × 1,200; without the limit a fast timer would send far more.
    const { syn } = openClient();
    const server = new Endpoint({
      crypto: fixedCrypto(0x10),
      acceptsConnections: true,
      config: { initialRttMs: 1, handshakeTimeoutMs: 1e18 },
    });
    const first = ask(server, CLIENT_ADDRESS, syn);
    const later = advanceTo(server, 1e15);
    expect((first.length + later.length) * 113).toBeLessThanOrEqual(3 * 1200);
    expect(later.length).toBeGreaterThan(25);
  });

  // RUDP-SYN-7
  test.each([1, 7])(
    'a SYN that is repeated 100 times from %i addresses keeps the ratio at every moment',
    (addresses) => {
      const { syn } = openClient();
      const server = openServer(undefined);
      const received = new Map<string, number>();
      const sent = new Map<string, number>();
      for (let index = 0; index < 100; index += 1) {
        const from = { host: `192.0.2.${10 + (index % addresses)}`, port: 1 };
        received.set(from.host, (received.get(from.host) ?? 0) + syn.length);
        server.handleDatagram(index, from, syn.slice());
        for (const { remote, bytes } of drainDatagrams(server, index)) {
          sent.set(remote.host, (sent.get(remote.host) ?? 0) + bytes.length);
          expect(sent.get(remote.host)).toBeLessThanOrEqual(3 * (received.get(remote.host) ?? 0));
        }
      }
      // RUDP-PATH-8: it is one and the same SYN.
      expect(server.connectionCount).toBe(1);
    },
  );

  // RUDP-SYN-9, RUDP-COOKIE-1
  test('a flood from spoofed addresses leaves few half-open connections, forgotten when their time is over', () => {
    const server = new Endpoint({ crypto: cheapCrypto(createRandom('flood')), acceptsConnections: true });
    const crypto = cheapCrypto(createRandom('client'));
    const flood = HALF_OPEN_CONNECTIONS_MAX + 50;
    let answers = 0;
    for (let index = 0; index < flood; index += 1)
      answers += ask(server, { host: '192.0.2.66', port: 1 + index }, openClient({ crypto }).syn).length;
    // Every SYN is answered, but beyond the first few only by a cookie, which none of them brings back.
    expect([answers, server.connectionCount]).toEqual([flood, HALF_OPEN_CONNECTIONS_WITHOUT_COOKIE]);
    advanceTo(server, 10_000);
    expect([server.connectionCount, server.pollDeadline()]).toEqual([0, undefined]);
    expect(drainEvents(server)).toEqual([]);
    expect(ask(server, CLIENT_ADDRESS, openClient({ crypto }).syn, 10_001)).toHaveLength(1);
  });

  // RUDP-SYN-9
  test('a connection that was confirmed no longer counts as half-open', () => {
    const random = createRandom('confirmed');
    const server = new Endpoint({ crypto: cheapCrypto(random.fork('server')), acceptsConnections: true });
    for (let index = 0; index < HALF_OPEN_CONNECTIONS_MAX + 10; index += 1) {
      const client = openClient({ crypto: cheapCrypto(random) });
      const from = { host: '192.0.2.66', port: 1 + index };
      const [synAck] = ask(server, from, client.syn) as [Uint8Array];
      expect(synAck).toBeDefined();
      const [ack] = ask(client.endpoint, SERVER_ADDRESS, synAck) as [Uint8Array];
      ask(server, from, ack);
    }
    expect(server.connectionCount).toBe(HALF_OPEN_CONNECTIONS_MAX + 10);
  });
});
