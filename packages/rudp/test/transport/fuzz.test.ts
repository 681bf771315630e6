import { createRandom, type Random } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import { Endpoint } from '../../src/core/index.ts';
import { concatenate } from '../support/bytes.ts';
import { drainDatagrams, drainEvents } from '../support/endpoint-bench.ts';
import { fixedCrypto } from '../support/fixed-crypto.ts';
import { encodeFrame, type Frame } from '../support/frames.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';
import { TransportPair } from '../support/transport-pair.ts';

const delayMs = 10;
const remote = { host: '192.0.2.1', port: 1111 };

/** Any bytes, about half of them dressed up as one of the packet types with a fitting length. */
function anyDatagram(random: Random): Uint8Array {
  const bytes = random.bytes(random.pick([0, 1, 2, 10, 11, 15, 31, 32, 100, 1199, 1200, 1472]));
  if (bytes.length < 3 || random.chance(0.5)) return bytes;
  bytes[0] = random.pick([0x01, 0x02, 0x03, 0x40, 0x41]);
  new DataView(bytes.buffer).setUint16(1, bytes.length);
  return bytes;
}

/** What an attacker makes of datagrams that it has seen. */
function mutated(random: Random, seen: readonly Uint8Array[]): Uint8Array {
  const genuine = random.pick(seen);
  const bytes = genuine.slice();
  switch (random.integer(0, 8)) {
    case 0: {
      for (let count = random.integer(1, 8); count > 0; count -= 1)
        bytes[random.integer(0, bytes.length - 1)] = random.bits();
      return bytes;
    }
    case 1:
      return bytes.slice(0, random.integer(0, bytes.length));
    case 2: {
      const other = random.pick(seen);
      return concatenate(
        bytes.subarray(0, random.integer(0, bytes.length)),
        other.subarray(random.integer(0, other.length)),
      );
    }
    case 3:
      return concatenate(bytes, random.pick(seen), random.bytes(random.integer(0, 40)));
    case 4: {
      new DataView(bytes.buffer).setUint16(1, random.integer(0, 65_535));
      return bytes;
    }
    case 5: {
      bytes[0] = random.pick([0x01, 0x02, 0x03, 0x40, 0x41, random.integer(0, 255)]);
      return bytes;
    }
    case 6: {
      // A genuine header with another packet number.
      if (bytes.length >= 15) new DataView(bytes.buffer).setUint32(11, random.bits());
      return bytes;
    }
    case 7: {
      bytes.fill(random.integer(0, 255), random.integer(0, bytes.length));
      return bytes;
    }
    default:
      return bytes;
  }
}

describe('any bytes', () => {
  test('never make a listener throw, and make no connection (20,000 datagrams, seed any-1)', () => {
    const random = createRandom('any-1');
    const endpoint = new Endpoint({ crypto: fixedCrypto(1), acceptsConnections: true });
    for (let index = 0; index < 20_000; index += 1) {
      endpoint.handleDatagram(index, remote, anyDatagram(random));
      drainDatagrams(endpoint, index);
    }
    expect([endpoint.connectionCount, drainEvents(endpoint)]).toEqual([0, []]);
  });

  test('never make a client throw, and do not end its handshake (20,000 datagrams, seed any-2)', () => {
    const random = createRandom('any-2');
    const endpoint = new Endpoint({ crypto: fixedCrypto(1), acceptsConnections: false });
    const connection = endpoint.connect(0, remote);
    const id = Buffer.from(connection.localId, 'hex');
    for (let index = 0; index < 20_000; index += 1) {
      const bytes = anyDatagram(random);
      // With the right connection id it gets past the door.
      if (bytes.length >= 11 && random.chance(0.7)) bytes.set(id, 3);
      endpoint.handleDatagram(0, remote, bytes);
      drainDatagrams(endpoint, 0);
    }
    expect(connection.state).toBe('syn-sent');
  });

  test('never end an established connection, though they name it (20,000 datagrams, seed any-3)', () => {
    const random = createRandom('any-3');
    const pair = TransportPair.open({
      seed: 'any-3',
      link: { delayMs },
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
    toServer: { delayMs, drop: keep(toServer) },
    toClient: { delayMs, drop: keep(toClient) },
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
    const connection = client.connect(0, remote);
    for (let index = 0; index < 5000; index += 1) {
      server.handleDatagram(
        index / 10,
        { host: '192.0.2.9', port: random.integer(1, 50) },
        mutated(random, toServer),
      );
      drainDatagrams(server, index / 10);
      client.handleDatagram(0, remote, mutated(random, toClient));
    }
    expect(connection.state).toBe('syn-sent');
    expect(drainEvents(server)).toEqual([]);
  });

  test.each(['middle-1', 'middle-2', 'middle-3', 'middle-4'])(
    'in the middle of a live pair, beside the genuine ones, neither end it nor change a byte (seed %s)',
    (seed) => {
      const random = createRandom(seed);
      let injected = 0;
      const seen: Record<'client' | 'server', Uint8Array[]> = { client: [], server: [] };
      const pair = TransportPair.open({
        seed,
        link: { delayMs, rateBitsPerSecond: 20e6 },
        clientSends: 150_000,
        serverSends: 150_000,
      });
      const attack = (to: 'client' | 'server') => (_index: number, bytes: Uint8Array) => {
        seen[to].push(bytes.slice());
        for (let count = random.integer(0, 4); count > 0; count -= 1) {
          const forged = mutated(random, seen[to].slice(-50));
          injected += 1;
          pair.schedule(pair.now + random.ratio() * 3 * delayMs, () => {
            const source = to === 'client' ? pair.server : pair.client;
            pair[to].endpoint.handleDatagram(pair.now, source.address, forged);
          });
        }
        // Now and then the genuine one does not get through at all.
        return random.chance(0.05);
      };
      pair.toServer.configure({ drop: attack('server') });
      pair.toClient.configure({ drop: attack('client') });
      pair.runToEnd({ limitMs: 120_000 });
      expect(injected).toBeGreaterThan(500);
      expect(pair.endKinds).toEqual({ client: 'finished', server: 'finished' });
      expect(pair.clientApplication).toMatchObject({ receivedBytes: 150_000, isReceiveFinished: true });
      expect(pair.serverApplication).toMatchObject({ receivedBytes: 150_000, isReceiveFinished: true });
    },
  );
});

/** A frame with values at and around the limits. */
function anyFrame(random: Random, endpointPackets: number): Frame {
  const integer = () =>
    random.pick([0, 1, 5, 63, 64, 1000, 16_384, 1 << 20, 2 ** 32, Number.MAX_SAFE_INTEGER - 1]);
  switch (random.integer(0, 9)) {
    case 0:
      return { type: 'ping' };
    case 1:
      return { type: 'max-data', bytesMax: integer() };
    case 2:
      return random.chance(0.2) ? { type: 'fin', finalSize: integer() } : { type: 'padding' };
    case 3:
      return { type: 'handshake-ack' };
    case 4:
      return random.chance(0.05)
        ? { type: 'reset', code: integer(), reason: 'x'.repeat(random.integer(0, 128)) }
        : { type: 'ping' };
    case 5:
    case 6: {
      const end = random.integer(1, Math.max(1, endpointPackets + (random.chance(0.1) ? 2 : 0)));
      const start = random.integer(0, end - 1);
      return { type: 'ack', delayMs: random.pick([0, 1, 25, 1e6]), ranges: [[start, end]] };
    }
    default: {
      const offset = random.chance(0.1) ? integer() : random.integer(0, 5000);
      return { type: 'stream', offset, bytes: random.bytes(random.integer(0, 300)) };
    }
  }
}

describe('a peer that holds the keys and sends nonsense', () => {
  const connections = 250;
  const packetsEach = 30;

  function attack(
    seed: string,
    frameBytes: (random: Random, peer: ScriptedPeer) => Uint8Array,
  ): Map<string, number> {
    const ends = new Map<string, number>();
    for (let index = 0; index < connections; index += 1) {
      const random = createRandom(`${seed}-${index}`);
      const peer = random.chance(0.5) ? ScriptedPeer.established() : ScriptedPeer.asServer();
      const { connection } = peer;
      for (let packet = 0; packet < packetsEach && connection.end === undefined; packet += 1) {
        if (random.chance(0.3)) connection.write(random.bytes(random.integer(0, 20_000)));
        if (random.chance(0.02)) connection.finish();
        if (random.chance(0.3)) connection.read(new Uint8Array(random.integer(0, 5000)));
        if (random.chance(0.05)) connection.pauseReceiving();
        if (random.chance(0.05)) connection.resumeReceiving();
        peer.settle();
        peer.sendBytes(frameBytes(random, peer), peer.nextPacketNumber + random.pick([0, 0, 0, 1, 5]));
        peer.advance(random.pick([0, 1, 10, 200]));
      }
      const kind = connection.end?.kind ?? 'alive';
      ends.set(kind, (ends.get(kind) ?? 0) + 1);
      // Whatever happened, it ends, is reported once, and leaves nothing.
      peer.connection.reset(peer.now, 0x100);
      peer.settle();
      peer.advance(200_000);
      expect(peer.events.filter(({ type }) => type === 'closed')).toHaveLength(1);
      expect([peer.endpoint.connectionCount, peer.endpoint.pollDeadline()]).toEqual([0, undefined]);
    }
    return ends;
  }

  test(`random frames (up to ${connections * packetsEach} packets, seeds frames-0 to ${connections - 1})`, {
    timeout: 30_000,
  }, () => {
    const ends = attack('frames', (random, peer) => {
      const count = random.integer(1, 5);
      return concatenate(
        ...Array.from({ length: count }, () => encodeFrame(anyFrame(random, peer.packets.length))),
      );
    });
    // Some must get far, or the test would show little.
    expect(ends.get('alive')).toBeGreaterThan(10);
    expect(ends.get('protocol-violation')).toBeGreaterThan(10);
  });

  test(`random bytes as frames (up to ${connections * packetsEach} packets, seeds bytes-0 to ${connections - 1})`, {
    timeout: 30_000,
  }, () => {
    const ends = attack('bytes', (random) => {
      const bytes = random.bytes(random.integer(1, 60));
      // Small types, so that more than the first byte is decoded.
      for (let index = 0; index < bytes.length; index += 1)
        if (random.chance(0.5)) bytes[index] = (bytes[index] as number) & 7;
      return bytes;
    });
    expect(ends.get('protocol-violation')).toBeGreaterThan(10);
  });
});
