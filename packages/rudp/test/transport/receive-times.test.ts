import { expect, test } from 'vitest';
import { AckTiming } from '../../src/core/acknowledgement/ack-timing.ts';
import { AckFrame } from '../../src/core/frames/ack-frame.ts';
import { RttEstimator } from '../../src/core/recovery/rtt-estimator.ts';
import { SentPackets } from '../../src/core/recovery/sent-packets.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';

function openServer(): ScriptedPeer {
  const peer = ScriptedPeer.asClient();
  peer.now += 40;
  peer.send({ type: 'handshake-ack' });
  peer.advance(100);
  return peer;
}

// RUDP-ACK-6
test('an ACK tells when its largest packet arrived if two or more are news', () => {
  const peer = openServer();
  peer.send({ type: 'ping' });
  peer.now += 1.5;
  const [answer] = peer.send({ type: 'ping' });
  expect(answer?.frames.map(({ type }) => type)).toEqual(['receive-time', 'ack']);
  const microseconds = Math.floor(peer.now * 1000);
  const earlier = [{ packetsBelow: 1, microsecondsBefore: 1500 }];
  expect(answer?.frames[0]).toEqual({ type: 'receive-time', microseconds, earlier });
});

// RUDP-ACK-7
test('a time without an ACK behind it means nothing, and asks for no answer', () => {
  const peer = openServer();
  const before = peer.packets.length;
  peer.send({ type: 'receive-time', microseconds: 1, earlier: [] });
  peer.advance(500);
  expect(peer.packets.length).toBe(before);
  expect(peer.connection.end).toBeUndefined();
});

// RUDP-ACK-7
test('times go on where their field begins anew, and step back for an ACK that was overtaken', () => {
  const packets = new SentPackets();
  const timing = new AckTiming(packets, new RttEstimator());
  for (let number = 0; number < 4; number += 1) packets.append(number, 1200, 1);
  const arrivals = [2 ** 32 - 1000, 1000, 2 ** 32 - 500, 2000].map((microseconds, largest) => {
    const frame = Object.assign(new AckFrame(), { largest, receiveTime: { microseconds, earlier: [] } });
    return timing.arrivalsOf(frame, 0)[0]?.receivedAtMs as number;
  });
  const startMs = arrivals[0] as number;
  expect(arrivals.map((at) => Math.round((at - startMs) * 1000))).toEqual([0, 2000, 500, 3000]);
});

// RUDP-RTT-4
test('what the peer held a packet for is not the time of the path, however long, and what is left is no less than the smallest', () => {
  const packets = new SentPackets();
  const rtt = new RttEstimator();
  const timing = new AckTiming(packets, rtt);
  for (let number = 0; number < 3; number += 1) packets.append(0, 1200, 1);
  const sample = (largest: number, arrivedAtMs: number, delayMs: number) =>
    timing.sampleRtt(arrivedAtMs, Object.assign(new AckFrame(), { largest, arrivedAtMs, delayMs }), 25);
  expect(sample(0, 20, 0)).toBe(20);
  expect(sample(1, 90, 60)).toBe(30);
  expect(sample(2, 90, 85)).toBe(20);
  expect(rtt.minMs).toBe(20);
});
