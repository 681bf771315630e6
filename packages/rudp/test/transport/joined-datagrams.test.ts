import { createRandom, type Random } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import type { CryptoProvider } from '../../src/core/index.ts';
import { concatenate } from '../support/bytes.ts';
import { withChangedAead } from '../support/changed-aead.ts';
import { headerBytesOf } from '../support/data-packet.ts';
import { PacketLog } from '../support/packet-log.ts';
import { patternAt } from '../support/pattern.ts';
import { PLAIN_WINDOW } from '../support/plain-window.ts';
import { TransportPair } from '../support/transport-pair.ts';

const SEGMENT_BYTES = 1200;
const STREAM_BYTES = 8000;
/** What a system tells that does not know whether it has joined datagrams. */
const UNKNOWN = 0;

/** No log: what does not open is no longer what it was, as with a cipher that works in place. */
class SpoilingLog extends PacketLog {
  override observe(_side: 'client' | 'server', crypto: CryptoProvider): CryptoProvider {
    return withChangedAead(crypto, (aead) => ({
      open: (nonce, bytes, start, textStart, textEnd) => {
        const isAuthentic = aead.open(nonce, bytes, start, textStart, textEnd);
        if (!isAuthentic) bytes.fill(0xee, textStart, textEnd);
        return isAuthentic;
      },
    }));
  }
}

/** A connection of the client, and a train to it of whole packets and a short one that has not arrived. */
function captureTrain(seed: string, streamBytes = STREAM_BYTES) {
  const train: Uint8Array[] = [];
  const pair = TransportPair.open({
    seed,
    link: { delayMs: 20 },
    config: { ...PLAIN_WINDOW, datagramBytesMax: SEGMENT_BYTES },
    clientFinishes: 'never',
    serverFinishes: 'never',
    log: new SpoilingLog(),
  }).runToEstablished();
  pair.run({ untilMs: 1000 });
  pair.toClient.configure({
    drop: (_index, bytes) => {
      train.push(bytes.slice());
      return true;
    },
  });
  pair.serverConnection.write(patternAt(0, streamBytes));
  pair.settle();
  return { pair, train };
}

type Captured = ReturnType<typeof captureTrain>;

function handJoined({ pair, train }: Captured, segmentBytes: number): number {
  const joined = concatenate(...train);
  pair.client.endpoint.handleDatagram(
    pair.now,
    pair.server.address,
    joined,
    undefined,
    undefined,
    segmentBytes,
  );
  return pair.clientConnection.receivedBytesContiguous;
}

/** What the client makes of these datagrams when receive offload joins them. */
function receiveJoined(
  segmentBytes: number,
  forge: (genuine: Uint8Array) => Uint8Array,
  places: readonly number[],
): number {
  const captured = captureTrain('forged');
  const { train } = captured;
  for (const place of places) train.splice(place, 0, forge(train[0] as Uint8Array));
  return handJoined(captured, segmentBytes);
}

/** A datagram of small packets with this header. */
function packed(header: Uint8Array, packetBytes: number): Uint8Array {
  const datagram = new Uint8Array(SEGMENT_BYTES);
  for (let start = 0; start + packetBytes <= SEGMENT_BYTES; start += packetBytes) datagram.set(header, start);
  return datagram;
}

const headerOf = (genuine: Uint8Array) => genuine.subarray(0, headerBytesOf(genuine));
const strangerHeader = Uint8Array.from([0x42, 1, 2, 3, 4, 5, 6]);
const garbage = () => new Uint8Array(SEGMENT_BYTES).fill(0xa5);

function damaged(genuine: Uint8Array): Uint8Array {
  const datagram = genuine.slice();
  datagram[SEGMENT_BYTES - 1] = (datagram[SEGMENT_BYTES - 1] as number) ^ 1;
  return datagram;
}

function withHandshakeHeader(type: number, length: number): Uint8Array {
  const datagram = garbage();
  datagram[0] = type;
  new DataView(datagram.buffer).setUint16(1, length);
  return datagram;
}

const forgeries: readonly [string, (genuine: Uint8Array) => Uint8Array][] = [
  ['that is garbage', garbage],
  ['that is a damaged copy', damaged],
  ['for a stranger', () => packed(strangerHeader, SEGMENT_BYTES)],
  ['of a hundred small packets for nobody', () => packed(strangerHeader, 11)],
  ['that is a SYN', () => withHandshakeHeader(0x01, SEGMENT_BYTES)],
  ['that is a SYN with a wrong length', () => withHandshakeHeader(0x01, 5000)],
  ['that is a SYN-ACK which claims a neighbour', () => withHandshakeHeader(0x02, 2 * SEGMENT_BYTES)],
  ['with a few headers of the connection in it', (genuine) => packed(headerOf(genuine), 300)],
];

describe.each([
  ['whose size the system tells', SEGMENT_BYTES],
  ['whose size has to be found', UNKNOWN],
])('joined datagrams %s', (_size, segmentBytes) => {
  // RUDP-PKT-1, RUDP-PKT-2
  test('are all taken, with a short one at the end', () => {
    const captured = captureTrain('joined');
    expect(captured.train.at(-1)?.length).toBeLessThan(SEGMENT_BYTES);
    expect(handJoined(captured, segmentBytes)).toBe(STREAM_BYTES);
    expect(captured.pair.clientConnection.statistics().packetsUnauthentic).toBe(0);
  });

  // RUDP-PKT-1, RUDP-PKT-2
  test.each(forgeries)('are not spoiled by a forged one %s', (_name, forge) => {
    for (const places of [[0], [3], [2, 2], [1, 3, 5]])
      expect(receiveJoined(segmentBytes, forge, places), `at ${places}`).toBe(STREAM_BYTES);
  });
});

/** A datagram as an attacker might make it who has seen a genuine one. */
function anyForgery(random: Random, genuine: Uint8Array): Uint8Array {
  const forged = random.chance(0.5) ? genuine.slice() : random.bytes(SEGMENT_BYTES);
  const header = headerOf(genuine);
  for (let count = random.integer(0, 4); count > 0; count -= 1)
    forged.set(header, random.integer(0, SEGMENT_BYTES - header.length));
  return damaged(forged);
}

// RUDP-PKT-1
test('where the size is told, 100 random forgeries spoil nothing (seed forgeries-1)', () => {
  const random = createRandom('forgeries-1');
  for (let run = 0; run < 100; run += 1) {
    const places = Array.from({ length: random.integer(1, 3) }, () => random.integer(0, 6));
    const received = receiveJoined(SEGMENT_BYTES, (genuine) => anyForgery(random, genuine), places);
    expect(received, `run ${run}`).toBe(STREAM_BYTES);
  }
});

// RUDP-PKT-2
test('where it is not, a forgery with headers of the connection between two genuine ones spoils nothing (seed forgeries-2)', () => {
  const random = createRandom('forgeries-2');
  for (let run = 0; run < 100; run += 1) {
    const received = receiveJoined(UNKNOWN, (genuine) => anyForgery(random, genuine), [random.integer(2, 5)]);
    expect(received, `run ${run}`).toBe(STREAM_BYTES);
  }
});

// RUDP-PKT-2
test('a buffer of nothing but forged headers of the connection costs 32 attempts', () => {
  const captured = captureTrain('forged');
  const { pair, train } = captured;
  const before = pair.clientConnection.statistics().packetsUnauthentic;
  const forged = packed(headerOf(train[0] as Uint8Array), 22);
  train.splice(0, train.length, forged, forged);
  handJoined(captured, UNKNOWN);
  expect(pair.clientConnection.statistics().packetsUnauthentic - before).toBe(32);
});

// RUDP-PKT-2
test('the size that was found last is not believed when it is another now', () => {
  const captured = captureTrain('sizes');
  const { pair, train } = captured;
  expect(handJoined(captured, UNKNOWN)).toBe(STREAM_BYTES);
  pair.run({ untilMs: pair.now + 1000 });
  // Small packets now, which together have the size of one before.
  train.length = 0;
  for (let sent = 0; sent < 10; sent += 1) {
    pair.serverConnection.write(patternAt(STREAM_BYTES + 92 * sent, 120 - 7 - 5 - 16));
    pair.settle();
  }
  expect(train.map(({ length }) => length)).toEqual(new Array(10).fill(120));
  expect(handJoined(captured, UNKNOWN)).toBe(STREAM_BYTES + 10 * 92);
});

// RUDP-PKT-1
test.each([
  ['nothing', 0],
  ['less than a packet', 5],
  ['the rest of a packet', 40],
])('%s behind the last datagram changes nothing', (_name, tailBytes) => {
  const captured = captureTrain('tail', 30);
  const { pair, train } = captured;
  const segmentBytes = (train[0] as Uint8Array).length;
  train.push(new Uint8Array(Math.min(tailBytes, segmentBytes)).fill(0x42));
  expect(handJoined(captured, segmentBytes)).toBe(30);
  expect(pair.clientConnection.statistics().packetsUnauthentic).toBe(0);
});

// RUDP-PKT-1, RUDP-PKT-4
test('datagrams that were merged or cut without a word are dropped, and no byte of them is delivered', () => {
  const { pair, train } = captureTrain('merged');
  const [first, second] = train as [Uint8Array, Uint8Array];
  const before = pair.clientConnection.statistics().packetsUnauthentic;
  const wrong = [
    concatenate(first, second),
    concatenate(first, new Uint8Array(1)),
    first.slice(0, -1),
    first.slice(0, headerBytesOf(first) + 16),
    first.slice(0, headerBytesOf(first) + 15),
    concatenate(first.slice(0, 600), second.slice(600)),
  ];
  for (const bytes of wrong) pair.client.endpoint.handleDatagram(pair.now, pair.server.address, bytes);
  expect(pair.clientConnection.receivedBytesContiguous).toBe(0);
  expect(pair.clientConnection.statistics().packetsUnauthentic - before).toBe(wrong.length);
  for (const bytes of [first, second])
    pair.client.endpoint.handleDatagram(pair.now, pair.server.address, bytes.slice());
  expect(pair.clientConnection.receivedBytesContiguous).toBeGreaterThan(2000);
});
