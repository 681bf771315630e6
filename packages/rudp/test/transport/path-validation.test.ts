import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/core/config.ts';
import type { RemoteAddress } from '../../src/core/index.ts';
import { DATAGRAM_BYTES_BASE, PATH_CHALLENGES_MAX } from '../../src/core/limits.ts';
import { encodeFrame, type Frame } from '../support/frames.ts';
import { SCRIPT_ADDRESS, ScriptedPeer } from '../support/scripted-peer.ts';

const ELSEWHERE: RemoteAddress = { host: '203.0.113.5', port: 4433 };

/** The bytes of every PATH-CHALLENGE that went to an address. */
function challengesTo(peer: ScriptedPeer, remote: RemoteAddress): Uint8Array[] {
  return peer.packets
    .filter((packet) => packet.remote.host === remote.host && packet.remote.port === remote.port)
    .flatMap(({ frames }) => frames)
    .filter((frame): frame is Frame & { type: 'path-challenge' } => frame.type === 'path-challenge')
    .map(({ data }) => data);
}

function bytesTo(peer: ScriptedPeer, remote: RemoteAddress): number {
  return peer.datagrams
    .filter((datagram) => datagram.remote.host === remote.host && datagram.remote.port === remote.port)
    .reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** A server with plenty to send, whose client has acknowledged nothing but the first packets. */
function sendingServer(config = {}): ScriptedPeer {
  const peer = ScriptedPeer.established({ config });
  peer.connection.write(new Uint8Array(500_000));
  peer.settle();
  peer.advance(50);
  peer.acknowledgeAll();
  return peer;
}

const large: Frame = { type: 'stream', offset: 0, bytes: new Uint8Array(1100) };
/** When a path has failed: three probe timeouts of a path of which nothing is known. */
const failedMs = 3 * (parseConfig().initialRttMs * 3 + 25);

describe('a handshake', () => {
  // RUDP-PATH-8, RUDP-SYN-7
  test('whose SYN came from two addresses proves neither: the first packet is challenged', () => {
    const peer = ScriptedPeer.asClient();
    peer.deliver(peer.syn.slice(), ELSEWHERE);
    expect(peer.datagrams.at(-1)?.remote).toEqual(ELSEWHERE);
    peer.sendFrom(ELSEWHERE, { type: 'handshake-ack' });
    expect(challengesTo(peer, ELSEWHERE).length).toBe(1);
    expect(peer.endpoint.connectionCount).toBe(1);
  });
});

describe('a server', () => {
  // RUDP-PATH-2, RUDP-PATH-3, RUDP-PATH-4
  test('challenges the new address, and the old one, with full datagrams', () => {
    const peer = sendingServer();
    const before = peer.packets.length;
    peer.sendFrom(ELSEWHERE, large);
    const [first] = challengesTo(peer, ELSEWHERE) as [Uint8Array];
    expect(first).toHaveLength(8);
    expect(challengesTo(peer, SCRIPT_ADDRESS)).toHaveLength(1);
    expect(challengesTo(peer, SCRIPT_ADDRESS)[0]).not.toEqual(first);
    const sizes = peer.packets
      .slice(before)
      .filter(({ frames }) => frames.some(({ type }) => type === 'path-challenge'))
      .map(({ byteLength }) => byteLength);
    expect(sizes).toEqual([DATAGRAM_BYTES_BASE, DATAGRAM_BYTES_BASE]);
    expect(peer.connection.remote).toEqual(ELSEWHERE);
  });

  // RUDP-PATH-4
  test.each([
    { name: 'a full packet', frame: large },
    { name: 'the smallest packet', frame: { type: 'ping' } as Frame },
  ])('sends a spoofed source at most three times the bytes of $name, for ever', ({ frame }) => {
    const peer = sendingServer();
    const received = peer.sendFrom(ELSEWHERE, frame);
    const sent: number[] = [];
    for (let step = 0; step < 200; step += 1) {
      peer.advance(100);
      sent.push(bytesTo(peer, ELSEWHERE));
    }
    expect(sent.at(-1)).toBeGreaterThan(0);
    expect(Math.max(...sent)).toBeLessThanOrEqual(3 * received);
    // The old path goes on meanwhile.
    expect(peer.connection.remote).toEqual(SCRIPT_ADDRESS);
  });

  // RUDP-PATH-3
  test('sends without a bound when the challenge is answered, whichever way the answer comes', () => {
    for (const way of [ELSEWHERE, SCRIPT_ADDRESS]) {
      const peer = sendingServer();
      peer.sendFrom(ELSEWHERE, large);
      const [data] = challengesTo(peer, ELSEWHERE) as [Uint8Array];
      peer.sendFrom(way, { type: 'path-response', data });
      expect(peer.connection.remote).toEqual(ELSEWHERE);
      expect(peer.events.map(({ type }) => type)).toContain('migrated');
      const before = bytesTo(peer, ELSEWHERE);
      peer.acknowledgeAll(ELSEWHERE);
      peer.advance(200);
      expect(bytesTo(peer, ELSEWHERE) - before).toBeGreaterThan(5000);
    }
  });

  // RUDP-PATH-3
  test('repeats a challenge that is lost, three times in all, and then goes back', () => {
    const peer = sendingServer();
    peer.sendFrom(ELSEWHERE, large);
    peer.advance(failedMs - 1);
    const challenges = challengesTo(peer, ELSEWHERE);
    expect(challenges).toHaveLength(PATH_CHALLENGES_MAX);
    expect(new Set(challenges.map(String)).size).toBe(1);
    expect(peer.connection.remote).toEqual(ELSEWHERE);
    peer.advance(1);
    expect(peer.connection.remote).toEqual(SCRIPT_ADDRESS);
    const before = bytesTo(peer, SCRIPT_ADDRESS);
    peer.advance(1000);
    expect(bytesTo(peer, SCRIPT_ADDRESS)).toBeGreaterThan(before);
  });

  // RUDP-PATH-3
  test('takes the answer to a challenge of the second try, and a late one', () => {
    const peer = sendingServer();
    peer.sendFrom(ELSEWHERE, large, large);
    const [data] = challengesTo(peer, ELSEWHERE) as [Uint8Array];
    peer.advance(failedMs + 100);
    expect(peer.connection.remote).toEqual(SCRIPT_ADDRESS);
    peer.sendFrom(ELSEWHERE, { type: 'path-response', data }, { type: 'ping' });
    expect(peer.connection.remote).toEqual(ELSEWHERE);
    expect(peer.events.map(({ type }) => type)).toContain('migrated');
  });

  // RUDP-PATH-3
  test('ignores an answer with other bytes', () => {
    const peer = sendingServer();
    peer.sendFrom(ELSEWHERE, large);
    const [data] = challengesTo(peer, ELSEWHERE) as [Uint8Array];
    for (let bit = 0; bit < 64; bit += 1) {
      const wrong = data.slice();
      wrong[bit >> 3] = (wrong[bit >> 3] as number) ^ (1 << (bit & 7));
      peer.sendFrom(SCRIPT_ADDRESS, { type: 'path-response', data: wrong }, { type: 'padding' });
    }
    peer.advance(failedMs);
    expect(peer.connection.remote).toEqual(SCRIPT_ADDRESS);
    expect(peer.events.map(({ type }) => type)).not.toContain('migrated');
  });

  // RUDP-PATH-5
  test('asks again with a full datagram when the first was small', () => {
    const peer = ScriptedPeer.established();
    peer.sendFrom(ELSEWHERE, { type: 'ping' });
    const [data] = challengesTo(peer, ELSEWHERE) as [Uint8Array];
    expect(bytesTo(peer, ELSEWHERE)).toBeLessThan(100);
    peer.sendFrom(ELSEWHERE, { type: 'path-response', data });
    const [, second] = challengesTo(peer, ELSEWHERE) as [Uint8Array, Uint8Array];
    expect(second).not.toEqual(data);
    const full = peer.packets.filter(
      ({ remote, byteLength }) => remote === ELSEWHERE && byteLength === DATAGRAM_BYTES_BASE,
    );
    expect(full.map(({ frames }) => frames)).toEqual([[{ type: 'path-challenge', data: second }]]);
  });

  // RUDP-PATH-2
  test('does not follow a late packet, nor one that only probes', () => {
    const peer = sendingServer();
    const late = peer.nextPacketNumber;
    peer.nextPacketNumber += 1;
    peer.send({ type: 'ping' });
    peer.deliver(peer.seal(encodeFrame({ type: 'ping' }), late), ELSEWHERE);
    peer.sendFrom(ELSEWHERE, { type: 'path-challenge', data: new Uint8Array(8) }, { type: 'padding' });
    expect(peer.connection.remote).toEqual(SCRIPT_ADDRESS);
    expect(bytesTo(peer, ELSEWHERE)).toBe(0);
  });

  // RUDP-PATH-6
  test('is called back at once by the next packet from the old address', () => {
    const peer = sendingServer();
    const { smoothedRttMs, mtu } = peer.connection.statistics();
    peer.sendFrom(ELSEWHERE, large);
    expect(peer.connection.remote).toEqual(ELSEWHERE);
    const [data] = challengesTo(peer, SCRIPT_ADDRESS) as [Uint8Array];
    peer.send({ type: 'path-response', data }, { type: 'ping' });
    expect(peer.connection.remote).toEqual(SCRIPT_ADDRESS);
    expect(peer.connection.statistics()).toMatchObject({ smoothedRttMs, mtu });
    expect(peer.events.map(({ type }) => type)).not.toContain('migrated');
  });

  // RUDP-PATH-7
  test('tries the address that failed again when the old one is dead', () => {
    const peer = sendingServer();
    peer.sendFrom(ELSEWHERE, large, large);
    peer.advance(failedMs);
    const before = challengesTo(peer, ELSEWHERE).length;
    peer.advance(5000);
    const challenges = challengesTo(peer, ELSEWHERE);
    expect(challenges.length).toBeGreaterThan(before);
    peer.sendFrom(
      ELSEWHERE,
      { type: 'path-response', data: challenges.at(-1) as Uint8Array },
      { type: 'ping' },
    );
    expect(peer.connection.remote).toEqual(ELSEWHERE);
  });

  // RUDP-PATH-9
  test('takes no round-trip time from packets that went the old path', () => {
    const peer = sendingServer();
    peer.advance(30);
    const { packetNumber } = peer.packets.at(-1) as { packetNumber: number };
    peer.sendFrom(ELSEWHERE, large);
    peer.advance(400);
    const [data] = challengesTo(peer, ELSEWHERE) as [Uint8Array];
    peer.sendFrom(ELSEWHERE, { type: 'path-response', data });
    const before = peer.connection.statistics();
    peer.sendFrom(ELSEWHERE, { type: 'ack', delayMs: 0, ranges: [[packetNumber, packetNumber + 1]] });
    const after = peer.connection.statistics();
    expect(after.smoothedRttMs).toBe(before.smoothedRttMs);
    expect(after.packetsAcknowledged).toBeGreaterThan(before.packetsAcknowledged);
  });
});

describe('a client', () => {
  // RUDP-PATH-1
  test("takes no packet from another address than the server's", () => {
    const peer = ScriptedPeer.asServer();
    const before = peer.connection.statistics();
    peer.sendFrom(ELSEWHERE, large);
    expect(peer.connection.statistics()).toEqual(before);
    expect(peer.connection.remote).toEqual(SCRIPT_ADDRESS);
  });

  // RUDP-PATH-3, RUDP-PATH-6
  test('answers a challenge at once, with a full datagram that is more than a probe', () => {
    const peer = ScriptedPeer.asServer();
    const data = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
    const answers = peer.send({ type: 'path-challenge', data });
    expect(answers[0]?.byteLength).toBe(DATAGRAM_BYTES_BASE);
    expect(answers[0]?.frames.map(({ type }) => type)).toEqual(['path-response', 'ack']);
    expect(answers[0]?.frames[0]).toEqual({ type: 'path-response', data });
    // Neither is acknowledged, and neither is repeated.
    expect(answers).toHaveLength(1);
    peer.send({ type: 'path-response', data });
    expect(peer.connection.end).toBeUndefined();
  });
});
