import { describe, expect, test } from 'vitest';
import type { PathHint } from '../../src/core/index.ts';
import { connect } from '../../src/index.ts';
import { derivePreSharedKey } from '../../src/node/pre-shared-key.ts';
import { TransportPair } from '../support/transport-pair.ts';

/** An upload over 50 Mbit/s and 600 ms. */
function upload(options: { pathHint?: PathHint; bytes?: number; mbps?: number } = {}) {
  const rateBitsPerSecond = (options.mbps ?? 50) * 1e6;
  const pair = TransportPair.open({
    seed: 4,
    link: { delayMs: 300, rateBitsPerSecond },
    clientSends: options.bytes ?? 10_000_000,
    ...(options.pathHint === undefined ? {} : { pathHint: options.pathHint }),
  });
  const bytes = options.bytes ?? 10_000_000;
  pair.runUntil(() => pair.serverApplication?.receivedBytes === bytes);
  const { datagramsSent, packetsLost } = pair.clientConnection.statistics();
  return { pair, ms: pair.now, hint: pair.clientConnection.pathHint(), datagramsSent, packetsLost };
}

describe('what a connection knows of its path', () => {
  // RUDP-CC-19
  test('is its round trip, its rate and its packet size', () => {
    const { hint } = upload();
    expect(hint?.minRttMs).toBeCloseTo(600, -1);
    expect(((hint?.deliveryRate ?? 0) * 8) / 1e6).toBeGreaterThan(25);
    expect(hint?.mtu).toBe(1472);
  });

  test('is nothing before anything was delivered', () => {
    const pair = TransportPair.open({ seed: 1, clientSends: 10 });
    expect(pair.clientConnection.pathHint()).toBeUndefined();
  });

  // RUDP-CC-19
  test('lets the next one begin a round trip earlier', () => {
    const preSharedKey = derivePreSharedKey(new Uint8Array(32));
    const download = (pathHint?: PathHint) => {
      const link = { delayMs: 300, rateBitsPerSecond: 50e6 };
      const known = pathHint === undefined ? {} : { pathHint };
      const pair = TransportPair.open({ seed: 4, link, preSharedKey, serverSends: 5_000_000, ...known });
      pair.runUntil(() => pair.clientApplication?.receivedBytes === 5_000_000);
      return { ms: pair.now, hint: pair.serverConnection.pathHint() };
    };
    const cold = download();
    const warm = download(cold.hint);
    expect(cold.ms - warm.ms).toBeGreaterThan(250);
  });

  // RUDP-SYN-8
  test('makes the handshake as patient as the path is long', () => {
    const cold = upload({ bytes: 10 });
    const hint = { smoothedRttMs: 600, minRttMs: 600, deliveryRate: 1_000_000, mtu: 1472 };
    const warm = upload({ bytes: 10, pathHint: hint });
    expect(cold.datagramsSent - warm.datagramsSent).toBe(1);
  });

  // RUDP-MTU-1
  test('names the packet size that is probed for first', () => {
    const hint = { smoothedRttMs: 600, minRttMs: 600, deliveryRate: 1_000_000, mtu: 1400 };
    const { pair } = upload({ bytes: 500_000, pathHint: hint });
    expect(pair.clientConnection.statistics().mtu).toBeGreaterThanOrEqual(1400);
  });

  test.each(['smoothedRttMs', 'minRttMs', 'deliveryRate', 'mtu'] as const)(
    'is refused when its %s makes no sense',
    (name) => {
      const sound = { smoothedRttMs: 20, minRttMs: 20, deliveryRate: 1e6, mtu: 1472 };
      for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        const pathHint = { ...sound, [name]: value };
        expect(() => connect({ host: '127.0.0.1', port: 9, pathHint })).toThrow(`pathHint.${name}`);
      }
    },
  );
});
