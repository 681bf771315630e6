import { createRandom, type Random } from '@parley/netsim';
import { expect, test } from 'vitest';
import { concatenate } from '../support/bytes.ts';
import { PLAIN_WINDOW } from '../support/plain-window.ts';
import { TransportPair } from '../support/transport-pair.ts';

const SEGMENT_BYTES = 1200;
const STREAM_BYTES = 8000;

/** A connection of the client, and a train to it of whole packets and a short one that has not arrived. */
function captureTrain(seed: string) {
  const train: Uint8Array[] = [];
  const pair = TransportPair.open({
    seed,
    link: { delayMs: 20 },
    config: { ...PLAIN_WINDOW, datagramBytesMax: SEGMENT_BYTES },
    clientFinishes: 'never',
    serverFinishes: 'never',
  }).runToEstablished();
  pair.run({ untilMs: 1000 });
  pair.toClient.configure({
    drop: (_index, bytes) => {
      train.push(bytes.slice());
      return true;
    },
  });
  pair.serverConnection.write(new Uint8Array(STREAM_BYTES));
  pair.settle();
  return { pair, train };
}

/** What the client makes of these datagrams when receive offload joins them. */
function receiveJoined(seed: string, forge: (genuine: Uint8Array) => Uint8Array, places: readonly number[]) {
  const { pair, train } = captureTrain(seed);
  for (const place of places) train.splice(place, 0, forge(train[0] as Uint8Array));
  pair.client.endpoint.handleDatagram(pair.now, pair.server.address, concatenate(...train));
  return pair.clientConnection.receivedBytesContiguous;
}

function withLength(bytes: Uint8Array, length: number): Uint8Array {
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(1, length);
  return bytes;
}

/** A datagram of small packets that end where they say. */
function packed(header: Uint8Array, packetBytes: number): Uint8Array {
  const datagram = new Uint8Array(SEGMENT_BYTES);
  for (let start = 0; start + packetBytes <= SEGMENT_BYTES; start += packetBytes) {
    datagram.set(header, start);
    withLength(datagram.subarray(start), packetBytes);
  }
  return datagram;
}

const strangerHeader = Uint8Array.from([0x40, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
const garbage = () => new Uint8Array(SEGMENT_BYTES).fill(0xa5);

// RUDP-PKT-2
test.each<[string, (genuine: Uint8Array) => Uint8Array]>([
  ['that is garbage', garbage],
  ['with a length below 11', (genuine) => withLength(genuine.slice(), 10)],
  ['with a length beyond the end', (genuine) => withLength(genuine.slice(), 0xffff)],
  ['that claims a neighbour', (genuine) => withLength(genuine.slice(), 2 * SEGMENT_BYTES)],
  ['that ends within a neighbour', (genuine) => withLength(genuine.slice(), SEGMENT_BYTES + 7)],
  ['that ends before itself', (genuine) => withLength(genuine.slice(), 100)],
  [
    'of a stranger with a wrong length',
    () => withLength(concatenate(strangerHeader, garbage()).slice(0, SEGMENT_BYTES), 3000),
  ],
  ['of a hundred small packets for nobody', () => packed(strangerHeader, 11)],
  ['that is a SYN', () => withLength(new Uint8Array(SEGMENT_BYTES).fill(1), 5000)],
  ['with a few headers of the connection in it', (genuine) => packed(genuine.subarray(0, 11), 300)],
  [
    'with headers of the connection that claim everything',
    (genuine) => {
      const datagram = packed(genuine.subarray(0, 11), 300);
      for (let start = 0; start < SEGMENT_BYTES; start += 300) withLength(datagram.subarray(start), 4000);
      return datagram;
    },
  ],
])('a forged datagram %s does not spoil those that are joined with it', (_name, forge) => {
  for (const places of [[0], [3], [2, 2], [1, 3, 5]])
    expect(receiveJoined('forged', forge, places), `at ${places}`).toBe(STREAM_BYTES);
});

/** A datagram as an attacker might make it who has seen a genuine one. */
function anyForgery(random: Random, genuine: Uint8Array): Uint8Array {
  const forged = random.chance(0.5) ? genuine.slice() : random.bytes(SEGMENT_BYTES);
  for (let count = random.integer(0, 4); count > 0; count -= 1) {
    const start = random.integer(0, SEGMENT_BYTES - 15);
    forged.set(genuine.subarray(0, 11), start);
    withLength(forged.subarray(start), random.integer(0, 12_000));
  }
  // Whatever else it is, it is not the genuine one.
  forged[SEGMENT_BYTES - 1] = (genuine[SEGMENT_BYTES - 1] as number) ^ 1;
  return forged;
}

// RUDP-PKT-2
test('100 random forgeries spoil nothing (seed forgeries-1)', () => {
  const random = createRandom('forgeries-1');
  for (let run = 0; run < 100; run += 1) {
    const places = Array.from({ length: random.integer(1, 3) }, () => random.integer(0, 6));
    const received = receiveJoined('forged', (genuine) => anyForgery(random, genuine), places);
    expect(received, `run ${run}`).toBe(STREAM_BYTES);
  }
});

// RUDP-PKT-2
test('a buffer of nothing but forged headers of the connection costs 32 attempts', () => {
  const { pair, train } = captureTrain('forged');
  const before = pair.clientConnection.statistics().packetsUnauthentic;
  const forged = packed((train[0] as Uint8Array).subarray(0, 15), 31);
  pair.client.endpoint.handleDatagram(pair.now, pair.server.address, concatenate(forged, forged));
  expect(pair.clientConnection.statistics().packetsUnauthentic - before).toBe(32);
});
