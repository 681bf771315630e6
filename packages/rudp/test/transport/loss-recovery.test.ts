import { describe, expect, test } from 'vitest';
import { PacketLog } from '../support/packet-log.ts';
import { patternAt } from '../support/pattern.ts';
import { type ReceivedPacket, ScriptedPeer } from '../support/scripted-peer.ts';
import { TransportPair } from '../support/transport-pair.ts';

const RTT_MS = 40;

/** An endpoint that has measured `rttMs` on its connection to the script, and sends packets of 1,200 bytes at most. */
function openWithRtt(): ScriptedPeer {
  const peer = ScriptedPeer.asClient({
    config: { datagramBytesMax: 1200, congestionController: 'fixed-window', fixedWindowPackets: 1000 },
  });
  peer.now += RTT_MS;
  peer.send({ type: 'handshake-ack' });
  return peer;
}

/** Writes so much that `count` full packets leave at once; returns their numbers. */
function sendPackets(peer: ScriptedPeer, count: number): number[] {
  const before = peer.packets.length;
  peer.connection.write(patternAt(0, count * 1160));
  peer.settle();
  const numbers = peer.packets.slice(before).map(({ packetNumber }) => packetNumber);
  expect(numbers.length).toBeGreaterThanOrEqual(count);
  return numbers.slice(0, count);
}

/** Acknowledges exactly these packets and returns what leaves at once. */
function acknowledge(peer: ScriptedPeer, ...numbers: readonly number[]): ReceivedPacket[] {
  const ranges = [...numbers].sort((a, b) => b - a).map((number): [number, number] => [number, number + 1]);
  return peer.send({ type: 'ack', delayMs: 0, ranges });
}

/** Acknowledges every packet so far, so that none is outstanding any more. */
function acknowledgeAll(peer: ScriptedPeer): void {
  const largest = Math.max(...peer.packets.map(({ packetNumber }) => packetNumber));
  peer.send({ type: 'ack', delayMs: 0, ranges: [[0, largest + 1]] });
}

function offsetsIn(packets: readonly ReceivedPacket[]): number[] {
  return packets.flatMap(({ frames }) =>
    frames.flatMap((frame) => (frame.type === 'stream' ? [frame.offset] : [])),
  );
}

function offsetOf(peer: ScriptedPeer, packetNumber: number): number {
  return offsetsIn(peer.packets.filter((packet) => packet.packetNumber === packetNumber))[0] as number;
}

describe('a packet is lost', () => {
  // RUDP-LOSS-1
  test('when one sent three numbers later is acknowledged, and not when it was two', () => {
    const peer = openWithRtt();
    const [first = 0, , third = 0, fourth = 0] = sendPackets(peer, 6);
    peer.now += RTT_MS;
    expect(offsetsIn(acknowledge(peer, third))).toEqual([]);
    expect(offsetsIn(acknowledge(peer, fourth))).toEqual([offsetOf(peer, first)]);
    expect(peer.connection.statistics().packetsLost).toBe(1);
  });

  // RUDP-LOSS-2
  test('when a later one is acknowledged and 9/8 of the round-trip time have passed since it left', () => {
    const peer = openWithRtt();
    const [first = 0, second = 0] = sendPackets(peer, 2);
    const sentAtMs = peer.now;
    peer.now += RTT_MS;
    acknowledge(peer, second);
    const before = peer.packets.length;
    peer.advance((9 / 8) * RTT_MS - (peer.now - sentAtMs) - 0.001);
    expect(offsetsIn(peer.packets.slice(before))).toEqual([]);
    peer.advance(0.002);
    expect(offsetsIn(peer.packets.slice(before))).toEqual([offsetOf(peer, first)]);
  });

  // RUDP-LOSS-1, RUDP-LOSS-2
  test('not as long as nothing later is acknowledged', () => {
    const peer = openWithRtt();
    const numbers = sendPackets(peer, 10);
    peer.now += RTT_MS;
    acknowledge(peer, ...numbers.slice(0, 5));
    peer.advance(RTT_MS);
    expect(peer.connection.statistics().packetsLost).toBe(0);
  });

  // RUDP-LOSS-3
  test('later than before, once one that counted as lost was acknowledged after all', () => {
    const peer = openWithRtt();
    const numbers = sendPackets(peer, 12);
    peer.now += RTT_MS;
    acknowledge(peer, numbers[8] as number);
    expect(peer.connection.statistics().packetsLost).toBe(6);
    // The first eight were only late: the path reorders by up to nine.
    acknowledge(peer, ...numbers.slice(0, 9));
    expect(peer.connection.statistics().packetsSpurious).toBe(6);
    acknowledgeAll(peer);
    const lost = peer.connection.statistics().packetsLost;
    const next = sendPackets(peer, 20);
    peer.now += RTT_MS;
    acknowledge(peer, next[8] as number);
    expect(peer.connection.statistics().packetsLost).toBe(lost);
    acknowledge(peer, next[9] as number);
    expect(peer.connection.statistics().packetsLost).toBe(lost + 1);
  });

  // RUDP-LOSS-3
  test.each([
    { lateMs: 1.5 * RTT_MS, waitMs: 1.5 * RTT_MS },
    { lateMs: 5 * RTT_MS, waitMs: 2 * RTT_MS },
  ])(
    'by time only after $waitMs ms, once one that took $lateMs ms arrived after all',
    ({ lateMs, waitMs }) => {
      const peer = openWithRtt();
      const [first = 0, second = 0] = sendPackets(peer, 2);
      peer.now += RTT_MS;
      acknowledge(peer, second);
      peer.advance(lateMs - RTT_MS);
      expect(peer.connection.statistics().packetsLost).toBe(1);
      acknowledge(peer, second, first);
      expect(peer.connection.statistics().packetsSpurious).toBe(1);
      acknowledgeAll(peer);
      const [, next = 0] = sendPackets(peer, 2);
      peer.now += RTT_MS;
      acknowledge(peer, next);
      peer.advance(waitMs - RTT_MS - 0.001);
      expect(peer.connection.statistics().packetsLost).toBe(1);
      peer.advance(0.002);
      expect(peer.connection.statistics().packetsLost).toBe(2);
    },
  );
});

describe('what was lost is sent again as it is now', () => {
  /** Makes the endpoint lose its last packet: three later ones are acknowledged. */
  function loseLastPacket(peer: ScriptedPeer): ReceivedPacket[] {
    const before = peer.packets.length;
    sendPackets(peer, 3);
    const later = peer.packets.slice(before).map(({ packetNumber }) => packetNumber);
    peer.now += RTT_MS;
    return acknowledge(peer, ...later.slice(0, 3));
  }

  // RUDP-LOSS-6
  test('FIN goes again', () => {
    const peer = openWithRtt();
    peer.connection.write(patternAt(0, 100));
    peer.connection.finish();
    peer.settle();
    expect(peer.frames.at(-1)).toEqual({ type: 'fin', finalSize: 100 });
    const before = peer.packets.length;
    peer.advance(RTT_MS + 4 * (RTT_MS / 2) + 25);
    expect(peer.packets.slice(before).flatMap(({ frames }) => frames)).toContainEqual({
      type: 'fin',
      finalSize: 100,
    });
  });

  // RUDP-LOSS-6
  test('PING does not', () => {
    const peer = openWithRtt();
    peer.connection.write(patternAt(0, 1));
    peer.settle();
    const [number = 0] = peer.packets.slice(-1).map(({ packetNumber }) => packetNumber);
    acknowledge(peer, number);
    // A probe without content: everything that could be repeated is acknowledged.
    const pings = () => peer.frames.filter(({ type }) => type === 'ping').length;
    const before = pings();
    loseLastPacket(peer);
    expect(pings()).toBe(before);
  });

  // RUDP-LOSS-6
  test('HANDSHAKE-ACK goes again', () => {
    const peer = ScriptedPeer.asServer();
    expect(peer.frames.map(({ type }) => type)).toEqual(['handshake-ack']);
    peer.advance(1000);
    expect(peer.frames.filter(({ type }) => type === 'handshake-ack').length).toBeGreaterThan(1);
  });
});

describe('the probe timeout', () => {
  // RUDP-LOSS-4, RUDP-LOSS-5
  test('is smoothed RTT + 4 × variance + the peer’s ack delay after the last packet, then doubles', () => {
    const peer = openWithRtt();
    const { smoothedRttMs, rttVarianceMs } = peer.connection.statistics();
    expect([smoothedRttMs, rttVarianceMs]).toEqual([RTT_MS, RTT_MS / 2]);
    const probeTimeoutMs = RTT_MS + 4 * (RTT_MS / 2) + 25;
    peer.connection.write(patternAt(0, 100));
    peer.settle();
    const startMs = peer.packets.at(-1)?.atMs as number;
    const before = peer.packets.length;
    peer.advance(15 * probeTimeoutMs);
    const waits = [...new Set(peer.packets.slice(before).map(({ atMs }) => atMs - startMs))];
    expect(waits.slice(0, 3)).toEqual([probeTimeoutMs, 3 * probeTimeoutMs, 7 * probeTimeoutMs]);
    expect(peer.connection.statistics().probeTimeouts).toBe(waits.length);
  });

  // RUDP-LOSS-5
  test('lets out two packets with the oldest content although the window is full, and declares nothing lost', () => {
    const peer = ScriptedPeer.established({
      config: { datagramBytesMax: 1200, congestionController: 'fixed-window', fixedWindowPackets: 10 },
    });
    sendPackets(peer, 10);
    const before = peer.packets.length;
    peer.advance(500);
    const probes = peer.packets.slice(before);
    const firstAtMs = probes[0]?.atMs as number;
    expect(probes.filter(({ atMs }) => atMs === firstAtMs)).toHaveLength(2);
    expect(offsetsIn(probes)[0]).toBe(0);
    expect(peer.connection.statistics().packetsLost).toBe(0);
  });

  // RUDP-LOSS-4
  test('does not double beyond two seconds', () => {
    const peer = openWithRtt();
    peer.connection.write(patternAt(0, 100));
    peer.settle();
    const before = peer.packets.length;
    peer.advance(20_000);
    const times = [...new Set(peer.packets.slice(before).map(({ atMs }) => atMs))];
    const waits = times.slice(1).map((atMs, index) => Math.round(atMs - (times[index] as number)));
    expect(waits.slice(0, 6)).toEqual([290, 580, 1160, 2000, 2000, 2000]);
  });

  // RUDP-LOSS-5
  test('repeats the last acknowledgement too: it may be what was lost', () => {
    const peer = openWithRtt();
    peer.send({ type: 'ping' });
    peer.connection.write(patternAt(0, 100));
    peer.settle();
    const before = peer.packets.length;
    peer.advance(1000);
    const [probe] = peer.packets.slice(before);
    expect(probe?.frames.map(({ type }) => type)).toEqual(['ack', 'ping', 'stream']);
  });

  // RUDP-LOSS-5
  test('sends a PING when there is nothing to repeat', () => {
    const peer = openWithRtt();
    const numbers = sendPackets(peer, 4);
    peer.now += RTT_MS;
    // All but the first arrived, the first was acknowledged late: only its repetition is still outstanding.
    acknowledge(peer, ...numbers.slice(1));
    acknowledge(peer, numbers[0] as number);
    const before = peer.packets.length;
    peer.advance(2000);
    const types = peer.packets.slice(before).flatMap(({ frames }) => frames.map(({ type }) => type));
    expect(types).toContain('ping');
    expect(types).not.toContain('stream');
  });

  // RUDP-LOSS-4
  test('starts again without backoff when anything is acknowledged', () => {
    const peer = openWithRtt();
    peer.connection.write(patternAt(0, 100));
    peer.settle();
    peer.advance(3000);
    const largest = peer.packets.at(-1)?.packetNumber as number;
    peer.send({ type: 'ack', delayMs: 0, ranges: [[0, largest + 1]] });
    const { smoothedRttMs, rttVarianceMs } = peer.connection.statistics();
    const before = peer.packets.length;
    peer.connection.write(patternAt(100, 100));
    peer.settle();
    const startMs = peer.now;
    peer.advance(10_000);
    const probe = peer.packets[before + 1];
    expect((probe?.atMs ?? 0) - startMs).toBeCloseTo(smoothedRttMs + 4 * rttVarianceMs + 25, 6);
  });
});

describe('on a simulated path', () => {
  const delayMs = 20;

  // RUDP-LOSS-4, RUDP-LOSS-5
  test.each([1, 2, 5])('the loss of the last %i packets costs about one probe timeout', (tailPackets) => {
    const log = new PacketLog();
    const bytes = 60_000;
    const segments = Math.ceil(bytes / 1164);
    let index = 0;
    const pair = TransportPair.open({
      seed: tailPackets,
      log,
      link: { delayMs },
      config: { datagramBytesMax: 1200, congestionController: 'fixed-window', fixedWindowPackets: 100 },
      toClient: {
        drop: (_index, datagram) => {
          if (!log.carriesStream(datagram)) return false;
          index += 1;
          return index > segments - tailPackets && index <= segments;
        },
      },
      serverSends: bytes,
    });
    pair.runUntil(() => pair.clientApplication?.isReceiveFinished === true, { limitMs: 5000 });
    expect(pair.serverConnection.statistics().bytesRetransmitted).toBeGreaterThan(0);
    // Handshake 1.5 trips of the RTT, data half a trip; then PTO ≤ RTT + 4 × RTT/2 + 25, the probe, and one more exchange.
    const rtt = 2 * delayMs;
    expect(pair.now).toBeLessThan(2 * rtt + (3 * rtt + 25) + 2 * rtt);
  });
});
