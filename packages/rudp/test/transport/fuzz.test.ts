import { createRandom } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import { Endpoint } from '../../src/core/index.ts';
import { drainDatagrams, drainEvents } from '../support/endpoint-bench.ts';
import { fixedCrypto } from '../support/fixed-crypto.ts';
import { anyDatagram, mutated } from '../support/fuzz-inputs.ts';
import { fuzzTargets } from '../support/fuzz-targets.ts';
import { TransportPair } from '../support/transport-pair.ts';

const DELAY_MS = 10;
const REMOTE = { host: '192.0.2.1', port: 1111 };

describe('any bytes', () => {
  test('never make a listener throw, and make no connection (20,000 datagrams, seed any-1)', () => {
    const random = createRandom('any-1');
    const endpoint = new Endpoint({ crypto: fixedCrypto(1), acceptsConnections: true });
    for (let index = 0; index < 20_000; index += 1) {
      endpoint.handleDatagram(index, REMOTE, anyDatagram(random));
      drainDatagrams(endpoint, index);
    }
    expect([endpoint.connectionCount, drainEvents(endpoint)]).toEqual([0, []]);
  });

  test('never make a client throw, and do not end its handshake (20,000 datagrams, seed any-2)', () => {
    const random = createRandom('any-2');
    const endpoint = new Endpoint({ crypto: fixedCrypto(1), acceptsConnections: false });
    const connection = endpoint.connect(0, REMOTE);
    const id = Buffer.from(connection.localId, 'hex');
    for (let index = 0; index < 20_000; index += 1) {
      const bytes = anyDatagram(random);
      // With the right connection id it gets past the door.
      if (bytes.length >= 11 && random.chance(0.7)) bytes.set(id, 3);
      endpoint.handleDatagram(0, REMOTE, bytes);
      drainDatagrams(endpoint, 0);
    }
    expect(connection.state).toBe('syn-sent');
  });

  test('never end an established connection, though they name it (20,000 datagrams, seed any-3)', () => {
    const random = createRandom('any-3');
    const pair = TransportPair.open({
      seed: 'any-3',
      link: { delayMs: DELAY_MS },
      clientFinishes: 'never',
      serverFinishes: 'never',
    });
    pair.runToEstablished().run({ untilMs: 1000 });
    for (let index = 0; index < 20_000; index += 1) {
      const bytes = anyDatagram(random);
      const isForClient = random.chance(0.5);
      const connection = isForClient ? pair.clientConnection : pair.serverConnection;
      if (bytes.length >= 11) bytes.set(Buffer.from(connection.localId, 'hex'), 3);
      const target = isForClient ? pair.client : pair.server;
      const source = isForClient ? pair.server : pair.client;
      target.endpoint.handleDatagram(pair.now, source.address, bytes);
      if (index % 100 === 0) pair.settle();
    }
    expect([pair.clientConnection.state, pair.serverConnection.state]).toEqual([
      'established',
      'established',
    ]);
  });
});

/** All datagrams of a transfer with a handshake and a close, by direction. */
function recordedTransfer(seed: string): { toServer: Uint8Array[]; toClient: Uint8Array[] } {
  const toServer: Uint8Array[] = [];
  const toClient: Uint8Array[] = [];
  const keep = (list: Uint8Array[]) => (_index: number, bytes: Uint8Array) => {
    list.push(bytes.slice());
    return false;
  };
  const pair = TransportPair.open({
    seed,
    toServer: { delayMs: DELAY_MS, drop: keep(toServer) },
    toClient: { delayMs: DELAY_MS, drop: keep(toClient) },
    clientSends: 20_000,
    serverSends: 20_000,
  });
  pair.runToEnd();
  return { toServer, toClient };
}

describe('mutated genuine datagrams', () => {
  test('of another connection never make endpoints throw (10,000 datagrams, seed mutated-1)', () => {
    const random = createRandom('mutated-1');
    const { toServer, toClient } = recordedTransfer('other');
    const server = new Endpoint({ crypto: fixedCrypto(1), acceptsConnections: true });
    const client = new Endpoint({ crypto: fixedCrypto(2), acceptsConnections: false });
    const connection = client.connect(0, REMOTE);
    for (let index = 0; index < 5000; index += 1) {
      server.handleDatagram(
        index / 10,
        { host: '192.0.2.9', port: random.integer(1, 50) },
        mutated(random, toServer),
      );
      drainDatagrams(server, index / 10);
      client.handleDatagram(0, REMOTE, mutated(random, toClient));
    }
    expect(connection.state).toBe('syn-sent');
    expect(drainEvents(server)).toEqual([]);
  });
});

// Long runs of the same: npm run fuzz (docs/testing.md).
describe('the targets of npm run fuzz', () => {
  test.each(fuzzTargets.map((target) => ({ ...target })))(
    '$name: nothing but typed ends',
    { timeout: 60_000 },
    (target) => {
      const counts = { inputs: 0, rounds: 0, ends: new Map<string, number>() };
      for (let round = 0; round < target.roundsInTest; round += 1) {
        const outcome = target.run(createRandom(`${target.name}-${round}`));
        counts.rounds += 1;
        counts.inputs += outcome.inputs;
        for (const kind of outcome.ends) counts.ends.set(kind, (counts.ends.get(kind) ?? 0) + 1);
      }
      expect(counts.inputs).toBeGreaterThan(target.roundsInTest);
      // Some must get far, or the test would show little.
      for (const kind of target.endsExpected) expect(counts.ends.get(kind) ?? 0, kind).toBeGreaterThan(2);
    },
  );
});
