import { describe, expect, test } from 'vitest';
import { ResetCode } from '../../src/core/index.ts';
import { PacketType } from '../../src/core/packets/packet.ts';
import { fromHex } from '../support/bytes.ts';
import { encodeFrame, type Frame } from '../support/frames.ts';
import { patternAt } from '../support/pattern.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';

const stream = (offset: number, length: number): Frame => ({
  type: 'stream',
  offset,
  bytes: patternAt(offset, length),
});

/** Stream bytes that the endpoint under test grants at first. */
const GRANT_BYTES = 1 << 20;

interface Violation {
  readonly name: string;
  readonly code: number;
  readonly before: readonly Frame[];
  readonly frameBytes: Uint8Array;
}

const violations: readonly Violation[] = [
  { name: 'an empty packet', code: ResetCode.malformedPacket, before: [], frameBytes: fromHex('') },
  { name: 'an unknown frame', code: ResetCode.malformedPacket, before: [], frameBytes: fromHex('08') },
  {
    name: 'a frame cut short',
    code: ResetCode.malformedPacket,
    before: [],
    frameBytes: fromHex('07 00 0010 aa'),
  },
  {
    name: 'an ACK with a range below packet 0',
    code: ResetCode.malformedPacket,
    before: [],
    frameBytes: fromHex('02 00 00 00 01'),
  },
  {
    name: 'a byte behind the grant',
    code: ResetCode.flowControlExceeded,
    before: [stream(GRANT_BYTES - 1, 1)],
    frameBytes: encodeFrame(stream(GRANT_BYTES, 1)),
  },
  {
    name: 'a final size that changes',
    code: ResetCode.finalSizeChanged,
    before: [{ type: 'fin', finalSize: 10 }],
    frameBytes: encodeFrame({ type: 'fin', finalSize: 11 }),
  },
  {
    name: 'a final size below a byte that came',
    code: ResetCode.finalSizeChanged,
    before: [stream(5, 5)],
    frameBytes: encodeFrame({ type: 'fin', finalSize: 9 }),
  },
  {
    name: 'a byte behind the final size',
    code: ResetCode.finalSizeChanged,
    before: [{ type: 'fin', finalSize: 10 }],
    frameBytes: encodeFrame(stream(5, 6)),
  },
];

describe.each([
  { side: 'server', open: () => ScriptedPeer.established() },
  { side: 'client', open: () => ScriptedPeer.asServer() },
])('a $side that is sent', ({ open }) => {
  // RUDP-FRAME-1, RUDP-ACK-2, RUDP-FLOW-3, RUDP-CLOSE-2, RUDP-RESET-1
  test.each(violations)('$name resets the connection with code $code', ({ code, before, frameBytes }) => {
    const peer = open();
    for (const frame of before) peer.send(frame);
    expect(peer.connection.end).toBeUndefined();
    const answers = peer.sendBytes(frameBytes);
    expect(peer.connection.end).toMatchObject({ kind: 'protocol-violation', code });
    expect(peer.connection.state).toBe('draining');
    expect(answers.flatMap(({ frames }) => frames)).toEqual([
      { type: 'reset', code, reason: expect.any(String) },
    ]);
    expect(peer.events.filter(({ type }) => type === 'closed')).toHaveLength(1);
  });

  // RUDP-ACK-5
  test('an acknowledgement of a packet that was never sent resets the connection with code 4', () => {
    const peer = open();
    peer.advance(100);
    const sent = Math.max(...peer.packets.map(({ packetNumber }) => packetNumber));
    peer.send({ type: 'ack', delayMs: 0, ranges: [[0, sent + 1]] });
    expect(peer.connection.end).toBeUndefined();
    const next = Math.max(...peer.packets.map(({ packetNumber }) => packetNumber)) + 1;
    const answers = peer.send({ type: 'ack', delayMs: 0, ranges: [[next, next + 1]] });
    expect(peer.connection.end).toMatchObject({ kind: 'protocol-violation', code: 4 });
    expect(answers.flatMap(({ frames }) => frames)).toEqual([
      { type: 'reset', code: ResetCode.unsentPacketAcknowledged, reason: expect.any(String) },
    ]);
  });

  // RUDP-PKT-7
  test('an acknowledgement of a packet number that was left out resets the connection with code 4', () => {
    const peer = open();
    let acknowledged = 0;
    let missing: number | undefined;
    for (let round = 0; round < 1100 && missing === undefined; round += 1) {
      peer.connection.write(new Uint8Array(1));
      peer.advance(5);
      const seen = peer.packets.map(({ packetNumber }) => packetNumber);
      const largest = Math.max(...seen);
      missing = Array.from({ length: largest }, (_, number) => number).find(
        (number) => !seen.includes(number),
      );
      if (missing !== undefined) break;
      peer.send({ type: 'ack', delayMs: 0, ranges: [[acknowledged, largest + 1]] });
      acknowledged = largest;
    }
    expect(missing).toBeGreaterThanOrEqual(128 + 64);
    const largest = Math.max(...peer.packets.map(({ packetNumber }) => packetNumber));
    expect(peer.connection.end).toBeUndefined();
    peer.send({ type: 'ack', delayMs: 0, ranges: [[0, largest + 1]] });
    expect(peer.connection.end).toMatchObject({
      kind: 'protocol-violation',
      code: ResetCode.unsentPacketAcknowledged,
    });
  });

  // RUDP-PKT-4, RUDP-SYN-4
  test('the same bytes without the keys changes nothing', () => {
    for (const { before, frameBytes } of violations) {
      const peer = open();
      for (const frame of before) peer.send(frame);
      const packet = peer.seal(frameBytes, peer.nextPacketNumber);
      packet.set(frameBytes, 15);
      packet[packet.length - 1] = (packet.at(-1) as number) ^ 1;
      const unauthentic = peer.connection.statistics().packetsUnauthentic;
      peer.deliver(packet);
      expect(peer.connection.end).toBeUndefined();
      expect(peer.connection.statistics().packetsUnauthentic).toBe(unauthentic + 1);
    }
  });
});

describe('after a violation', () => {
  // RUDP-RESET-2
  test('the RESET is repeated to a peer that goes on, at most eight times in all', () => {
    const peer = ScriptedPeer.established();
    peer.sendBytes(fromHex('ff'));
    const before = peer.packets.length;
    expect(before).toBeGreaterThan(0);
    for (let index = 0; index < 20; index += 1) peer.send({ type: 'ping' });
    const resets = peer.frames.filter(({ type }) => type === 'reset');
    expect(resets).toHaveLength(8);
    expect(new Set(peer.packets.map(({ packetNumber }) => packetNumber)).size).toBe(peer.packets.length);
  });

  // RUDP-RESET-2
  test('the connection is forgotten after three probe timeouts, and only a stateless reset answers', () => {
    const peer = ScriptedPeer.established();
    peer.sendBytes(fromHex('ff'));
    expect(peer.endpoint.connectionCount).toBe(1);
    peer.advance(5000);
    expect([peer.endpoint.connectionCount, peer.endpoint.pollDeadline()]).toEqual([0, undefined]);
    const before = peer.datagrams.length;
    peer.send({ type: 'ping' });
    expect(peer.datagrams.slice(before).map(({ bytes }) => bytes[0])).toEqual([PacketType.statelessReset]);
  });

  test('no byte of the packet after the violation is delivered', () => {
    const peer = ScriptedPeer.established();
    peer.send(stream(0, 10));
    expect(peer.connection.readableBytes).toBe(10);
    peer.sendBytes(fromHex('ff'));
    peer.send(stream(10, 10));
    expect(peer.connection.readableBytes).toBe(10);
  });
});
