import { describe, expect, test } from 'vitest';
import { RangeSet } from '../../src/core/structures/range-set.ts';
import { type LoggedPacket, PacketLog, streamBytesIn, streamFrames } from '../support/packet-log.ts';
import { TransportPair } from '../support/transport-pair.ts';

const DELAY_MS = 10;
const TRANSFER_BYTES = 300_000;
/** What is lost of so many packets is known before the last byte has left. */
const PACKETS_BEFORE_END = 120;

/** A transfer from server to client that loses the packets that `isDropped` picks among those with stream bytes. */
function transfer(
  seed: number | string,
  isDropped: (packet: LoggedPacket, index: number) => boolean,
  options: { congestionController?: 'bbr' | 'fixed-window' } = {},
): { pair: TransportPair; log: PacketLog } {
  const log = new PacketLog();
  let index = 0;
  const pair = TransportPair.open({
    seed,
    log,
    // Without probes of the packet size, which carry no stream bytes and are no retransmissions.
    config: { datagramBytesMax: 1200, congestionController: options.congestionController ?? 'bbr' },
    link: { delayMs: DELAY_MS, rateBitsPerSecond: 20e6, queueBytesMax: 1e6 },
    toClient: {
      drop: (_index, bytes) => {
        const packet = log.find(bytes);
        if (packet === undefined || streamBytesIn([packet]) === 0) return false;
        packet.isDropped = isDropped(packet, index++);
        return packet.isDropped;
      },
    },
    serverSends: TRANSFER_BYTES,
  });
  pair.runToEnd({ limitMs: 60_000 });
  return { pair, log };
}

/** Eight of a hundred packet numbers, at no regular distance. */
function isUnlucky({ packetNumber }: LoggedPacket): boolean {
  return (packetNumber * 2_654_435_761) % 100 < 8;
}

/** Stream bytes of packets that repeat what an earlier packet, not dropped, had carried. */
function needlesslyRepeatedBytes(packets: readonly LoggedPacket[]): number {
  const delivered = new RangeSet();
  let repeated = 0;
  for (const packet of packets) {
    for (const { offset, bytes } of streamFrames(packet)) {
      repeated += bytes.length;
      delivered.forEachMissing(offset, offset + bytes.length, (start, end) => {
        repeated -= end - start;
      });
      if (!packet.isDropped) delivered.add(offset, offset + bytes.length);
    }
  }
  return repeated;
}

describe('only what was lost is sent again', () => {
  // RUDP-SEND-1, RUDP-SEND-2, RUDP-LOSS-1
  test.each([
    ['one packet', (index: number) => index === 40],
    ['every tenth packet', (index: number) => index % 10 === 5 && index < PACKETS_BEFORE_END],
    ['a burst of 30 packets', (index: number) => index >= 60 && index < 90],
  ] as const)('after the loss of %s exactly its bytes leave twice', (_name, isDropped) => {
    const { pair, log } = transfer('only lost', (_packet, index) => isDropped(index));
    const sent = log.from('server');
    const droppedBytes = streamBytesIn(sent.filter((packet) => packet.isDropped));
    expect(droppedBytes).toBeGreaterThan(0);
    expect(streamBytesIn(sent)).toBe(TRANSFER_BYTES + droppedBytes);
    expect(pair.serverConnection.statistics().bytesRetransmitted).toBe(droppedBytes);
    expect(pair.clientApplication?.receivedBytes).toBe(TRANSFER_BYTES);
  });

  // RUDP-SEND-2
  test('with independent losses no byte that arrived leaves again', () => {
    let sentEnd = 0;
    const { log, pair } = transfer('independent', (packet, index) => {
      const isRepeat = streamFrames(packet).some(({ offset }) => offset < sentEnd);
      for (const { offset, bytes } of streamFrames(packet))
        sentEnd = Math.max(sentEnd, offset + bytes.length);
      return index < PACKETS_BEFORE_END && isUnlucky(packet) && !isRepeat;
    });
    expect(log.from('server').filter(({ isDropped }) => isDropped).length).toBeGreaterThan(5);
    expect(pair.serverConnection.statistics().packetsSpurious).toBe(0);
    expect(needlesslyRepeatedBytes(log.from('server'))).toBe(0);
  });

  // RUDP-SEND-3
  test('when repeats are lost too, and at the end, some leave twice', () => {
    const { log, pair } = transfer('repeats', isUnlucky);
    expect(pair.serverConnection.statistics().packetsSpurious).toBe(0);
    const copiedBytes = needlesslyRepeatedBytes(log.from('server'));
    expect(copiedBytes).toBeGreaterThan(0);
    expect(copiedBytes).toBeLessThanOrEqual(TRANSFER_BYTES / 32);
  });

  // RUDP-PKT-3, RUDP-SEND-1
  test('what is sent again has a new packet number, and goes before new bytes', () => {
    const { log } = transfer('new number', (_packet, index) => index === 50);
    const sent = log.from('server');
    expect(new Set(sent.map(({ packetNumber }) => packetNumber)).size).toBe(sent.length);
    const lost = sent.find(({ isDropped }) => isDropped) as LoggedPacket;
    const [segment] = streamFrames(lost);
    const again = sent.findIndex(
      (packet) =>
        packet.packetNumber > lost.packetNumber &&
        streamFrames(packet).some(({ offset }) => offset === segment?.offset),
    );
    const offsets = sent
      .slice(0, again)
      .flatMap((packet) => streamFrames(packet).map(({ offset }) => offset));
    const later = sent.slice(again + 1).flatMap((packet) => streamFrames(packet).map(({ offset }) => offset));
    expect(Math.max(...offsets)).toBeLessThan(
      Math.min(...later.filter((offset) => offset > (segment?.offset ?? 0))),
    );
  });
});

describe('the receiver', () => {
  // RUDP-RECV-1
  test('buffers what comes behind a gap and delivers it in order, once the gap is filled, in one go', () => {
    const read: number[] = [];
    const log = new PacketLog();
    let segments = 0;
    const pair = TransportPair.open({
      seed: 'gap',
      log,
      link: { delayMs: DELAY_MS },
      // The first packet with stream bytes is lost.
      toClient: {
        drop: (_index, bytes) => log.carriesStream(bytes) && segments++ === 0,
      },
      config: { datagramBytesMax: 1200 },
      serverSends: 10_000,
      onEvent: (side, _event, { clientApplication }) => {
        if (side === 'client') read.push(clientApplication?.receivedBytes ?? 0);
      },
    });
    pair.runToEnd();
    expect(read.filter((bytes) => bytes > 0)).toContain(10_000);
    expect(read.filter((bytes) => bytes > 0 && bytes < 10_000)).toEqual([]);
  });

  // RUDP-PKT-6, RUDP-RECV-1
  test('delivers each byte once though every packet comes three times, far out of order', () => {
    const pair = TransportPair.open({
      seed: 'triple',
      link: { delayMs: DELAY_MS, jitterMs: 40, duplicateRatio: 1 },
      serverSends: 200_000,
      clientSends: 200_000,
    });
    pair.runToEnd({ limitMs: 60_000 });
    expect(pair.clientApplication?.receivedBytes).toBe(200_000);
    expect(pair.serverApplication?.receivedBytes).toBe(200_000);
    expect(pair.clientConnection.statistics().packetsDuplicate).toBeGreaterThan(100);
    expect(pair.clientConnection.statistics().streamBytesReceived).toBe(200_000);
  });
});

describe('the textbook: a fixed window', () => {
  /** The most packets that were in flight at once, as the sender counts them. */
  function mostInFlight(log: PacketLog): number {
    const settled = new Set<number>();
    const outstanding = new Set<number>();
    let most = 0;
    for (const { side, packetNumber, frames } of log.packets) {
      if (side === 'server' && frames.some(({ type }) => type !== 'ack')) {
        outstanding.add(packetNumber);
        most = Math.max(most, outstanding.size);
      }
      for (const frame of frames) {
        if (side !== 'client' || frame.type !== 'ack') continue;
        for (const [start, end] of frame.ranges)
          for (let number = start; number < end; number += 1) settled.add(number);
        for (const number of settled) outstanding.delete(number);
      }
    }
    return most;
  }

  test.each([1, 2, 8, 32])('of %i packets is filled and never exceeded', (windowPackets) => {
    const log = new PacketLog();
    const pair = TransportPair.open({
      seed: windowPackets,
      log,
      link: { delayMs: DELAY_MS },
      config: {
        congestionController: 'fixed-window',
        fixedWindowPackets: windowPackets,
        datagramBytesMax: 1200,
      },
      serverSends: 100_000,
    });
    let most = 0;
    pair.toClient.configure({
      drop: () => {
        most = Math.max(most, pair.serverApplication?.connection.statistics().bytesInFlight ?? 0);
        return false;
      },
    });
    pair.runToEnd({ limitMs: 60_000 });
    expect(most).toBeLessThanOrEqual(windowPackets * 1200);
    // The ACK leaves the client before it reaches the server, so that the count from outside is a lower bound.
    expect(mostInFlight(log)).toBe(windowPackets);
  });

  test('moves n packets in each round trip', () => {
    // 80 full packets through a window of 8: ten round trips of 20 ms, the handshake's trip and a half besides.
    const pair = TransportPair.open({
      seed: 'rounds',
      link: { delayMs: DELAY_MS },
      config: { congestionController: 'fixed-window', fixedWindowPackets: 8, datagramBytesMax: 1200 },
      serverSends: 80 * 1150,
    });
    pair.runUntil(() => pair.clientApplication?.receivedBytes === 80 * 1150);
    const rounds = (pair.now - 3 * DELAY_MS) / (2 * DELAY_MS);
    expect(rounds).toBeGreaterThanOrEqual(9);
    expect(rounds).toBeLessThanOrEqual(11);
  });

  // RUDP-LOSS-1
  test('is selective repeat: what follows a lost packet is neither held back nor repeated', () => {
    const { log } = transfer('fixed', (_packet, index) => index % 20 === 7 && index < PACKETS_BEFORE_END, {
      congestionController: 'fixed-window',
    });
    const droppedBytes = streamBytesIn(log.from('server').filter(({ isDropped }) => isDropped));
    expect(streamBytesIn(log.from('server'))).toBe(TRANSFER_BYTES + droppedBytes);
  });
});
