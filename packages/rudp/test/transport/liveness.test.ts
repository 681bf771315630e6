import { describe, expect, test } from 'vitest';
import { fromHex } from '../support/bytes.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';

/** Lets time pass while the script acknowledges each packet as it comes. */
function advanceAcknowledging(peer: ScriptedPeer, milliseconds: number): void {
  const endMs = peer.now + milliseconds;
  while (peer.now < endMs) {
    const before = peer.packets.length;
    peer.advance(Math.min(10, endMs - peer.now));
    const news = peer.packets.slice(before).filter(({ frames }) => frames.some(({ type }) => type !== 'ack'));
    for (const { packetNumber } of news)
      peer.send({ type: 'ack', delayMs: 0, ranges: [[packetNumber, packetNumber + 1]] });
  }
}

function pingTimes(peer: ScriptedPeer): number[] {
  return peer.packets.flatMap(({ atMs, frames }) =>
    frames.some(({ type }) => type === 'ping') ? [atMs] : [],
  );
}

describe('the idle timeout', () => {
  // RUDP-IDLE-1
  test.each([
    { ours: 5000, theirs: 3000, holds: 3000 },
    { ours: 2000, theirs: 3000, holds: 2000 },
  ])('is the smaller of both sides: $ours and $theirs ms', ({ ours, theirs, holds }) => {
    const peer = ScriptedPeer.established({
      config: { idleTimeoutMs: ours },
      scriptConfig: { idleTimeoutMs: theirs },
    });
    peer.advance(holds - 1);
    expect(peer.connection.end).toBeUndefined();
    peer.advance(1);
    expect(peer.connection.end).toEqual({ kind: 'idle-timed-out' });
    expect(peer.events.at(-1)).toMatchObject({ type: 'closed', end: { kind: 'idle-timed-out' } });
    expect([peer.endpoint.connectionCount, peer.endpoint.pollDeadline()]).toEqual([0, undefined]);
  });

  // RUDP-IDLE-1
  test('starts again with every authentic packet, not with a forged one and not with what is sent', () => {
    const peer = ScriptedPeer.established({ config: { idleTimeoutMs: 1000 } });
    peer.advance(900);
    peer.send({ type: 'ping' });
    peer.advance(900);
    expect(peer.connection.end).toBeUndefined();
    const forged = peer.seal(fromHex('01'), peer.nextPacketNumber);
    forged[20] = (forged[20] as number) ^ 1;
    peer.deliver(forged);
    peer.connection.write(new Uint8Array(100));
    peer.settle();
    peer.advance(100);
    expect(peer.connection.end).toEqual({ kind: 'idle-timed-out' });
  });

  // RUDP-IDLE-1, RUDP-PKT-6
  test('a replayed packet does not keep the connection alive', () => {
    const peer = ScriptedPeer.established({ config: { idleTimeoutMs: 1000 } });
    const packet = peer.seal(fromHex('01'), peer.nextPacketNumber);
    peer.deliver(packet.slice());
    peer.advance(900);
    peer.deliver(packet.slice());
    peer.advance(100);
    expect(peer.connection.end).toEqual({ kind: 'idle-timed-out' });
  });
});

describe('keep-alive', () => {
  const config = { keepAliveMs: 1000, idleTimeoutMs: 60_000 };

  // RUDP-IDLE-2
  test('sends a PING after each silence of the chosen length', () => {
    const peer = ScriptedPeer.established({ config });
    const startMs = peer.now;
    advanceAcknowledging(peer, 4500);
    const silences = pingTimes(peer).map((atMs) => atMs - startMs);
    expect(silences).toHaveLength(4);
    for (const [index, atMs] of silences.entries()) {
      expect(atMs).toBeGreaterThanOrEqual(1000 * (index + 1));
      expect(atMs).toBeLessThan(1000 * (index + 1) + 200);
    }
  });

  // RUDP-IDLE-2
  test('traffic takes the place of a PING', () => {
    const peer = ScriptedPeer.established({ config });
    for (let index = 0; index < 10; index += 1) {
      peer.send({ type: 'ping' });
      advanceAcknowledging(peer, 900);
    }
    expect(pingTimes(peer)).toEqual([]);
  });

  // RUDP-IDLE-2
  test('none is sent when it is turned off', () => {
    const peer = ScriptedPeer.established({ config: { keepAliveMs: 0 } });
    peer.advance(20_000);
    expect(pingTimes(peer)).toEqual([]);
  });

  // RUDP-IDLE-2
  test('goes on after a wake-up so late that a probe was due as well', () => {
    const peer = ScriptedPeer.established({ config });
    peer.connection.write(new Uint8Array(10));
    peer.settle();
    // The driver slept: the probe timeout and the keep-alive have both passed when it wakes.
    peer.now += 5000;
    peer.endpoint.handleDeadline(peer.now);
    peer.settle();
    const startMs = peer.now;
    const largest = peer.packets.at(-1)?.packetNumber as number;
    peer.send({ type: 'ack', delayMs: 0, ranges: [[0, largest + 1]] });
    advanceAcknowledging(peer, 5000);
    expect(pingTimes(peer).filter((atMs) => atMs > startMs).length).toBeGreaterThanOrEqual(4);
  });
});
