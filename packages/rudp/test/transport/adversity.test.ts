import type { LinkOptions } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import { isDataOfPhase } from '../support/data-packet.ts';
import { patternAt } from '../support/pattern.ts';
import { TransportPair, type TransportPairOptions } from '../support/transport-pair.ts';

const TRANSFER_BYTES = 200_000;

/** Both sides send, both get every byte, both end in order, and nothing is left. */
function expectWhole(options: Omit<TransportPairOptions, 'clientSends' | 'serverSends'>): TransportPair {
  const pair = TransportPair.open({ ...options, clientSends: TRANSFER_BYTES, serverSends: TRANSFER_BYTES });
  pair.runToEnd({ limitMs: 600_000 });
  expect(pair.clientApplication).toMatchObject({ receivedBytes: TRANSFER_BYTES, isReceiveFinished: true });
  expect(pair.serverApplication).toMatchObject({ receivedBytes: TRANSFER_BYTES, isReceiveFinished: true });
  expect(pair.endKinds).toEqual({ client: 'finished', server: 'finished' });
  pair.runToSilence();
  expect(pair.client.endpoint.connectionCount + pair.server.endpoint.connectionCount).toBe(0);
  return pair;
}

const FAULTS: readonly { readonly name: string; readonly link: LinkOptions }[] = [
  { name: '5 % of packets corrupted', link: { corruptRatio: 0.05 } },
  { name: 'every packet twice', link: { duplicateRatio: 1 } },
  { name: '10 % loss', link: { loss: 0.1 } },
  { name: '30 % loss', link: { loss: 0.3 } },
  {
    name: 'losses in bursts of five',
    link: {
      loss: {
        kind: 'gilbert-elliott',
        goodToBadRatio: 0.01,
        badToGoodRatio: 0.2,
        lossInBadRatio: 1,
        lossInGoodRatio: 0,
      },
    },
  },
  { name: 'a fifth held back by 50 ms', link: { reorderRatio: 0.2, holdBackMs: 50 } },
  { name: 'jitter of five times the delay', link: { jitterMs: 100 } },
  { name: 'an outage of 5 s', link: { outages: [{ fromMs: 60, untilMs: 5060 }] } },
  { name: 'a queue of three packets', link: { rateBitsPerSecond: 5e6, queueBytesMax: 4500 } },
  { name: 'a line of 64 kbit/s', link: { rateBitsPerSecond: 64e3, queueBytesMax: 20_000 } },
  { name: 'no delay at all', link: { delayMs: 0 } },
  { name: 'two seconds of delay', link: { delayMs: 2000, rateBitsPerSecond: 10e6 } },
];

// RUDP-PKT-4, RUDP-PKT-6, RUDP-RECV-1
test.each(FAULTS)('a transfer in both directions survives $name', ({ name, link }) => {
  expectWhole({ seed: name, link: { delayMs: 20, rateBitsPerSecond: 20e6, ...link } });
});

describe('corruption', () => {
  // RUDP-PKT-4
  test('is counted, never delivered, and repaired like loss', () => {
    const pair = expectWhole({
      seed: 'corrupted',
      link: { delayMs: 20, corruptRatio: 0.05, rateBitsPerSecond: 20e6 },
    });
    const corrupted = pair.toClient.counters.packetsCorrupted;
    expect(corrupted).toBeGreaterThan(3);
    // A flipped bit in the length or in the connection id keeps a packet from its connection altogether.
    const { packetsUnauthentic } = pair.clientConnection.statistics();
    expect(packetsUnauthentic).toBeGreaterThan(0);
    expect(packetsUnauthentic).toBeLessThanOrEqual(corrupted);
  });
});

describe('duplicates', () => {
  // RUDP-PKT-6
  test('are dropped and counted', () => {
    const pair = expectWhole({ seed: 'doubled', link: { delayMs: 20, duplicateRatio: 1 } });
    const { packetsDuplicate } = pair.clientConnection.statistics();
    expect(packetsDuplicate).toBeGreaterThan(100);
  });

  // RUDP-PKT-6
  test('of every datagram, replayed at the end of the transfer, change nothing', () => {
    const seen: Uint8Array[] = [];
    const pair = TransportPair.open({
      seed: 'replayed',
      link: { delayMs: 20 },
      toClient: {
        drop: (_index, bytes) => {
          seen.push(bytes.slice());
          return false;
        },
      },
      serverSends: TRANSFER_BYTES,
      serverFinishes: 'never',
      clientFinishes: 'never',
    });
    pair.runUntil(() => pair.clientApplication?.receivedBytes === TRANSFER_BYTES);
    pair.run({ untilMs: pair.now + 1000 });
    const before = pair.clientConnection.statistics();
    const events = pair.client.events.length;
    for (const datagram of seen.filter((bytes) => isDataOfPhase(bytes, 0)))
      pair.client.endpoint.handleDatagram(pair.now, pair.server.address, datagram.slice());
    pair.settle();
    const after = pair.clientConnection.statistics();
    expect(after.streamBytesReceived).toBe(before.streamBytesReceived);
    expect(after.packetsDuplicate - before.packetsDuplicate).toBeGreaterThan(100);
    expect([pair.client.events.length, pair.clientConnection.state]).toEqual([events, 'established']);
  });

  // RUDP-PKT-6
  test('from another address are dropped too, and do not move the connection', () => {
    const pair = TransportPair.open({
      seed: 'elsewhere',
      link: { delayMs: 20 },
      clientFinishes: 'never',
      serverFinishes: 'never',
    });
    pair.runToEstablished();
    let last: Uint8Array | undefined;
    pair.toServer.configure({
      drop: (_index, bytes) => {
        last = bytes.slice();
        return false;
      },
    });
    pair.clientConnection.write(patternAt(0, 100));
    pair.run({ untilMs: pair.now + 200 });
    const before = pair.serverConnection.statistics();
    const { remote } = pair.serverConnection;
    const elsewhere = { host: '203.0.113.5', port: 4433 };
    pair.server.endpoint.handleDatagram(pair.now, elsewhere, (last as Uint8Array).slice());
    pair.settle();
    const after = pair.serverConnection.statistics();
    expect(after.packetsDuplicate).toBe(before.packetsDuplicate + 1);
    expect(after.datagramsSent).toBe(before.datagramsSent);
    expect(pair.serverConnection.remote).toEqual(remote);
  });
});
