import { describe, expect, test } from 'vitest';
import { ResetCode } from '../../src/core/index.ts';
import { PacketLog } from '../support/packet-log.ts';
import { patternAt } from '../support/pattern.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';
import { type Side, TransportPair, type TransportPairOptions } from '../support/transport-pair.ts';

const DELAY_MS = 10;
const CODE = 0x123;
const REASON = 'user cancelled';

function open(options: Partial<TransportPairOptions> = {}): TransportPair {
  return TransportPair.open({
    seed: 1,
    link: { delayMs: DELAY_MS },
    clientFinishes: 'never',
    serverFinishes: 'never',
    ...options,
  }).runToEstablished();
}

function connectionOf(pair: TransportPair, side: Side) {
  return side === 'client' ? pair.clientConnection : pair.serverConnection;
}

function expectForgotten(pair: TransportPair): void {
  pair.runToSilence();
  expect(pair.client.endpoint.connectionCount + pair.server.endpoint.connectionCount).toBe(0);
}

describe.each([
  { resetter: 'client', other: 'server' },
  { resetter: 'server', other: 'client' },
] as const)('a reset by the $resetter', ({ resetter, other }) => {
  // RUDP-RESET-1
  test('ends both sides within one trip, with its code and reason', () => {
    const pair = open();
    pair.run({ untilMs: 500 });
    connectionOf(pair, resetter).reset(pair.now, CODE, REASON);
    pair.run({ untilMs: 500 + DELAY_MS });
    expect(pair.ends[resetter]?.end).toEqual({ kind: 'reset-locally', code: CODE, reason: REASON });
    expect(pair.ends[other]?.end).toEqual({ kind: 'reset-by-peer', code: CODE, reason: REASON });
    expectForgotten(pair);
  });

  // RUDP-RESET-1
  test('in mid-transfer: nothing is delivered after it, each side is told once', () => {
    const pair = open({ clientSends: 500_000, serverSends: 500_000 });
    pair.runUntil(() => (pair.clientApplication?.receivedBytes ?? 0) > 100_000);
    connectionOf(pair, resetter).reset(pair.now, CODE);
    const receivedBytes = connectionOf(pair, resetter).receivedBytesContiguous;
    pair.runToEnd({ limitMs: 500 });
    const otherReceived = connectionOf(pair, other).receivedBytesContiguous;
    expectForgotten(pair);
    expect(connectionOf(pair, resetter).receivedBytesContiguous).toBe(receivedBytes);
    expect(connectionOf(pair, other).receivedBytesContiguous).toBe(otherReceived);
    for (const events of [pair.client.events, pair.server.events]) {
      expect(events.filter(({ type }) => type === 'closed')).toHaveLength(1);
      expect(events.at(-1)?.type).toBe('closed');
    }
  });

  // RUDP-RESET-2
  test('that is lost is repeated when the peer goes on sending', () => {
    const log = new PacketLog();
    const pair = open({ log, [`${other}Sends`]: 500_000 });
    pair.runUntil(() => connectionOf(pair, resetter).receivedBytesContiguous > 50_000);
    let lost = 0;
    const link = resetter === 'client' ? pair.toServer : pair.toClient;
    link.configure({
      drop: (_index, bytes) => {
        const isReset = log.find(bytes)?.frames.some(({ type }) => type === 'reset') ?? false;
        return isReset && lost++ < 3;
      },
    });
    connectionOf(pair, resetter).reset(pair.now, CODE, REASON);
    pair.runToEnd({ limitMs: 1000 });
    expect(lost).toBeGreaterThanOrEqual(3);
    expect(pair.ends[other]?.end).toEqual({ kind: 'reset-by-peer', code: CODE, reason: REASON });
    expectForgotten(pair);
  });

  test('that never arrives leaves the peer to its idle timeout', () => {
    const pair = open({ config: { idleTimeoutMs: 3000 } });
    pair.toServer.configure({ drop: () => resetter === 'client' });
    pair.toClient.configure({ drop: () => resetter === 'server' });
    connectionOf(pair, resetter).reset(pair.now, CODE);
    pair.runToEnd({ limitMs: 3100 });
    expect(pair.ends[other]?.end).toEqual({ kind: 'idle-timed-out' });
    expectForgotten(pair);
  });

  test('in any state of the close ends both sides at once', () => {
    const pair = open();
    connectionOf(pair, other).finish();
    pair.run({ untilMs: pair.now + 5 * DELAY_MS });
    expect([connectionOf(pair, resetter).state, connectionOf(pair, other).state]).toEqual([
      'close-wait',
      'fin-wait-2',
    ]);
    connectionOf(pair, resetter).reset(pair.now, CODE);
    pair.run({ untilMs: pair.now + DELAY_MS });
    expect(pair.endKinds).toEqual({ [resetter]: 'reset-locally', [other]: 'reset-by-peer' });
    expectForgotten(pair);
  });
});

describe('before the handshake is complete', () => {
  test('a client that resets is gone at once, and the server forgets it silently', () => {
    const pair = TransportPair.open({ seed: 2, link: { delayMs: DELAY_MS } });
    pair.run({ untilMs: DELAY_MS / 2 });
    pair.clientConnection.reset(pair.now, CODE, REASON);
    pair.settle();
    expect(pair.ends.client?.end).toEqual({ kind: 'reset-locally', code: CODE, reason: REASON });
    expect(pair.client.endpoint.connectionCount).toBe(0);
    pair.runToSilence();
    expect(pair.server.events).toEqual([]);
    expect(pair.server.endpoint.connectionCount).toBe(0);
  });

  // RUDP-RESET-1
  test('a client that resets before its ACK has arrived is announced to the server, and then closed', () => {
    const pair = TransportPair.open({
      seed: 3,
      link: { delayMs: DELAY_MS },
      onEvent: (_side, event, { clientConnection, now }) => {
        if (event.type === 'connection-established') clientConnection.reset(now, CODE, REASON);
      },
    });
    pair.runToEnd({ limitMs: 500 });
    expect(pair.server.events.map(({ type }) => type)).toEqual(['connection-accepted', 'closed']);
    expect(pair.ends.server?.end).toEqual({ kind: 'reset-by-peer', code: CODE, reason: REASON });
    expectForgotten(pair);
  });
});

describe('an endpoint that is closed', () => {
  // RUDP-RESET-1
  test('resets what is open, forgets what is half-open, and tells its owner', () => {
    const pair = open();
    pair.server.endpoint.close(pair.now);
    pair.runToEnd({ limitMs: 100 });
    expect(pair.ends.client?.end).toMatchObject({ kind: 'reset-by-peer', code: ResetCode.endpointClosed });
    expect(pair.ends.server?.end).toMatchObject({ kind: 'reset-locally', code: ResetCode.endpointClosed });
    expectForgotten(pair);
  });

  test('does not touch connections that have ended', () => {
    const pair = TransportPair.open({ seed: 4, link: { delayMs: DELAY_MS } });
    pair.runToEnd();
    expect(pair.clientConnection.state).toBe('time-wait');
    pair.client.endpoint.close(pair.now);
    pair.runToSilence();
    expect(pair.ends.client?.end).toEqual({ kind: 'finished' });
  });
});

describe('commands on a connection that has ended', () => {
  test('do nothing, whatever ended it', () => {
    const peer = ScriptedPeer.established();
    const { connection } = peer;
    connection.reset(peer.now, CODE);
    peer.settle();
    peer.advance(60_000);
    const before = peer.datagrams.length;
    expect(connection.write(patternAt(0, 10))).toBe(0);
    expect(connection.writableBytes).toBe(0);
    connection.finish();
    connection.pauseReceiving();
    connection.resumeReceiving();
    connection.reset(peer.now, CODE + 1);
    expect(connection.read(new Uint8Array(10))).toBe(0);
    peer.settle();
    expect(connection.end).toMatchObject({ kind: 'reset-locally', code: CODE });
    expect([peer.datagrams.length, peer.endpoint.connectionCount]).toEqual([before, 0]);
    expect(peer.endpoint.pollDeadline()).toBeUndefined();
  });
});
