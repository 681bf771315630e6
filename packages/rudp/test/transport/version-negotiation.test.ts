import { expect, test } from 'vitest';
import { parseConfig } from '../../src/core/config.ts';
import { ClientHandshake } from '../../src/core/handshake/client-handshake.ts';
import { encodeReject } from '../../src/core/handshake/reject.ts';
import { SynAcceptor, type SynAcceptorOptions } from '../../src/core/handshake/syn-acceptor.ts';
import { Endpoint, RejectCode } from '../../src/core/index.ts';
import { CONNECTION_ID_BYTES } from '../../src/core/packets/connection-id.ts';
import { toHex } from '../support/bytes.ts';
import { drainDatagrams } from '../support/endpoint-bench.ts';
import { fixedCrypto } from '../support/fixed-crypto.ts';

const CLIENT_ADDRESS = { host: '192.0.2.1', port: 1111 };
const SERVER_ADDRESS = { host: '192.0.2.2', port: 2222 };

type Versions = readonly [number, ...number[]];

function clientOf(versions: Versions): ClientHandshake {
  const crypto = fixedCrypto(0x80);
  return new ClientHandshake(crypto, parseConfig(), crypto.randomBytes(CONNECTION_ID_BYTES), { versions });
}

/** The door of a listener that speaks these versions: what it answers to a SYN. */
function serverOf(versions: Versions): (syn: Uint8Array) => Uint8Array | undefined {
  const crypto = fixedCrypto(0x10);
  let reply: Uint8Array | undefined;
  const options: SynAcceptorOptions = {
    crypto,
    config: () => parseConfig(),
    versions,
    identity: undefined,
    acceptPreSharedKey: undefined,
    newConnectionId: () => ({ text: '00', bytes: crypto.randomBytes(CONNECTION_ID_BYTES) }) as never,
    resetTokenFor: () => new Uint8Array(16),
    reply: (_remote, bytes) => {
      reply = bytes;
    },
  };
  const acceptor = new SynAcceptor(options);
  return (syn) => {
    const result = acceptor.handleSyn(0, CLIENT_ADDRESS, syn);
    return result !== undefined && 'accepted' in result ? result.accepted.synAck : reply;
  };
}

const versionIn = (packet: Uint8Array) => new DataView(packet.buffer).getUint32(11);

/** What a client that speaks these ends up with: a version, or the code of a refusal. */
function meet(client: Versions, server: Versions): { version: number } | { code: number } {
  const handshake = clientOf(client);
  const answer = serverOf(server);
  for (let tries = 0; tries < 3; tries += 1) {
    const packet = answer(handshake.syn) as Uint8Array;
    const refusal = handshake.refusalIn(packet);
    if (refusal === undefined) {
      expect(handshake.complete(packet)).toBeDefined();
      return { version: versionIn(packet) };
    }
    if (!handshake.acceptVersion(refusal)) return { code: refusal.code };
  }
  throw new Error('expected an end after two tries');
}

// RUDP-VERSION-2
test.each([
  { client: [1], server: [1], version: 1 },
  { client: [2, 1], server: [1], version: 1 },
  { client: [1], server: [2, 1], version: 1 },
  { client: [2, 1], server: [2, 1], version: 2 },
  { client: [1, 2], server: [2, 1], version: 1 },
  { client: [4, 3, 1], server: [3, 2, 1], version: 3 },
] as const)('a client of $client and a server of $server agree on $version', (row) => {
  expect(meet(row.client, row.server)).toEqual({ version: row.version });
});

// RUDP-VERSION-2, RUDP-REJECT-1
test('without a common version the client is refused, and told what the server speaks', () => {
  expect(meet([1], [3, 2])).toEqual({ code: RejectCode.versionUnsupported });
  const client = new Endpoint({ crypto: fixedCrypto(0x80), acceptsConnections: false });
  const connection = client.connect(0, SERVER_ADDRESS);
  const syn = drainDatagrams(client, 0)[0]?.bytes as Uint8Array;
  client.handleDatagram(0, SERVER_ADDRESS, serverOf([3, 2])(syn) as Uint8Array);
  expect(connection.end).toEqual({
    kind: 'refused',
    code: RejectCode.versionUnsupported,
    versions: [3, 2],
  });
});

// RUDP-VERSION-3
test('a forged REJECT does not lead two sides to less than both speak', () => {
  const client = clientOf([2, 1]);
  const answer = serverOf([2, 1]);
  // Whoever has seen the SYN can forge a REJECT.
  const forged = { code: RejectCode.versionUnsupported, versions: [1] };
  const reject = encodeReject(fixedCrypto(0), client.syn, forged);
  expect(client.acceptVersion(client.refusalIn(reject) ?? { code: 0, versions: [] })).toBe(true);
  expect(versionIn(client.syn)).toBe(1);
  const refusal = client.refusalIn(answer(client.syn) as Uint8Array);
  expect(refusal?.code).toBe(RejectCode.versionDowngraded);
});

// RUDP-VERSION-3, RUDP-SYN-4
test('nor does changing what the SYN offers: it breaks the binder', () => {
  const client = clientOf([2, 1]);
  client.acceptVersion({ code: RejectCode.versionUnsupported, versions: [1] });
  const syn = client.syn.slice();
  const offer = toHex(syn).indexOf('08080000000200000001') / 2;
  expect(offer).toBeGreaterThan(0);
  syn.set([0, 0, 0, 1], offer + 2);
  expect(serverOf([2, 1])(syn)).toBeUndefined();
});

// RUDP-VERSION-2
test('a client changes its version once in a handshake', () => {
  const client = clientOf([3, 2, 1]);
  const reject = (...versions: number[]) => ({ code: RejectCode.versionUnsupported, versions });
  expect(client.acceptVersion(reject(3))).toBe(false);
  expect(client.acceptVersion(reject(2))).toBe(true);
  expect(client.acceptVersion(reject(1))).toBe(false);
});

// RUDP-VERSION-1
test('what no version changes is where a server looks before it knows the version', () => {
  const syn = clientOf([7]).syn.slice();
  // Everything else may mean anything.
  syn.fill(0xdd, 23);
  const reject = serverOf([1])(syn) as Uint8Array;
  expect(toHex(reject.subarray(0, 18))).toBe(`030022${toHex(syn.subarray(15, 23))}00010100000001`);
});
