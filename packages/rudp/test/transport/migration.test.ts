import { describe, expect, test } from 'vitest';
import type { EndpointEvent, RemoteAddress } from '../../src/core/index.ts';
import { encodeFrame, type Frame } from '../support/frames.ts';
import { PacketLog } from '../support/packet-log.ts';
import { patternAt } from '../support/pattern.ts';
import { SCRIPT_ADDRESS, ScriptedPeer } from '../support/scripted-peer.ts';
import { TransportPair, type TransportPairOptions } from '../support/transport-pair.ts';

const ELSEWHERE: RemoteAddress = { host: '203.0.113.5', port: 4433 };
const DELAY_MS = 20;

/** Address number `index` of the client; the host stays unless told. */
function addressOf(index: number, isHostNew = false): RemoteAddress {
  return { host: isHostNew ? `198.51.100.${index}` : '10.0.0.1', port: 5000 + index };
}

function migrations(pair: TransportPair): number {
  return (pair.server.events as EndpointEvent[]).filter(({ type }) => type === 'migrated').length;
}

function rebindAt(pair: TransportPair, atMs: number, address: RemoteAddress): void {
  pair.schedule(atMs, () => pair.network.rebind('client', address));
}

const TRANSFERS: readonly { name: string; options: Partial<TransportPairOptions> }[] = [
  { name: 'a download', options: { serverSends: 4_000_000 } },
  { name: 'an upload', options: { clientSends: 4_000_000 } },
];

describe.each(TRANSFERS)('$name', ({ options }) => {
  const rate = { delayMs: DELAY_MS, rateBitsPerSecond: 20_000_000 };

  // RUDP-PATH-2, RUDP-PATH-9
  test.each([
    { name: 'the port of the client changes', isHostNew: false },
    { name: 'the host of the client changes', isHostNew: true },
  ])('goes on when $name in the middle of it', ({ isHostNew }) => {
    const pair = TransportPair.open({ seed: 'rebind', crypto: 'cheap', link: rate, ...options });
    const address = addressOf(1, isHostNew);
    rebindAt(pair, 600, address);
    pair.runToEnd();
    expect(pair.endKinds).toEqual({ client: 'finished', server: 'finished' });
    expect(pair.serverConnection.remote).toEqual(address);
    expect(migrations(pair)).toBe(1);
    // 4 MB at 20 Mbit/s take 1.6 s; the move costs what was on its way and a few round trips.
    expect(pair.now).toBeLessThan(3500);
  });

  // RUDP-PATH-2, RUDP-PATH-10
  test('survives a new address every 2 s, with loss', () => {
    const slow = { delayMs: DELAY_MS, rateBitsPerSecond: 2_000_000, loss: 0.01 };
    const pair = TransportPair.open({ seed: 'restless', crypto: 'cheap', link: slow, ...options });
    for (let index = 1; index <= 60; index += 1)
      rebindAt(pair, 2000 * index, addressOf(index, index % 3 === 0));
    pair.runToEnd();
    expect(pair.endKinds).toEqual({ client: 'finished', server: 'finished' });
    expect(migrations(pair)).toBeGreaterThanOrEqual(6);
  });
});

// RUDP-PATH-10
test('a client that has acknowledged everything asks when the server falls silent, once', () => {
  const peer = ScriptedPeer.asServer();
  peer.acknowledgeAll();
  const pings = () =>
    peer.packets.filter(({ frames }) => frames.some(({ type }) => type === 'ping')).map(({ atMs }) => atMs);
  peer.send({ type: 'stream', offset: 0, bytes: new Uint8Array(100) });
  const heardAtMs = peer.now;
  while (pings().length === 0) peer.advance(1);
  // The round trip of the script takes no time: the probe timeout is little more than its 25 ms of delay.
  expect((pings()[0] as number) - heardAtMs).toBeGreaterThanOrEqual(3 * 26);
  expect((pings()[0] as number) - heardAtMs).toBeLessThan(3 * 30);
  peer.acknowledgeAll();
  peer.advance(20_000);
  expect(pings()).toHaveLength(1);
});

// RUDP-PATH-10
test.each([
  {
    name: 'a server',
    make: () => ScriptedPeer.established(),
    frame: { type: 'stream', offset: 0, bytes: new Uint8Array(9) },
  },
  { name: 'a client without a stream', make: () => ScriptedPeer.asServer(), frame: { type: 'ping' } },
  {
    name: 'a client whose stream has ended',
    make: () => ScriptedPeer.asServer(),
    frame: { type: 'fin', finalSize: 0 },
  },
] satisfies { name: string; make: () => ScriptedPeer; frame: Frame }[])(
  '$name does not ask',
  ({ make, frame }) => {
    const peer = make();
    peer.send(frame);
    peer.acknowledgeAll();
    peer.advance(20_000);
    expect(peer.frames.map(({ type }) => type)).not.toContain('ping');
  },
);

// RUDP-PATH-2
test('a client that moves when all is over is still acknowledged, but nothing is reported after the end', () => {
  const peer = ScriptedPeer.established();
  peer.connection.finish();
  peer.settle();
  peer.acknowledgeAll();
  peer.send({ type: 'fin', finalSize: 0 });
  expect(peer.connection.state).toBe('time-wait');
  const from = { ...SCRIPT_ADDRESS, port: SCRIPT_ADDRESS.port + 1 };
  const seal = (frame: Frame) => peer.seal(encodeFrame(frame), peer.nextPacketNumber++);
  peer.deliver(seal({ type: 'fin', finalSize: 0 }), from);
  const challenge = peer.frames.find((frame) => frame.type === 'path-challenge');
  if (challenge?.type === 'path-challenge')
    peer.deliver(seal({ type: 'path-response', data: challenge.data }), from);
  expect(peer.connection.remote).toEqual(from);
  expect(peer.events.at(-1)?.type).toBe('closed');
});

// RUDP-PATH-3
test.each([
  { name: 'challenge', type: 'path-challenge' },
  { name: 'response', type: 'path-response' },
] as const)('a new address is validated although the first $name is lost', ({ type }) => {
  const log = new PacketLog();
  const pair = TransportPair.open({
    seed: 'unlucky',
    link: { delayMs: DELAY_MS },
    log,
    serverSends: 1_000_000,
  });
  const lost: number[] = [];
  const drop = (_index: number, bytes: Uint8Array) => {
    const isMeant =
      log.find(bytes)?.frames.some((frame) => frame.type === type) === true && lost.length === 0;
    if (isMeant) lost.push(pair.now);
    return isMeant;
  };
  pair.toServer.configure({ drop });
  pair.toClient.configure({ drop });
  rebindAt(pair, 100, addressOf(1, true));
  pair.runToEnd();
  expect(lost).toHaveLength(1);
  expect(pair.endKinds).toEqual({ client: 'finished', server: 'finished' });
  expect(pair.serverConnection.remote).toEqual(addressOf(1, true));
  expect(migrations(pair)).toBe(1);
});

describe('a handshake', () => {
  // RUDP-PATH-8
  test.each([
    { name: 'before the SYN-ACK arrives', atMs: 30 },
    { name: 'before the first packet of the client arrives', atMs: 50 },
    { name: 'before the SYN arrives', atMs: 10 },
  ])('with a single-use key survives a new address $name', ({ atMs }) => {
    const preSharedKey = { identity: new Uint8Array(16).fill(1), key: new Uint8Array(32).fill(2) };
    const pair = TransportPair.open({
      seed: 'handshake',
      link: { delayMs: DELAY_MS },
      preSharedKey,
      serverSends: 200_000,
    });
    rebindAt(pair, atMs, addressOf(1, true));
    pair.runToEnd();
    expect(pair.endKinds).toEqual({ client: 'finished', server: 'finished' });
    expect(pair.serverConnection.remote).toEqual(addressOf(1, true));
  });
});

describe('a server', () => {
  // RUDP-PATH-9
  test.each([
    { name: 'keeps window, round-trip time and packet size when only the port changes', keeps: true },
    { name: 'forgets them when the host changes', keeps: false },
  ])('$name', ({ keeps }) => {
    const pair = TransportPair.open({
      seed: 'measured',
      link: { delayMs: 20 },
      serverSends: 3_000_000,
      clientFinishes: 'never',
      serverFinishes: 'never',
    });
    pair.runUntil(() => (pair.clientApplication?.receivedBytes ?? 0) === 3_000_000);
    pair.run({ untilMs: pair.now + 500 });
    const before = pair.serverConnection.statistics();
    expect(before.mtu).toBeGreaterThan(1200);
    const moved = addressOf(7, !keeps);
    pair.network.rebind('client', moved);
    pair.clientConnection.write(patternAt(0, 10));
    pair.runUntil(() => migrations(pair) === 1);
    const after = pair.serverConnection.statistics();
    expect(pair.serverConnection.remote).toEqual(moved);
    if (keeps) {
      expect(after.mtu).toBe(before.mtu);
      expect(after.congestionWindow).toBeGreaterThan(before.congestionWindow / 2);
    } else {
      expect(after.mtu).toBe(1200);
      expect(after.congestionWindow).toBeLessThan(before.congestionWindow / 2);
      expect(after.bytesInFlight).toBe(0);
    }
  });
});

describe('an attacker off the path', () => {
  // RUDP-PATH-2, RUDP-PATH-6
  test.each([
    { name: 'before the originals', aheadMs: 5 },
    { name: 'after the originals', aheadMs: -5 },
  ])(
    'who forwards packets of the client from elsewhere $name neither steals nor stalls a download',
    ({ aheadMs }) => {
      const plain = TransportPair.open({
        seed: 'forwarded',
        crypto: 'cheap',
        link: { delayMs: DELAY_MS, rateBitsPerSecond: 20_000_000 },
        serverSends: 4_000_000,
      });
      plain.runToEnd();
      const pair = TransportPair.open({
        seed: 'forwarded',
        crypto: 'cheap',
        link: { delayMs: DELAY_MS, rateBitsPerSecond: 20_000_000 },
        serverSends: 4_000_000,
      });
      let sent = 0;
      pair.toServer.configure({
        drop: (_index, bytes) => {
          const copy = bytes.slice();
          sent += 1;
          if (sent > 2 && sent % 10 === 0) {
            pair.schedule(pair.now + DELAY_MS - aheadMs, () =>
              pair.server.endpoint.handleDatagram(pair.now, ELSEWHERE, copy),
            );
          }
          return false;
        },
      });
      pair.runToEnd();
      expect(pair.endKinds).toEqual({ client: 'finished', server: 'finished' });
      expect(migrations(pair)).toBe(0);
      expect(pair.now).toBeLessThan(1.5 * plain.now);
    },
  );
});
