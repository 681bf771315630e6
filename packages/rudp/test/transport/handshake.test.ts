import type { LinkOptions } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import { Endpoint } from '../../src/core/index.ts';
import { isDataType } from '../../src/core/packets/packet.ts';
import { fixedCrypto } from '../support/fixed-crypto.ts';
import { PacketLog } from '../support/packet-log.ts';
import { patternAt } from '../support/pattern.ts';
import { PLAIN_WINDOW } from '../support/plain-window.ts';
import { TransportPair, type TransportPairOptions } from '../support/transport-pair.ts';

const DELAY_MS = 10;

/** What each datagram of a trace was, by its first byte. */
function kindsOf(pair: TransportPair): string[] {
  const names: Record<number, string> = { 1: 'SYN', 2: 'SYN-ACK', 3: 'REJECT' };
  return pair.trace.records.map(({ firstBytes: [type = 0] }) =>
    isDataType(type) ? 'DATA' : (names[type] ?? 'unknown'),
  );
}

/** Loses the datagrams with these indexes, counted for each direction. */
const losing = (...indexes: readonly number[]): LinkOptions => ({
  drop: (index) => indexes.includes(index),
});

function openLosing(seed: string, toServer: readonly number[], toClient: readonly number[]): TransportPair {
  return TransportPair.open({
    seed,
    link: { delayMs: DELAY_MS },
    toServer: losing(...toServer),
    toClient: losing(...toClient),
    clientSends: 3000,
    serverSends: 3000,
  });
}

function expectWhole(pair: TransportPair): void {
  expect(pair.endKinds).toEqual({ client: 'finished', server: 'finished' });
  expect(pair.clientApplication?.receivedBytes).toBe(3000);
  expect(pair.serverApplication?.receivedBytes).toBe(3000);
}

test('takes exactly SYN, SYN-ACK and ACK', () => {
  const log = new PacketLog();
  let datagramsUntilAccepted: number | undefined;
  const pair = TransportPair.open({
    seed: 1,
    link: { delayMs: DELAY_MS },
    log,
    config: PLAIN_WINDOW,
    clientFinishes: 'never',
    serverFinishes: 'never',
    onEvent: (_side, event, { trace, now }) => {
      if (event.type !== 'connection-accepted') return;
      datagramsUntilAccepted = trace.records.filter(({ sentAtMs }) => sentAtMs < now).length;
    },
  }).runToEstablished();
  expect(datagramsUntilAccepted).toBe(3);
  expect(kindsOf(pair).slice(0, 3)).toEqual(['SYN', 'SYN-ACK', 'DATA']);
  expect(log.from('client')[0]?.frames).toEqual([{ type: 'handshake-ack' }]);
  expect(pair.now).toBe(3 * DELAY_MS);
});

test('its ACK is in the first packet of the client, with stream bytes if there are any', () => {
  const log = new PacketLog();
  const pair = TransportPair.open({ seed: 1, link: { delayMs: DELAY_MS }, log, config: PLAIN_WINDOW });
  pair.clientConnection.write(patternAt(0, 100_000));
  pair.runToEnd({ limitMs: 1000 });
  expect(log.from('client')[0]?.frames.map(({ type }) => type)).toEqual(['handshake-ack', 'stream']);
});

test('both sides know the round-trip time from it', () => {
  const pair = TransportPair.open({ seed: 1, link: { delayMs: DELAY_MS } }).runToEstablished();
  expect(pair.clientConnection.statistics().smoothedRttMs).toBe(2 * DELAY_MS);
  expect(pair.serverConnection.statistics().smoothedRttMs).toBe(2 * DELAY_MS);
});

// RUDP-SYN-6, RUDP-SYN-8
describe('survives the loss of', () => {
  const datagrams = Array.from({ length: 6 }, (_, index) => index);

  test.each(datagrams)('datagram %i to the server', (index) => {
    const pair = openLosing(`to server ${index}`, [index], []);
    pair.runToEnd({ limitMs: 2000 });
    expectWhole(pair);
  });

  test.each(datagrams)('datagram %i to the client', (index) => {
    const pair = openLosing(`to client ${index}`, [], [index]);
    pair.runToEnd({ limitMs: 2000 });
    expectWhole(pair);
  });

  test('any two datagrams, of one or both directions', () => {
    const places = datagrams.flatMap((index) => [
      { toServer: [index], toClient: [] },
      { toServer: [], toClient: [index] },
    ]);
    for (const [number, one] of places.entries()) {
      for (const other of places.slice(number + 1)) {
        const toServer = [...one.toServer, ...other.toServer];
        const toClient = [...one.toClient, ...other.toClient];
        const pair = openLosing(`to server ${toServer}, to client ${toClient}`, toServer, toClient);
        pair.runToEnd({ limitMs: 3000 });
        expectWhole(pair);
      }
    }
  });

  test('every handshake packet but the fifth of each side', () => {
    const pair = TransportPair.open({
      seed: 5,
      link: { delayMs: DELAY_MS, drop: (index, bytes) => index < 4 && !isDataType(bytes[0]) },
      clientSends: 100,
    });
    pair.runToEnd({ limitMs: 10_000 });
    expect(pair.endKinds).toEqual({ client: 'finished', server: 'finished' });
  });

  test('the ACK, when neither side has anything to send', () => {
    const pair = TransportPair.open({
      seed: 6,
      link: { delayMs: DELAY_MS },
      toServer: losing(1),
      clientFinishes: 'never',
      serverFinishes: 'never',
    });
    pair.runUntil(() => pair.serverApplication !== undefined, { limitMs: 1000 });
    expect(pair.serverConnection.state).toBe('established');
  });
});

describe('nobody answers', () => {
  function openToNobody(config: TransportPairOptions['config'] = {}): TransportPair {
    return TransportPair.open({ seed: 7, link: { delayMs: DELAY_MS, drop: () => true }, config });
  }

  // RUDP-SYN-1, RUDP-SYN-8
  test('the same SYN goes out after 300 and 900 ms, then once a second', () => {
    const sent: { atMs: number; bytes: string }[] = [];
    const pair = openToNobody();
    pair.toServer.configure({
      drop: (_index, bytes) => {
        sent.push({ atMs: pair.now, bytes: Buffer.from(bytes).toString('hex') });
        return true;
      },
    });
    pair.run();
    expect(sent.map(({ atMs }) => atMs)).toEqual([
      0, 300, 900, 1900, 2900, 3900, 4900, 5900, 6900, 7900, 8900, 9900,
    ]);
    expect(new Set(sent.map(({ bytes }) => bytes)).size).toBe(1);
    expect(sent[0]?.bytes.length).toBe(2 * 1200);
  });

  // RUDP-SYN-8
  test('the connection ends after ten seconds, and nothing is left of it', () => {
    const pair = openToNobody();
    pair.run();
    expect(pair.now).toBe(10_000);
    expect(pair.ends.client?.end).toEqual({ kind: 'handshake-timed-out' });
    expect(pair.clientConnection.state).toBe('closed');
    expect(pair.client.endpoint.connectionCount).toBe(0);
    expect(pair.client.endpoint.pollDeadline()).toBeUndefined();
  });

  // RUDP-SYN-8
  test('both times follow the configuration', () => {
    const pair = openToNobody({ initialRttMs: 10, handshakeTimeoutMs: 1000 });
    pair.run();
    expect(pair.trace.records.map(({ sentAtMs }) => sentAtMs)).toEqual([0, 30, 90, 210, 450, 930]);
    expect(pair.now).toBe(1000);
  });

  test('a server whose client vanished after its SYN says nothing to its owner and forgets', () => {
    const pair = TransportPair.open({ seed: 8, link: { delayMs: DELAY_MS }, toClient: { drop: () => true } });
    pair.run();
    expect(pair.server.events).toEqual([]);
    expect(pair.server.endpoint.connectionCount).toBe(0);
    expect(pair.ends.client?.end).toEqual({ kind: 'handshake-timed-out' });
  });
});

describe('duplicates', () => {
  // RUDP-SYN-6
  test('of every datagram make one connection and one event each', () => {
    const pair = TransportPair.open({
      seed: 9,
      link: { delayMs: DELAY_MS, duplicateRatio: 1, jitterMs: 5 },
      clientSends: 3000,
      serverSends: 3000,
    });
    pair.runToEnd({ limitMs: 2000 });
    expectWhole(pair);
    expect(pair.server.events.filter(({ type }) => type === 'connection-accepted')).toHaveLength(1);
    expect(pair.client.events.filter(({ type }) => type === 'connection-established')).toHaveLength(1);
  });

  // RUDP-SYN-6
  test('of the SYN-ACK are answered with another HANDSHAKE-ACK', () => {
    const log = new PacketLog();
    let synAck: Uint8Array | undefined;
    const pair = TransportPair.open({
      seed: 10,
      log,
      link: { delayMs: DELAY_MS },
      toClient: {
        drop: (index, bytes) => {
          if (index === 0) synAck = bytes.slice();
          return false;
        },
      },
      clientFinishes: 'never',
      serverFinishes: 'never',
    }).runToEstablished();
    pair.run({ untilMs: 1000 });
    const before = log.from('client').length;
    pair.client.endpoint.handleDatagram(pair.now, pair.server.address, synAck as Uint8Array);
    pair.settle();
    const answers = log.from('client').slice(before);
    expect(answers.flatMap(({ frames }) => frames.map(({ type }) => type))).toEqual(['handshake-ack']);
  });

  test('of a SYN-ACK that reach a server are none of its business', () => {
    const log = new PacketLog();
    const pair = TransportPair.open({
      seed: 11,
      log,
      link: { delayMs: DELAY_MS },
      clientFinishes: 'never',
      serverFinishes: 'never',
    }).runToEstablished();
    pair.run({ untilMs: 1000 });
    const forged = new Uint8Array(95);
    forged.set(Buffer.from(`02005f${pair.serverConnection.localId}`, 'hex'));
    const before = log.from('server').length;
    pair.server.endpoint.handleDatagram(pair.now, pair.client.address, forged);
    pair.settle();
    expect(log.from('server').length).toBe(before);
  });
});

describe('who listens', () => {
  test('an endpoint that does not accept connections is silent', () => {
    const client = new Endpoint({ crypto: fixedCrypto(1), acceptsConnections: false });
    const other = new Endpoint({ crypto: fixedCrypto(2), acceptsConnections: false });
    client.connect(0, { host: 'other', port: 1 });
    const buffer = new Uint8Array(65_536);
    const train = client.pollTransmit(0, buffer);
    other.handleDatagram(0, { host: 'client', port: 1 }, buffer.slice(0, train?.byteLength));
    expect(other.pollTransmit(0, buffer)).toBeUndefined();
    expect(other.connectionCount).toBe(0);
  });

  test('bytes written and finished before the handshake leave with it', () => {
    const pair = TransportPair.open({ seed: 12, link: { delayMs: DELAY_MS } });
    expect(pair.clientConnection.write(patternAt(0, 10))).toBe(10);
    pair.clientConnection.finish();
    pair.runUntil(() => (pair.serverApplication?.connection.receivedBytesContiguous ?? 0) === 10, {
      limitMs: 3 * DELAY_MS,
    });
  });
});
