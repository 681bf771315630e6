import { createRandom } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/core/config.ts';
import { ClientHandshake } from '../../src/core/handshake/client-handshake.ts';
import { answerSyn, decodeSyn, type Syn } from '../../src/core/handshake/handshake.ts';
import { Endpoint, type PreSharedKey, type ServerIdentity } from '../../src/core/index.ts';
import { HALF_OPEN_CONNECTIONS_WITHOUT_COOKIE } from '../../src/core/limits.ts';
import { generateServerIdentity } from '../../src/node/server-identity.ts';
import { concatenate } from '../support/bytes.ts';
import { drainDatagrams, type SentDatagram, withBitFlipped } from '../support/endpoint-bench.ts';
import { fixedCrypto } from '../support/fixed-crypto.ts';
import { fixedIdentity } from '../support/fixed-identity.ts';
import { patternAt } from '../support/pattern.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';
import { seededCrypto } from '../support/seeded-crypto.ts';
import { TransportPair, type TransportPairOptions } from '../support/transport-pair.ts';

const DELAY_MS = 10;
const identity = fixedIdentity(0x51);
const other = fixedIdentity(0x52);
const CLIENT_ADDRESS = { host: '192.0.2.1', port: 1111 };
const SERVER_ADDRESS = { host: '192.0.2.2', port: 2222 };
const preSharedKey: PreSharedKey = {
  identity: new Uint8Array(16).fill(0xa1),
  key: new Uint8Array(32).fill(0xb2),
};

function open(options: Partial<TransportPairOptions>): TransportPair {
  return TransportPair.open({
    seed: 1,
    link: { delayMs: DELAY_MS },
    clientSends: 3000,
    serverSends: 3000,
    ...options,
  });
}

function expectWhole(pair: TransportPair): void {
  pair.runToEnd({ limitMs: 5000 });
  expect(pair.endKinds).toEqual({ client: 'finished', server: 'finished' });
  expect(pair.clientApplication?.receivedBytes).toBe(3000);
  expect(pair.serverApplication?.receivedBytes).toBe(3000);
}

/** The client's end, when it wrote at once and nothing of it has left. */
function endOfUnwelcome(pair: TransportPair) {
  pair.clientConnection.write(patternAt(0, 3000));
  pair.runUntil(() => pair.ends.client !== undefined, { limitMs: 5000 });
  pair.runToSilence();
  expect(pair.server.events).toEqual([]);
  // SYN and SYN-ACK, perhaps more than once: no DATA packet has left.
  expect(new Set(pair.trace.records.map(({ firstBytes }) => firstBytes[0]))).toEqual(new Set([1, 2]));
  expect(pair.clientConnection.statistics().streamBytesReceived).toBe(0);
  return pair.ends.client?.end;
}

describe('a server with a long-term key', () => {
  // RUDP-IDENTITY-1, RUDP-IDENTITY-3
  test('shows it to a client that does not know it yet', () => {
    const pair = open({ identity });
    expect(pair.clientConnection.serverIdentity).toBeUndefined();
    pair.runToEstablished();
    expect(pair.clientConnection.serverIdentity).toEqual(identity.publicKey);
    expect(pair.serverConnection.serverIdentity).toBeUndefined();
    expectWhole(pair);
  });

  // RUDP-IDENTITY-4
  test('is taken by a client that wants this one, with a pre-shared key and without', () => {
    expectWhole(open({ identity, awaitedIdentity: identity.publicKey }));
    expectWhole(open({ identity, awaitedIdentity: identity.publicKey, preSharedKey }));
  });

  test('keeps it out of sight: neither key nor signature travels in the clear', () => {
    let signature = new Uint8Array(64);
    const spied: ServerIdentity = {
      publicKey: identity.publicKey,
      sign: (message) => {
        signature = new Uint8Array(identity.sign(message));
        return signature;
      },
    };
    const datagrams: Uint8Array[] = [];
    const keep = (_index: number, bytes: Uint8Array) => {
      datagrams.push(bytes.slice());
      return false;
    };
    expectWhole(open({ identity: spied, toClient: { delayMs: DELAY_MS, drop: keep } }));
    const all = Buffer.concat(datagrams);
    expect(signature.some((byte) => byte !== 0)).toBe(true);
    expect([all.indexOf(identity.publicKey), all.indexOf(signature)]).toEqual([-1, -1]);
  });

  // RUDP-IDENTITY-5
  test('signs for no more SYNs from spoofed addresses than it keeps half-open', () => {
    const random = createRandom('flood');
    let signatures = 0;
    const counted = {
      publicKey: identity.publicKey,
      sign: () => {
        signatures += 1;
        return new Uint8Array(64);
      },
    };
    const server = new Endpoint({
      crypto: seededCrypto(random.fork('server')),
      acceptsConnections: true,
      identity: counted,
    });
    for (let index = 0; index < 300; index += 1) {
      const client = new Endpoint({ crypto: seededCrypto(random), acceptsConnections: false });
      client.connect(0, SERVER_ADDRESS);
      const [syn] = drainDatagrams(client, 0);
      server.handleDatagram(0, { host: '192.0.2.66', port: 1 + index }, syn?.bytes as Uint8Array);
      drainDatagrams(server, 0);
    }
    expect(signatures).toBe(HALF_OPEN_CONNECTIONS_WITHOUT_COOKIE);
  });
});

// RUDP-IDENTITY-4
describe('a client that wants one server', () => {
  test('ends when another answers, and says which', () => {
    const end = endOfUnwelcome(open({ identity: other, awaitedIdentity: identity.publicKey }));
    expect(end).toEqual({ kind: 'identity-mismatch', seen: other.publicKey });
  });

  test('ends when a server without a key answers, with a pre-shared key or without', () => {
    for (const key of [{}, { preSharedKey }]) {
      const end = endOfUnwelcome(open({ ...key, awaitedIdentity: identity.publicKey }));
      expect(end).toEqual({ kind: 'identity-mismatch' });
    }
  });

  test('ends soon, and not only when the time for the handshake is over', () => {
    const pair = open({ awaitedIdentity: identity.publicKey });
    pair.runUntil(() => pair.ends.client !== undefined, { limitMs: 5000 });
    expect(pair.now).toBe(2 * DELAY_MS + 300);
  });

  test('takes the right one though somebody on the way was faster', () => {
    const client = new Endpoint({ crypto: fixedCrypto(0x80), acceptsConnections: false });
    const connection = client.connect(0, SERVER_ADDRESS, { serverIdentity: identity.publicKey });
    const syn = drainDatagrams(client, 0)[0] as SentDatagram;
    for (const [index, shown] of [other, undefined, identity].entries()) {
      const server = new Endpoint({
        crypto: fixedCrypto(0x10 + 0x10 * index),
        acceptsConnections: true,
        identity: shown,
      });
      expect(connection.state).toBe('syn-sent');
      server.handleDatagram(0, CLIENT_ADDRESS, syn.bytes.slice());
      const [synAck] = drainDatagrams(server, 0);
      client.handleDatagram(10 + index, SERVER_ADDRESS, synAck?.bytes as Uint8Array);
    }
    expect([connection.state, connection.serverIdentity]).toEqual(['established', identity.publicKey]);
    client.handleDeadline(400);
    expect(connection.end).toBeUndefined();
  });

  test('refuses a key of another length at once', () => {
    const client = new Endpoint({ crypto: fixedCrypto(0x80), acceptsConnections: false });
    const connect = () => client.connect(0, SERVER_ADDRESS, { serverIdentity: new Uint8Array(31) });
    expect(connect).toThrow('rudp setting serverIdentity: expected 32 bytes, found 31 bytes');
  });
});

/** A server that holds the secrets of the handshake, and shows whatever it likes. */
function showing(scriptIdentity: ServerIdentity, awaitedIdentity?: Uint8Array): ScriptedPeer {
  const peer = ScriptedPeer.asServer({ scriptIdentity, ...(awaitedIdentity ? { awaitedIdentity } : {}) });
  peer.advance(1000);
  return peer;
}

// RUDP-IDENTITY-3
describe('a server that claims a key which it does not hold', () => {
  const endOf = (peer: ScriptedPeer) => peer.connection.end;

  test('is found out when it signs with its own', () => {
    const claim = { publicKey: identity.publicKey, sign: other.sign };
    expect(endOf(showing(claim, identity.publicKey))).toEqual({ kind: 'identity-mismatch' });
    // Whoever lies is not talked to, whatever was expected.
    expect(endOf(showing(claim))).toEqual({ kind: 'identity-mismatch' });
  });

  test('is found out when it repeats the signature of another handshake', () => {
    const seen: Uint8Array[] = [];
    const recorded = {
      publicKey: identity.publicKey,
      sign: (message: Uint8Array) => {
        seen.push(identity.sign(message));
        return seen[0] as Uint8Array;
      },
    };
    expectWhole(open({ identity: recorded, awaitedIdentity: identity.publicKey }));
    const replaying = open({ seed: 2, identity: recorded, awaitedIdentity: identity.publicKey });
    expect(endOfUnwelcome(replaying)).toEqual({ kind: 'identity-mismatch' });
  });

  test('is found out whichever bit of key or signature is wrong (768 handshakes)', () => {
    const crypto = fixedCrypto(0x80);
    const config = parseConfig();
    const client = new ClientHandshake(crypto, config, crypto.randomBytes(8));
    const syn = decodeSyn(client.syn) as Syn;
    const complete = (shown: ServerIdentity) => {
      const ids = { clientId: new Uint8Array(8), localId: new Uint8Array(8) };
      const options = { packet: client.syn, ...ids, preSharedKey: undefined, identity: shown };
      return client.complete(answerSyn(crypto, config, syn, options)?.synAck as Uint8Array);
    };
    expect(complete(identity)).toMatchObject({ isIdentityRight: true });
    for (let bit = 0; bit < 512; bit += 1) {
      const sign = (message: Uint8Array) => withBitFlipped(identity.sign(message), bit);
      expect(complete({ publicKey: identity.publicKey, sign })?.isIdentityRight).toBe(false);
    }
    for (let bit = 0; bit < 256; bit += 1) {
      const publicKey = withBitFlipped(identity.publicKey, bit);
      expect(complete({ publicKey, sign: identity.sign })?.isIdentityRight).toBe(false);
    }
  });
});

describe('whoever stands in the middle and has not the secrets', () => {
  function openClient() {
    const client = new Endpoint({ crypto: fixedCrypto(0x80), acceptsConnections: false });
    const connection = client.connect(0, SERVER_ADDRESS);
    const server = new Endpoint({ crypto: fixedCrypto(0x10), acceptsConnections: true, identity });
    server.handleDatagram(0, CLIENT_ADDRESS, drainDatagrams(client, 0)[0]?.bytes as Uint8Array);
    return { client, connection, synAck: drainDatagrams(server, 0)[0]?.bytes as Uint8Array };
  }

  // RUDP-SYN-6, RUDP-IDENTITY-2
  test('changes no bit of the SYN-ACK unseen', () => {
    const { client, connection, synAck } = openClient();
    for (let bit = 0; bit < synAck.length * 8; bit += 1) {
      client.handleDatagram(0, SERVER_ADDRESS, withBitFlipped(synAck, bit));
      expect(connection.state).toBe('syn-sent');
    }
    client.handleDatagram(0, SERVER_ADDRESS, synAck);
    expect(connection.serverIdentity).toEqual(identity.publicKey);
  });

  // RUDP-SYN-6, RUDP-IDENTITY-1
  test('cannot strip the identity from the SYN-ACK', () => {
    const { client, connection, synAck } = openClient();
    // Behind the header, the version, the id, the public key: the parameters, whose last 98 bytes are the identity.
    const start = 11 + 4 + 8 + 32;
    const end = synAck.length - 16;
    const stripped = concatenate(synAck.subarray(0, end - 99), synAck.subarray(end));
    const view = new DataView(stripped.buffer);
    view.setUint16(1, stripped.length);
    view.setUint16(start, end - 99 - start - 2);
    client.handleDatagram(0, SERVER_ADDRESS, stripped);
    expect(connection.state).toBe('syn-sent');
    client.handleDatagram(0, SERVER_ADDRESS, synAck);
    expect(connection.state).toBe('established');
  });

  // RUDP-IDENTITY-4
  test('gets nowhere with keys of its own on both sides', () => {
    // It answers the client as a server of its own, and would open a connection to the real one.
    const attacker = generateServerIdentity();
    const end = endOfUnwelcome(open({ identity: attacker, awaitedIdentity: identity.publicKey }));
    expect(end).toEqual({ kind: 'identity-mismatch', seen: attacker.publicKey });
  });
});
