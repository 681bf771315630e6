import { createRandom, Pair } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import { type Connection, Endpoint, type EndpointEvent, InvalidConfigError } from '../../src/core/index.ts';
import { STATELESS_RESETS_PER_SECOND_MAX } from '../../src/core/limits.ts';
import { DataBit, isDataType } from '../../src/core/packets/packet.ts';
import { StatelessResetter } from '../../src/core/states/stateless-reset.ts';
import { nodeCryptoProvider } from '../../src/node/crypto-provider.ts';
import { fromHex, toHex } from '../support/bytes.ts';
import { drainDatagrams, drainEvents, withBitFlipped } from '../support/endpoint-bench.ts';
import { seededCrypto } from '../support/seeded-crypto.ts';

const CLIENT_ADDRESS = { host: '192.0.2.1', port: 1111 };
const SERVER_ADDRESS = { host: '192.0.2.2', port: 2222 };
const ELSEWHERE = { host: '203.0.113.5', port: 4433 };
const resetSecret = new Uint8Array(32).fill(0xc3);
const RESET_BYTES = 27;

interface Setup {
  readonly client: Endpoint;
  readonly connection: Connection;
  /** The datagrams of the handshake that came from the server. */
  readonly fromServer: readonly Uint8Array[];
  /** A packet of the client that the server has not seen … */
  readonly firstPacket: Uint8Array;
  /** … and what the client sends when that is not acknowledged. */
  readonly packet: Uint8Array;
  restart(secret?: Uint8Array): Endpoint;
}

function listener(seed: string, secret?: Uint8Array): Endpoint {
  const crypto = seededCrypto(createRandom(seed));
  return new Endpoint({ crypto, acceptsConnections: true, resetSecret: secret });
}

/** A client that is established with a server that is gone. */
function establish(): Setup {
  const client = new Endpoint({ crypto: seededCrypto(createRandom('client')), acceptsConnections: false });
  const server = listener('server', resetSecret);
  const connection = client.connect(0, SERVER_ADDRESS);
  const fromServer: Uint8Array[] = [];
  for (let round = 0; round < 3; round += 1) {
    for (const { bytes } of drainDatagrams(client, round))
      server.handleDatagram(round, CLIENT_ADDRESS, bytes);
    for (const { bytes } of drainDatagrams(server, round)) {
      fromServer.push(bytes.slice());
      client.handleDatagram(round, SERVER_ADDRESS, bytes);
    }
  }
  drainDatagrams(client, 3);
  expect(connection.state).toBe('established');
  drainEvents(client);
  connection.write(new Uint8Array(50));
  const [first] = drainDatagrams(client, 5);
  client.handleDeadline(client.pollDeadline() as number);
  const [datagram] = drainDatagrams(client, 5);
  return {
    client,
    connection,
    fromServer,
    firstPacket: first?.bytes as Uint8Array,
    packet: datagram?.bytes as Uint8Array,
    restart: (secret = resetSecret) => listener('restarted', secret),
  };
}

function ask(endpoint: Endpoint, now: number, from: typeof CLIENT_ADDRESS, bytes: Uint8Array): Uint8Array[] {
  endpoint.handleDatagram(now, from, bytes.slice());
  return drainDatagrams(endpoint, now).map((datagram) => datagram.bytes);
}

function ends(events: readonly EndpointEvent[]): unknown[] {
  return events.flatMap((event) => (event.type === 'closed' ? [event.end] : []));
}

describe('a server that has restarted', () => {
  // RUDP-STATELESS-1, RUDP-STATELESS-3, RUDP-STATELESS-5
  test('answers a packet of a connection that it does not know, and the client ends with the answer', () => {
    const { client, connection, packet, restart } = establish();
    const server = restart();
    const answers = ask(server, 10, CLIENT_ADDRESS, packet);
    expect(answers).toHaveLength(1);
    const [reset] = answers as [Uint8Array];
    expect(reset).toHaveLength(RESET_BYTES);
    expect(reset.length).toBeLessThan(packet.length);
    expect([reset[0], toHex(reset.subarray(3, 11))]).toEqual([0x05, toHex(packet.subarray(1, 9))]);
    expect(server.connectionCount).toBe(0);
    expect(ask(client, 20, SERVER_ADDRESS, reset)).toEqual([]);
    expect(connection.end).toEqual({ kind: 'stateless-reset' });
    expect(ends(drainEvents(client))).toEqual([{ kind: 'stateless-reset' }]);
    expect([client.connectionCount, client.pollDeadline()]).toEqual([0, undefined]);
  });

  // RUDP-STATELESS-1
  test('that has not kept its secret is not believed', () => {
    const { client, connection, packet, restart } = establish();
    const [reset] = ask(restart(new Uint8Array(32)), 10, CLIENT_ADDRESS, packet) as [Uint8Array];
    ask(client, 20, SERVER_ADDRESS, reset);
    expect(connection.end).toBeUndefined();
  });

  // RUDP-STATELESS-4
  test('answers at most ten times in a second, whoever asks', () => {
    const { packet, restart } = establish();
    const server = restart();
    const answersFrom = (startMs: number) => {
      let count = 0;
      for (let index = 0; index < 1000; index += 1) {
        const from = { host: `198.51.100.${index % 250}`, port: 1 + index };
        count += ask(server, startMs + index * 0.9, from, packet).length;
      }
      return count;
    };
    expect(answersFrom(0)).toBe(STATELESS_RESETS_PER_SECOND_MAX);
    expect(answersFrom(1000)).toBe(STATELESS_RESETS_PER_SECOND_MAX);
    expect(STATELESS_RESETS_PER_SECOND_MAX).toBe(10);
  });

  // RUDP-STATELESS-3
  test('answers only what is longer than the answer, and DATA with a whole id', () => {
    const { packet, restart } = establish();
    const answersTo = (length: number, type: number) => {
      const bytes = packet.slice(0, length);
      bytes[0] = type;
      if (!isDataType(type)) new DataView(bytes.buffer).setUint16(1, length);
      return ask(restart(), 10, CLIENT_ADDRESS, bytes).length;
    };
    for (let type = 0; type <= 0xff; type += 1) {
      const hasWholeId = isDataType(type) && (type & DataBit.wholeId) !== 0;
      expect(answersTo(RESET_BYTES + 1, type), `type ${type}`).toBe(hasWholeId ? 1 : 0);
      expect(answersTo(RESET_BYTES, type)).toBe(0);
    }
  });

  // RUDP-ID-3
  test('is asked with a whole id as soon as it is silent, and not before', () => {
    const { firstPacket, packet } = establish();
    expect([firstPacket, packet].map(([type]) => type)).toEqual([0x42, 0x4a]);
  });

  // RUDP-STATELESS-3
  test('does not answer an answer: two of them cannot keep each other busy', () => {
    const { packet, restart } = establish();
    const [reset] = ask(restart(), 10, CLIENT_ADDRESS, packet) as [Uint8Array];
    expect(ask(restart(), 10, SERVER_ADDRESS, reset)).toEqual([]);
  });
});

describe('a client', () => {
  // RUDP-STATELESS-5
  test('ignores a stateless reset with any bit flipped, and takes the genuine one', () => {
    const { client, connection, packet, restart } = establish();
    const [reset] = ask(restart(), 10, CLIENT_ADDRESS, packet) as [Uint8Array];
    for (let bit = 0; bit < reset.length * 8; bit += 1) {
      expect(ask(client, 20, SERVER_ADDRESS, withBitFlipped(reset, bit))).toEqual([]);
      expect(connection.end).toBeUndefined();
    }
    ask(client, 20, SERVER_ADDRESS, reset);
    expect(connection.end).toEqual({ kind: 'stateless-reset' });
  });

  // RUDP-STATELESS-5
  test("ignores one from another address than the server's, and one that is too long or too short", () => {
    const { client, connection, packet, restart } = establish();
    const [reset] = ask(restart(), 10, CLIENT_ADDRESS, packet) as [Uint8Array];
    ask(client, 20, ELSEWHERE, reset);
    const longer = Uint8Array.of(...reset, 0);
    longer[2] = RESET_BYTES + 1;
    ask(client, 20, SERVER_ADDRESS, longer);
    const shorter = reset.slice(0, -1);
    shorter[2] = RESET_BYTES - 1;
    ask(client, 20, SERVER_ADDRESS, shorter);
    expect(connection.end).toBeUndefined();
  });

  // RUDP-STATELESS-5
  test('does not answer packets that it does not know', () => {
    const { client, packet } = establish();
    const unknown = packet.slice();
    unknown[1] = (unknown[1] as number) ^ 1;
    expect(ask(client, 20, SERVER_ADDRESS, unknown)).toEqual([]);
  });

  // RUDP-STATELESS-5
  test('that has ended already keeps its end', () => {
    const { client, connection, packet, restart } = establish();
    const [reset] = ask(restart(), 10, CLIENT_ADDRESS, packet) as [Uint8Array];
    connection.reset(15, 0x100, 'enough');
    drainDatagrams(client, 15);
    ask(client, 20, SERVER_ADDRESS, reset);
    expect(connection.end).toMatchObject({ kind: 'reset-locally' });
  });
});

// RUDP-STATELESS-2
test('whoever listens to the handshake does not see the token', () => {
  const { fromServer, packet, restart } = establish();
  const [reset] = ask(restart(), 10, CLIENT_ADDRESS, packet) as [Uint8Array];
  const token = toHex(reset.subarray(11));
  expect(fromServer.length).toBeGreaterThan(1);
  for (const bytes of fromServer) expect(toHex(bytes)).not.toContain(token);
});

// RUDP-STATELESS-1
test('the token is the beginning of an HMAC over the id, and the secret has 32 bytes', () => {
  const resetter = new StatelessResetter(nodeCryptoProvider, resetSecret);
  const id = fromHex('0001020304050607');
  const expected = nodeCryptoProvider.hmacSha256(resetSecret, id).subarray(0, 16);
  expect(toHex(resetter.tokenFor(id))).toBe(toHex(expected));
  for (const length of [0, 31, 33])
    expect(() => listener('short', new Uint8Array(length))).toThrow(InvalidConfigError);
});

// RUDP-STATELESS-1
test('a listener without a secret draws one, and another the next time', () => {
  const tokenOf = (seed: string) =>
    toHex(new StatelessResetter(seededCrypto(createRandom(seed)), undefined).tokenFor(new Uint8Array(8)));
  expect(tokenOf('a')).not.toBe(tokenOf('b'));
});

// RUDP-STATELESS-3, RUDP-STATELESS-5
test.each([
  { name: 'that sends', clientBytes: 10_000_000 },
  { name: 'that only receives', clientBytes: 0 },
])('a client $name learns of a restart when it asks why the server is silent', ({ clientBytes }) => {
  const delayMs = 40;
  let server = listener('first', resetSecret);
  const pair = new Pair({
    seed: 'restart',
    link: { delayMs, rateBitsPerSecond: 20_000_000 },
    client: new Endpoint({ crypto: seededCrypto(createRandom('client')), acceptsConnections: false }),
    server: {
      handleDatagram: (now: number, remote: typeof CLIENT_ADDRESS, bytes: Uint8Array) =>
        server.handleDatagram(now, remote, bytes),
      handleDeadline: (now: number) => server.handleDeadline(now),
      pollDeadline: () => server.pollDeadline(),
      pollTransmit: (now: number, buffer: Uint8Array) => server.pollTransmit(now, buffer),
      pollEvent: () => server.pollEvent(),
    },
    serverOptions: {
      onEvent: (event: EndpointEvent) => {
        if (event.type === 'connection-accepted') event.connection.write(new Uint8Array(1_000_000));
      },
    },
  });
  const connection = pair.client.endpoint.connect(pair.now, pair.server.address);
  connection.write(new Uint8Array(clientBytes));
  pair.run({ untilMs: 500 });
  server = listener('second', resetSecret);
  const restartedAtMs = pair.now;
  pair.runUntil(() => connection.end !== undefined);
  expect(connection.end).toEqual({ kind: 'stateless-reset' });
  // After a probe timeout, or three of silence when it has nothing to say (RUDP-PATH-10), with whole ids; with the first of them, that is.
  const next = pair.trace
    .select({ from: 'client' })
    .find(({ sentAtMs, firstBytes }) => sentAtMs + delayMs > restartedAtMs && firstBytes[0] === 0x4a);
  expect(pair.now).toBeLessThanOrEqual((next?.sentAtMs as number) + 2 * delayMs + 5);
  expect(pair.now - restartedAtMs).toBeLessThan(2 * delayMs + 5 + 3 * 200);
});
