import { expect, test } from 'vitest';
import type { Frame } from '../support/frames.ts';
import { patternAt } from '../support/pattern.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';

const WINDOW_BYTES = 16_384;
const CONFIG = { receiveWindowBytesInitial: WINDOW_BYTES, receiveWindowBytesMax: WINDOW_BYTES };

/** Segments of 1,024 bytes, one a packet. */
function sendBytes(peer: ScriptedPeer, from: number, to: number): void {
  for (let offset = from; offset < to; offset += 1024)
    peer.send({ type: 'stream', offset, bytes: patternAt(offset, Math.min(1024, to - offset)) });
}

function readAll(peer: ScriptedPeer): number {
  const count = peer.connection.read(new Uint8Array(1 << 20));
  peer.settle();
  return count;
}

function grantsIn(frames: readonly Frame[]): number[] {
  return frames.flatMap((frame) => (frame.type === 'max-data' ? [frame.bytesMax] : []));
}

/** The script acknowledges every packet of the endpoint so far. */
function acknowledgeAll(peer: ScriptedPeer): void {
  const largest = Math.max(...peer.packets.map(({ packetNumber }) => packetNumber));
  peer.send({ type: 'ack', delayMs: 0, ranges: [[0, largest + 1]] });
}

// RUDP-FLOW-4
test('a reader that has taken an eighth of the window is granted as much again', () => {
  const peer = ScriptedPeer.established({ config: CONFIG });
  sendBytes(peer, 0, WINDOW_BYTES / 8 - 1024);
  readAll(peer);
  expect(grantsIn(peer.frames)).toEqual([]);
  sendBytes(peer, WINDOW_BYTES / 8 - 1024, WINDOW_BYTES / 8);
  expect(grantsIn(peer.frames)).toEqual([]);
  readAll(peer);
  expect(grantsIn(peer.frames)).toEqual([WINDOW_BYTES * 1.125]);
});

// RUDP-FLOW-4
test('who does not read grants nothing', () => {
  const peer = ScriptedPeer.established({ config: CONFIG });
  sendBytes(peer, 0, WINDOW_BYTES);
  peer.advance(10_000);
  expect(grantsIn(peer.frames)).toEqual([]);
  expect(peer.connection.readableBytes).toBe(WINDOW_BYTES);
});

// RUDP-FLOW-4
test('a paused receiver grants nothing although it reads, and what is due when it resumes', () => {
  const peer = ScriptedPeer.established({ config: CONFIG });
  peer.connection.pauseReceiving();
  sendBytes(peer, 0, WINDOW_BYTES);
  expect(readAll(peer)).toBe(WINDOW_BYTES);
  peer.advance(5000);
  expect(grantsIn(peer.frames)).toEqual([]);
  peer.connection.resumeReceiving();
  peer.settle();
  expect(grantsIn(peer.frames)).toEqual([2 * WINDOW_BYTES]);
});

// RUDP-LOSS-6
test('a grant that is lost goes out again, as it is then', () => {
  const peer = ScriptedPeer.established({ config: CONFIG });
  sendBytes(peer, 0, WINDOW_BYTES);
  readAll(peer);
  expect(grantsIn(peer.frames)).toEqual([2 * WINDOW_BYTES]);
  // The script stays silent: the probe carries the grant.
  peer.advance(2000);
  const repeated = grantsIn(peer.frames);
  expect(repeated.length).toBeGreaterThan(1);
  expect(new Set(repeated)).toEqual(new Set([2 * WINDOW_BYTES]));
});

// RUDP-FLOW-4, RUDP-LOSS-6
test('a grant that was lost while receiving was paused goes out when it resumes', () => {
  const peer = ScriptedPeer.established({ config: CONFIG });
  sendBytes(peer, 0, WINDOW_BYTES);
  readAll(peer);
  const lost = peer.packets.at(-1)?.packetNumber as number;
  expect(grantsIn(peer.packets.at(-1)?.frames ?? [])).toEqual([2 * WINDOW_BYTES]);
  peer.connection.pauseReceiving();
  // Everything but the packet with the grant is acknowledged, far enough behind it that it counts as lost.
  for (let index = 0; index < 4; index += 1) {
    peer.send({ type: 'ping' });
    peer.advance(30);
  }
  const largest = peer.packets.at(-1)?.packetNumber as number;
  peer.advance(3000);
  const last = peer.packets.at(-1)?.packetNumber as number;
  expect(last).toBeGreaterThan(largest);
  peer.send({
    type: 'ack',
    delayMs: 0,
    ranges: [
      [lost + 1, last + 1],
      [0, lost],
    ],
  });
  const before = peer.packets.length;
  peer.advance(3000);
  expect(grantsIn(peer.packets.slice(before).flatMap(({ frames }) => frames))).toEqual([]);
  peer.connection.resumeReceiving();
  peer.settle();
  const afterResume = peer.packets.slice(before).flatMap(({ frames }) => frames);
  expect(grantsIn(afterResume)).toEqual([2 * WINDOW_BYTES]);
});

// RUDP-FLOW-4
test('a sink that takes over a full window makes room at once, without waiting for another packet', () => {
  const peer = ScriptedPeer.established({ config: CONFIG });
  sendBytes(peer, 0, WINDOW_BYTES);
  acknowledgeAll(peer);
  expect(grantsIn(peer.frames)).toEqual([]);
  let taken = 0;
  peer.connection.receiveInto({
    write: (_offset, bytes) => {
      taken += bytes.length;
    },
  });
  peer.settle();
  expect(taken).toBe(WINDOW_BYTES);
  expect(grantsIn(peer.frames)).toEqual([2 * WINDOW_BYTES]);
});

// RUDP-FLOW-4
test('once the end of the stream is known nothing more is granted', () => {
  const peer = ScriptedPeer.established({ config: CONFIG });
  sendBytes(peer, 0, WINDOW_BYTES);
  peer.send({ type: 'fin', finalSize: WINDOW_BYTES });
  readAll(peer);
  expect(grantsIn(peer.frames)).toEqual([]);
});
