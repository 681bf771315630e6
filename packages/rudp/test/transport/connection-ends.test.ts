import { readFileSync } from 'node:fs';
import { Pair } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import { type ConnectionEnd, Endpoint, RejectCode, ResetCode } from '../../src/core/index.ts';
import { between } from '../support/document.ts';
import { fixedCrypto } from '../support/fixed-crypto.ts';
import { fixedIdentity } from '../support/fixed-identity.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';
import { TransportPair, type TransportPairOptions } from '../support/transport-pair.ts';

const DELAY_MS = 10;

function open(options: Partial<TransportPairOptions> = {}): TransportPair {
  return TransportPair.open({ seed: 'ends', link: { delayMs: DELAY_MS }, ...options });
}

/** A pair that stays open until somebody ends it. */
function openEstablished(): TransportPair {
  return open({ clientFinishes: 'never', serverFinishes: 'never' }).runToEstablished();
}

/** How the client ended, in virtual time. */
function clientEndOf(pair: TransportPair): ConnectionEnd | undefined {
  pair.runUntil(() => pair.ends.client !== undefined, { limitMs: 120_000 });
  return pair.ends.client?.end;
}

/** A server that restarts and keeps the secret of its resets. */
function statelessResetEnd(): ConnectionEnd | undefined {
  const server = () =>
    new Endpoint({
      crypto: fixedCrypto(0x10),
      acceptsConnections: true,
      resetSecret: new Uint8Array(32).fill(7),
    });
  let current = server();
  const pair = new Pair({
    seed: 'ends',
    link: { delayMs: DELAY_MS },
    client: new Endpoint({ crypto: fixedCrypto(0x80), acceptsConnections: false }),
    server: {
      handleDatagram: (...args: Parameters<Endpoint['handleDatagram']>) => current.handleDatagram(...args),
      handleDeadline: (now: number) => current.handleDeadline(now),
      pollDeadline: () => current.pollDeadline(),
      pollTransmit: (...args: Parameters<Endpoint['pollTransmit']>) => current.pollTransmit(...args),
      pollEvent: () => current.pollEvent(),
    },
  });
  const connection = pair.client.endpoint.connect(pair.now, pair.server.address);
  pair.run({ untilMs: 1000 });
  current = server();
  connection.write(new Uint8Array(100));
  pair.run({ untilMs: 2000 });
  return connection.end;
}

/** One row for each member of the union: a member without a row does not compile. */
const rows: Readonly<Record<ConnectionEnd['kind'], () => ConnectionEnd | undefined>> = {
  finished: () => clientEndOf(open({ clientSends: 1000, serverSends: 1000 })),
  'handshake-timed-out': () => clientEndOf(open({ toServer: { delayMs: DELAY_MS, loss: 1 } })),
  'idle-timed-out': () => {
    const pair = openEstablished();
    pair.toClient.configure({ loss: 1 });
    pair.toServer.configure({ loss: 1 });
    return clientEndOf(pair);
  },
  refused: () => {
    const preSharedKey = { identity: new Uint8Array(16), key: new Uint8Array(32) };
    const unknown = { identity: new Uint8Array(16).fill(1), key: new Uint8Array(32) };
    return clientEndOf(open({ preSharedKey, clientPreSharedKey: unknown }));
  },
  'identity-mismatch': () => {
    const [awaited, shown] = [fixedIdentity(1), fixedIdentity(2)];
    return clientEndOf(open({ identity: shown, awaitedIdentity: awaited.publicKey }));
  },
  'reset-by-peer': () => {
    const pair = openEstablished();
    pair.serverConnection.reset(pair.now, 0x123, 'enough');
    return clientEndOf(pair);
  },
  'stateless-reset': () => statelessResetEnd(),
  'reset-locally': () => {
    const pair = openEstablished();
    pair.clientConnection.reset(pair.now, 0x123, 'enough');
    return clientEndOf(pair);
  },
  'protocol-violation': () => {
    // Nobody of ours breaks the protocol: the other side is a script.
    const peer = ScriptedPeer.established();
    peer.send({ type: 'ack', delayMs: 0, ranges: [[1000, 1001]] });
    return peer.connection.end;
  },
  'endpoint-closed': () => {
    const pair = openEstablished();
    pair.clientConnection.abandon(pair.now, { kind: 'endpoint-closed' });
    return clientEndOf(pair);
  },
};

const details: Readonly<Partial<Record<ConnectionEnd['kind'], object>>> = {
  refused: { code: RejectCode.keyRefused },
  'identity-mismatch': { seen: fixedIdentity(2).publicKey },
  'reset-by-peer': { code: 0x123, reason: 'enough' },
  'reset-locally': { code: 0x123, reason: 'enough' },
  'protocol-violation': { code: ResetCode.unsentPacketAcknowledged },
};

describe('a connection ends as', () => {
  test.each(Object.keys(rows) as ConnectionEnd['kind'][])('%s', (kind) => {
    expect(rows[kind]()).toMatchObject({ kind, ...details[kind] });
  });
});

/** The members of the union with their doc comments, as rows of a table. */
function tableOfEnds(): string {
  const source = readFileSync(new URL('../../src/core/states/connection-end.ts', import.meta.url), 'utf8');
  const [, union = ''] = source.split('export type ConnectionEnd =');
  const members = union.split(';\n\n')[0] ?? '';
  const found = [...members.matchAll(/\/\*\* ([^*]+) \*\/\s+\| \{ readonly kind: '([a-z-]+)'/g)];
  return ['| end | when |', '|---|---|', ...found.map(([, text, kind]) => `| \`${kind}\` | ${text} |`)].join(
    '\n',
  );
}

test('the specification lists every end, in the words of the code', () => {
  const specification = readFileSync(new URL('../../../../docs/spec/rudp.md', import.meta.url), 'utf8');
  // When this fails, paste the received text between the markers.
  expect(between(specification, ['<!-- ends -->', '<!-- /ends -->']).trim()).toBe(tableOfEnds());
  expect(tableOfEnds().split('\n')).toHaveLength(2 + Object.keys(rows).length);
});
