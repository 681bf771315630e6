import { describe, expect, test } from 'vitest';
import { encodeFrame, type Frame } from '../support/frames.ts';
import { patternAt } from '../support/pattern.ts';
import { type ReceivedPacket, ScriptedPeer } from '../support/scripted-peer.ts';

type Ack = Frame & { readonly type: 'ack' };

function acksIn(packets: readonly ReceivedPacket[]): Ack[] {
  return packets.flatMap(({ frames }) => frames.filter((frame): frame is Ack => frame.type === 'ack'));
}

/** An endpoint that has measured this round-trip time, and has nothing to say. */
function openWithRtt(rttMs: number): ScriptedPeer {
  const peer = ScriptedPeer.asClient();
  peer.now += rttMs;
  peer.send({ type: 'handshake-ack' });
  peer.advance(100);
  return peer;
}

describe('a lone packet', () => {
  // RUDP-ACK-1
  test.each([
    { rttMs: 40, delayMs: 10 },
    { rttMs: 400, delayMs: 25 },
  ])('is acknowledged after $delayMs ms when the round trip takes $rttMs ms', ({ rttMs, delayMs }) => {
    const peer = openWithRtt(rttMs);
    const sentAtMs = peer.now;
    expect(peer.send({ type: 'ping' })).toEqual([]);
    const before = peer.packets.length;
    peer.advance(1000);
    const [answer, ...others] = peer.packets.slice(before);
    expect(others).toEqual([]);
    expect((answer?.atMs as number) - sentAtMs).toBeCloseTo(delayMs, 6);
    expect(acksIn([answer as ReceivedPacket])).toEqual([{ type: 'ack', delayMs, ranges: [[0, 2]] }]);
  });

  // RUDP-ACK-1
  test('is acknowledged at once when it is out of order', () => {
    const peer = openWithRtt(40);
    const answers = peer.sendBytes(Uint8Array.of(1), 5);
    expect(acksIn(answers)).toEqual([
      {
        type: 'ack',
        delayMs: 0,
        ranges: [
          [5, 6],
          [0, 1],
        ],
      },
    ]);
  });

  // RUDP-ACK-1
  test('and the next are acknowledged by twos at first', () => {
    const peer = openWithRtt(40);
    const counts = Array.from({ length: 10 }, () => acksIn(peer.send({ type: 'ping' })).length);
    expect(counts).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
  });

  // RUDP-PKT-3, RUDP-PKT-5
  test('is known by its full number, though only 32 bits of it travel', () => {
    const peer = openWithRtt(40);
    const largest = [2 ** 31 - 1, 2 ** 32 - 2, 2 ** 32 + 3, 2 ** 32 + 2 ** 31].map(
      (number) => acksIn(peer.sendBytes(Uint8Array.of(1), number))[0]?.ranges[0],
    );
    expect(largest).toEqual([
      [2 ** 31 - 1, 2 ** 31],
      [2 ** 32 - 2, 2 ** 32 - 1],
      [2 ** 32 + 3, 2 ** 32 + 4],
      [2 ** 32 + 2 ** 31, 2 ** 32 + 2 ** 31 + 1],
    ]);
    // A jump of more than half of the window is read as a number of the past, under which nothing opens.
    const before = peer.connection.statistics().packetsUnauthentic;
    expect(peer.sendBytes(Uint8Array.of(1), 2 ** 33 + 5)).toEqual([]);
    expect(peer.connection.statistics().packetsUnauthentic).toBe(before + 1);
  });

  // RUDP-FRAME-1
  test.each([
    ['padding alone', [{ type: 'padding' }]],
    ['an acknowledgement', [{ type: 'ack', delayMs: 0, ranges: [[0, 1]] }]],
  ] as const)('with %s is never acknowledged', (_name, frames) => {
    const peer = openWithRtt(40);
    expect(peer.send(...(frames as readonly Frame[]))).toEqual([]);
    const before = peer.packets.length;
    peer.advance(1000);
    expect(peer.packets.length).toBe(before);
  });
});

describe('acknowledgements', () => {
  // RUDP-ACK-1
  test('ride along with data before they are due', () => {
    const peer = openWithRtt(40);
    peer.send({ type: 'ping' });
    peer.connection.write(patternAt(0, 100));
    const before = peer.packets.length;
    peer.settle();
    expect(acksIn(peer.packets.slice(before).slice(-1))).toEqual([
      { type: 'ack', delayMs: 0, ranges: [[0, 2]] },
    ]);
    const after = peer.packets.length;
    peer.advance(15);
    expect(acksIn(peer.packets.slice(after))).toEqual([]);
  });

  // RUDP-ACK-3
  test('leave though the window is full, and are not in flight themselves', () => {
    const peer = ScriptedPeer.asClient({
      config: { congestionController: 'fixed-window', fixedWindowPackets: 1, datagramBytesMax: 1200 },
    });
    peer.send({ type: 'handshake-ack' });
    peer.connection.write(patternAt(0, 5000));
    peer.settle();
    const inFlight = peer.connection.statistics().bytesInFlight;
    expect(inFlight).toBe(1200);
    for (let index = 0; index < 50; index += 1) peer.send({ type: 'ping' });
    expect(acksIn(peer.packets).length).toBeGreaterThan(20);
    expect(peer.connection.statistics().bytesInFlight).toBe(inFlight);
  });

  // RUDP-ACK-3
  test('are not probed for when they are lost', () => {
    const peer = openWithRtt(40);
    peer.sendBytes(Uint8Array.of(1), 9);
    const before = peer.packets.length;
    peer.advance(10_000);
    expect(peer.packets.length).toBe(before);
    expect(peer.connection.statistics().probeTimeouts).toBe(0);
  });

  // RUDP-ACK-4
  test('no longer report what the script has confirmed', () => {
    const peer = openWithRtt(40);
    for (const number of [2, 4]) peer.sendBytes(Uint8Array.of(1), number);
    // Bytes ride along with the last acknowledgement, so that the script has a reason to confirm it.
    peer.connection.write(patternAt(0, 100));
    peer.sendBytes(Uint8Array.of(1), 6);
    const carrier = peer.packets.at(-1) as ReceivedPacket;
    expect(acksIn([carrier])[0]?.ranges).toEqual([
      [6, 7],
      [4, 5],
      [2, 3],
      [0, 1],
    ]);
    peer.sendBytes(
      encodeFrame({ type: 'ack', delayMs: 0, ranges: [[carrier.packetNumber, carrier.packetNumber + 1]] }),
      8,
    );
    const [answer] = acksIn(peer.sendBytes(Uint8Array.of(1), 10));
    expect(answer?.ranges).toEqual([
      [10, 11],
      [8, 9],
      [6, 7],
    ]);
  });

  // RUDP-ACK-4
  test('with more than 32 ranges carry a PING, so that the script confirms some', () => {
    const peer = openWithRtt(40);
    const types = () => peer.frames.map(({ type }) => type);
    for (let index = 0; index < 31; index += 1) peer.sendBytes(Uint8Array.of(1), 2 * index + 2);
    expect(types()).not.toContain('ping');
    for (let index = 31; index < 40; index += 1) peer.sendBytes(Uint8Array.of(1), 2 * index + 2);
    expect(types().filter((type) => type === 'ping')).toHaveLength(1);
  });

  // RUDP-ACK-3
  test('report the newest 64 ranges of more', () => {
    const peer = openWithRtt(40);
    let last: Ack | undefined;
    for (let index = 1; index <= 98; index += 1)
      last = acksIn(peer.sendBytes(Uint8Array.of(1), 2 * index)).at(-1) ?? last;
    expect(last?.ranges).toHaveLength(64);
    expect(last?.ranges[0]).toEqual([196, 197]);
    expect(last?.ranges.at(-1)).toEqual([196 - 2 * 63, 196 - 2 * 63 + 1]);
  });

  // RUDP-ACK-3, RUDP-ACK-4
  test('report eight ranges for a 64th of the round trip after all, once a hundred packets have come', () => {
    const peer = openWithRtt(64);
    const rangesAt = (now: number, number: number) => {
      peer.now = now;
      return acksIn(peer.sendBytes(Uint8Array.of(1), number)).at(-1)?.ranges.length;
    };
    for (let index = 1; index <= 98; index += 1) rangesAt(peer.now, 2 * index);
    const startMs = peer.now + 10;
    const counts = [0, 0.5, 0.9, 1.1, 1.2].map((ms, index) => rangesAt(startMs + ms, 200 + 2 * index));
    expect(counts).toEqual([64, 8, 8, 64, 8]);
  });
});
