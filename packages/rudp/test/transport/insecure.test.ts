import { describe, expect, test } from 'vitest';
import { encodeReject } from '../../src/core/handshake/reject.ts';
import { RejectCode } from '../../src/core/index.ts';
import { INSECURE_VERSION } from '../../src/core/packets/packet.ts';
import { errorFromEnd } from '../../src/node/errors.ts';
import { headerBytesOf, isDataOfPhase } from '../support/data-packet.ts';
import { drainDatagrams } from '../support/endpoint-bench.ts';
import { fixedCrypto } from '../support/fixed-crypto.ts';
import { patternAt } from '../support/pattern.ts';
import { type Side, TransportPair } from '../support/transport-pair.ts';

const DELAY_MS = 10;

function open(insecure: readonly Side[], seed = 1): TransportPair {
  return TransportPair.open({
    seed,
    link: { delayMs: DELAY_MS },
    insecure,
    clientSends: 30_000,
    serverSends: 30_000,
  });
}

describe('without packet protection on both ends', () => {
  // RUDP-INSECURE-2
  test('a connection works as any other, and its statistics say what it is', () => {
    const pair = open(['client', 'server']);
    pair.runToEnd({ limitMs: 5000 });
    expect(pair.endKinds).toEqual({ client: 'finished', server: 'finished' });
    expect(pair.clientApplication?.receivedBytes).toBe(30_000);
    expect(pair.clientConnection.statistics().packetProtection).toBe('none');
    expect(pair.serverConnection.statistics().packetProtection).toBe('none');
  });

  // RUDP-INSECURE-2
  test('packets keep their layout, their bytes lie open, replays still have no effect', () => {
    const seen: Uint8Array[] = [];
    const pair = open(['client', 'server']);
    pair.toServer.configure({
      duplicateRatio: 1,
      drop: (_index: number, bytes: Uint8Array) => {
        seen.push(bytes.slice());
        return false;
      },
    });
    pair.runToEnd({ limitMs: 5000 });
    const data = seen.filter((bytes) => isDataOfPhase(bytes, 0));
    for (const bytes of data) {
      const tag = new Uint8Array(16);
      new DataView(tag.buffer).setUint32(0, bytes.length - headerBytesOf(bytes) - 16);
      expect(bytes.subarray(-16)).toEqual(tag);
    }
    expect(Buffer.concat(data).includes(Buffer.from(patternAt(0, 1000)))).toBe(true);
    expect(pair.serverConnection.statistics().packetsDuplicate).toBeGreaterThan(10);
    expect(pair.serverApplication?.receivedBytes).toBe(30_000);
  });
});

// RUDP-INSECURE-1
describe('without packet protection on one end', () => {
  test.each([
    { insecure: 'client', words: 'it speaks version 1, whose packets are protected' },
    { insecure: 'server', words: 'it speaks only connections without packet protection' },
  ] as const)('the $insecure, the client is refused and told why', ({ insecure, words }) => {
    const pair = open([insecure]);
    pair.runUntil(() => pair.ends.client !== undefined, { limitMs: 1000 });
    const end = pair.ends.client?.end;
    expect(end).toMatchObject({ kind: 'refused', code: RejectCode.versionUnsupported });
    expect(end && errorFromEnd(end)?.message).toContain(words);
    expect(pair.server.events).toEqual([]);
  });

  test('a forged REJECT does not talk a secure client into it', () => {
    const pair = open([]);
    const [syn] = drainDatagrams(pair.client.endpoint, 0);
    const forged = encodeReject(fixedCrypto(0), syn?.bytes as Uint8Array, {
      code: RejectCode.versionUnsupported,
      versions: [INSECURE_VERSION],
    });
    pair.client.endpoint.handleDatagram(0, pair.server.address, forged);
    expect(pair.clientConnection.end).toEqual({
      kind: 'refused',
      code: RejectCode.versionUnsupported,
      versions: [INSECURE_VERSION],
    });
    expect(drainDatagrams(pair.client.endpoint, 0)).toEqual([]);
  });

  test('a SYN of a secure client whose version is changed on the way gets no insecure connection', () => {
    const pair = open(['server']);
    const changed = drainDatagrams(pair.client.endpoint, 0)[0]?.bytes as Uint8Array;
    new DataView(changed.buffer).setUint32(11, INSECURE_VERSION);
    pair.server.endpoint.handleDatagram(0, pair.client.address, changed);
    expect([pair.server.endpoint.connectionCount, drainDatagrams(pair.server.endpoint, 0)]).toEqual([0, []]);
  });
});
