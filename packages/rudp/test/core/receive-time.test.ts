import { describe, expect, test } from 'vitest';
import { AckTiming } from '../../src/core/acknowledgement/ack-timing.ts';
import { ArrivalNotes, decodeReceiveTime } from '../../src/core/acknowledgement/receive-time.ts';
import { ReceivedPackets } from '../../src/core/acknowledgement/received-packets.ts';
import { AckFrame } from '../../src/core/frames/ack-frame.ts';
import { RttEstimator } from '../../src/core/recovery/rtt-estimator.ts';
import { PacketContent, PacketFate, SentPackets } from '../../src/core/recovery/sent-packets.ts';
import { ByteReader, MalformedPacketError } from '../../src/core/structures/byte-reader.ts';

const PACKET_BYTES = 1200;

// RUDP-ACK-8
describe('what a receiver remembers of arrivals', () => {
  test('is every fourth packet of a row, and what it was before the largest', () => {
    const notes = new ArrivalNotes();
    for (let number = 10; number < 26; number += 1) notes.add(number, number / 10);
    expect(notes.receiveTime(25, 2.5)).toEqual({
      microseconds: 2500,
      earlier: [
        { packetsBelow: 15, microsecondsBefore: 1500 },
        { packetsBelow: 11, microsecondsBefore: 1100 },
        { packetsBelow: 7, microsecondsBefore: 700 },
        { packetsBelow: 3, microsecondsBefore: 300 },
      ],
    });
  });

  test('does not name the largest twice', () => {
    const notes = new ArrivalNotes();
    notes.add(7, 1);
    expect(notes.receiveTime(7, 1)).toEqual({ microseconds: 1000, earlier: [] });
  });

  test('is sixteen packets at most', () => {
    const notes = new ArrivalNotes();
    for (let number = 0; number < 1000; number += 1) notes.add(number, number);
    expect(notes.receiveTime(999, 999).earlier).toHaveLength(16);
  });

  test('goes by when the system received them, not by when they were read', () => {
    const received = new ReceivedPackets();
    for (let number = 0; number < 5; number += 1) {
      received.arrivalMs = 100 + number;
      received.record(140, number, true, 25);
    }
    expect(received.receiveTime).toEqual({
      microseconds: 104_000,
      earlier: [{ packetsBelow: 4, microsecondsBefore: 4000 }],
    });
    expect(received.ackDelayMs(141)).toBe(37);
  });

  test('begins anew with each ACK, and ends after a hundred packets', () => {
    const received = new ReceivedPackets();
    for (let number = 0; number < 98; number += 1) received.record(number, number, true, 25);
    received.onAckSent(98);
    for (let number = 98; number < 120; number += 1) received.record(number, number, true, 25);
    expect(received.receiveTime?.earlier).toEqual([{ packetsBelow: 21, microsecondsBefore: 21_000 }]);
  });
});

// RUDP-ACK-8
test('a frame with more than sixteen earlier packets is malformed', () => {
  const bytes = Uint8Array.from([0, 0, 0, 1, 17, ...Array.from({ length: 34 }, () => 1)]);
  expect(() => decodeReceiveTime(new ByteReader(bytes))).toThrow(MalformedPacketError);
});

// RUDP-ACK-7, RUDP-ACK-8
describe('what a sender learns', () => {
  function send(count: number): SentPackets {
    const packets = new SentPackets();
    for (let number = 0; number < count; number += 1) {
      const slot = packets.append(number, PACKET_BYTES, PacketContent.ackEliciting);
      packets.fate[slot] = PacketFate.acknowledged;
    }
    return packets;
  }

  function arrivals(packets: SentPackets, earlier: readonly [number, number][]) {
    const frame = Object.assign(new AckFrame(), {
      largest: 9,
      receiveTime: {
        microseconds: 50_000,
        earlier: earlier.map(([packetsBelow, microsecondsBefore]) => ({ packetsBelow, microsecondsBefore })),
      },
    });
    return new AckTiming(packets, new RttEstimator()).arrivalsOf(frame, 100 * PACKET_BYTES);
  }

  test('are the times of each packet, and what had arrived by then', () => {
    const packets = send(10);
    packets.fate[packets.slotOf(7)] = PacketFate.lost;
    expect(arrivals(packets, [[5, 4500]])).toEqual([
      { packetNumber: 4, sentAtMs: 4, receivedAtMs: 45.5, deliveredBytes: 96 * PACKET_BYTES },
      { packetNumber: 9, sentAtMs: 9, receivedAtMs: 50, deliveredBytes: 100 * PACKET_BYTES },
    ]);
  });

  test('is nothing about packets that it has forgotten, or that came later', () => {
    const packets = send(10);
    packets.forgetBelow(3);
    expect(
      arrivals(packets, [
        [20, 1],
        [8, 1],
        [0, 1],
      ]).map(({ packetNumber }) => packetNumber),
    ).toEqual([9]);
  });

  test('a round trip ends when the system received the ACK, not when it is read', () => {
    const rtt = new RttEstimator();
    const timing = new AckTiming(send(10), rtt);
    const frame = Object.assign(new AckFrame(), { largest: 9, delayMs: 0, arrivedAtMs: 59 });
    expect(timing.sampleRtt(90, frame, 25)).toBe(50);
    frame.arrivedAtMs = 5;
    expect(timing.sampleRtt(90, frame, 25)).toBe(0);
  });
});
