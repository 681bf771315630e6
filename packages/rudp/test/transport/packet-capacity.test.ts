import { describe, expect, test } from 'vitest';
import { streamHeaderBytes } from '../../src/core/frames/frames.ts';
import { type CryptoProvider, Endpoint } from '../../src/core/index.ts';
import { nodeCryptoProvider } from '../../src/node/crypto-provider.ts';
import { fromHex } from '../support/bytes.ts';
import { headerBytesOf } from '../support/data-packet.ts';
import { PacketLog, streamFrames } from '../support/packet-log.ts';
import { patternAt } from '../support/pattern.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';
import { TransportPair } from '../support/transport-pair.ts';

/** An endpoint whose next ids the test names. */
function endpointWithDraws() {
  const draws: string[] = [];
  const crypto: CryptoProvider = {
    ...nodeCryptoProvider,
    randomBytes: (count) =>
      count === 8 && draws.length > 0
        ? fromHex(draws.shift() as string)
        : nodeCryptoProvider.randomBytes(count),
  };
  const endpoint = new Endpoint({ crypto, acceptsConnections: false });
  return { draws, endpoint, remote: { host: '192.0.2.1', port: 1 } };
}

/** Of a datagram of 1,472 bytes, with these many bytes of offset: type, beginning of the id, two bytes of number; type of the frame; tag. */
const capacity = (offsetBytes: number) => 1472 - (1 + 4 + 2) - (1 + offsetBytes) - 16;

describe('a full packet', () => {
  // RUDP-PKT-3, RUDP-PKT-5, RUDP-ID-2, RUDP-FRAME-2
  test.each(['client', 'server'] as const)('of the %s has 28 bytes that are not the stream’s', (side) => {
    const log = new PacketLog();
    const sizes: number[] = [];
    const record = {
      drop: (_index: number, bytes: Uint8Array) => {
        const packet = log.find(bytes);
        const [stream] = packet?.side === side ? streamFrames(packet) : [];
        if (bytes.length === 1472 && stream !== undefined && packet?.frames.length === 1) {
          expect(headerBytesOf(bytes)).toBe(7);
          expect(stream.bytes.length).toBe(1472 - 7 - streamHeaderBytes(stream.offset) - 16);
          sizes.push(stream.bytes.length);
        }
        return false;
      },
    };
    const pair = TransportPair.open({
      seed: 'capacity',
      log,
      link: { delayMs: 10, mtuBytes: 1500 },
      [side === 'client' ? 'toServer' : 'toClient']: record,
      ...(side === 'client' ? { clientSends: 500_000 } : { serverSends: 500_000 }),
    });
    pair.runToEnd();
    expect(pair.endKinds).toEqual({ client: 'finished', server: 'finished' });
    expect(sizes.length).toBeGreaterThan(200);
    expect(sizes.at(-1)).toBe(capacity(3));
    expect(capacity(3)).toBe(1445);
    expect(capacity(4)).toBe(1444);
  });
});

describe('the beginning of an id', () => {
  // RUDP-ID-1
  test('is never that of another connection of the endpoint', () => {
    const pair = TransportPair.open({ seed: 'ids', clientFinishes: 'never', serverFinishes: 'never' });
    pair.runToEstablished();
    const ids = Array.from(
      { length: 200 },
      () => pair.client.endpoint.connect(pair.now, pair.server.address).localId,
    );
    expect(new Set(ids.map((id) => id.slice(0, 8))).size).toBe(200);
  });

  // RUDP-ID-1
  test.each([1, 15])('is drawn again when it is taken, after %i that were', (takenDraws) => {
    const { draws, endpoint, remote } = endpointWithDraws();
    draws.push('aaaaaaaa00000001');
    expect(endpoint.connect(0, remote).localId).toBe('aaaaaaaa00000001');
    for (let draw = 0; draw < takenDraws; draw += 1) draws.push('aaaaaaaa00000002');
    draws.push('bbbbbbbb00000001');
    expect(endpoint.connect(0, remote).localId).toBe('bbbbbbbb00000001');
  });

  // RUDP-ID-1
  test('that comes again and again is a broken source of chance', () => {
    const { draws, endpoint, remote } = endpointWithDraws();
    for (let draw = 0; draw < 30; draw += 1) draws.push('aaaaaaaa00000001');
    endpoint.connect(0, remote);
    expect(() => endpoint.connect(0, remote)).toThrow('expected random bytes');
  });

  // RUDP-ID-2
  test('reaches a connection, and so does the whole id, but not another with the same beginning', () => {
    const peer = ScriptedPeer.established();
    const streamBytes = () => peer.connection.statistics().streamBytesReceived;
    peer.send({ type: 'stream', offset: 0, bytes: patternAt(0, 10) });
    expect(streamBytes()).toBe(10);
    const packet = peer.seal(new Uint8Array(40).fill(1), peer.nextPacketNumber);
    packet[8] = (packet[8] as number) ^ 1;
    const before = peer.connection.statistics();
    peer.deliver(packet);
    // It is for nobody: that the connection exists does not matter.
    expect(peer.datagrams.at(-1)?.bytes[0]).toBe(0x05);
    expect(peer.connection.statistics().packetsUnauthentic).toBe(before.packetsUnauthentic);
  });
});

describe('a packet number of two bytes', () => {
  const frames = Uint8Array.from([0x28, 0, 3, 0x63, 0x61, 0x74]);

  // RUDP-PKT-8
  test.each([
    { overtakenBy: 32_766, isOpened: true },
    { overtakenBy: 32_768, isOpened: false },
    { overtakenBy: 65_536, isOpened: false },
    { overtakenBy: 100_000, isOpened: false },
  ])('that $overtakenBy others have overtaken is opened: $isOpened', ({ overtakenBy, isOpened }) => {
    const peer = ScriptedPeer.established();
    const number = 500;
    const late = peer.seal(frames, number, 2);
    peer.sendBytes(Uint8Array.of(0x01), number + overtakenBy);
    const before = peer.connection.statistics();
    peer.deliver(late);
    const after = peer.connection.statistics();
    expect(after.streamBytesReceived).toBe(isOpened ? 3 : 0);
    // Where it is taken for the very packet that was received, it is a duplicate.
    const dropped = after.packetsUnauthentic + after.packetsDuplicate - before.packetsUnauthentic;
    expect(dropped).toBe(isOpened ? 0 : 1);
    expect(peer.connection.end).toBeUndefined();
    // The next one is taken as before.
    peer.sendBytes(frames, number + overtakenBy + 1);
    expect(peer.connection.statistics().streamBytesReceived).toBeGreaterThanOrEqual(3);
  });

  // RUDP-PKT-4, RUDP-PKT-8
  test('is part of what is authentic, and so are its size and the rest of the header', () => {
    for (const numberBytes of [1, 2, 3, 4]) {
      const peer = ScriptedPeer.established();
      const packet = peer.seal(frames, peer.nextPacketNumber, numberBytes);
      for (let bit = 0; bit < packet.length * 8; bit += 1) {
        const flipped = packet.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        peer.deliver(flipped);
      }
      expect(peer.connection.statistics().streamBytesReceived).toBe(0);
      expect(peer.connection.end).toBeUndefined();
      peer.deliver(packet.slice());
      expect(peer.connection.statistics().streamBytesReceived).toBe(3);
    }
  });
});

describe('STREAM frames', () => {
  // RUDP-FRAME-2
  test('one without a length takes the rest of its packet, whatever is in it', () => {
    const peer = ScriptedPeer.established();
    peer.sendBytes(Uint8Array.from([0x01, 0x20, 0x05, 0x00, 0x28, 0x01]));
    expect(peer.connection.statistics().streamBytesReceived).toBe(4);
    expect(peer.connection.end).toBeUndefined();
  });

  // RUDP-FRAME-2
  test('an offset may have more bytes than it needs, up to seven, and is at most 2^53 − 1', () => {
    const peer = ScriptedPeer.established();
    peer.sendBytes(Uint8Array.from([0x27, 0, 0, 0, 0, 0, 0, 0, 9]));
    expect(peer.connection.statistics().streamBytesReceived).toBe(1);
    peer.sendBytes(Uint8Array.from([0x27, 0x20, 0, 0, 0, 0, 0, 0, 9]));
    expect(peer.connection.end).toMatchObject({ kind: 'protocol-violation', code: 1 });
  });
});
