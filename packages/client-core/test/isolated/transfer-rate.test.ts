// What a limited client lets a server send, on a clock that the test moves.
import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import type { StreamConnection } from '@parley/rudp';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openOutgoingStream } from '../../src/node/transfers/outgoing-stream.ts';
import { TransferRate } from '../../src/node/transfers/transfer-rate.ts';
import { UdpMemory } from '../../src/node/transfers/udp-memory.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

class FakeConnection extends EventEmitter {
  readonly commands: string[] = [];

  pauseReceiving(): void {
    this.commands.push('pause');
  }

  resumeReceiving(): void {
    this.commands.push('resume');
  }
}

/** A connection of that rate, and what it counts. */
function receive(rate: TransferRate) {
  const connection = new FakeConnection();
  const receiving = rate.joinReceiving(connection as unknown as StreamConnection);
  return { connection, receiving };
}

/** Bytes that arrive in so many milliseconds, when 8 kB come in each in which the server may send. */
async function flow({ connection, receiving }: ReturnType<typeof receive>, forMs: number): Promise<number> {
  let bytes = 0;
  for (let elapsedMs = 0; elapsedMs < forMs; elapsedMs += 1) {
    if (connection.commands.at(-1) !== 'pause') {
      bytes += 8_000;
      receiving.add(8_000);
    }
    await Promise.resolve();
    vi.advanceTimersByTime(1);
  }
  return bytes;
}

test('a server sends no faster than the limit', async () => {
  const bytes = await flow(receive(new TransferRate(1_000_000)), 10_000);
  expect(bytes / 10_000_000).toBeGreaterThan(0.97);
  expect(bytes / 10_000_000).toBeLessThan(1.05);
});

test('without a limit nothing is commanded', async () => {
  const flowing = receive(new TransferRate(undefined));
  expect(await flow(flowing, 100)).toBe(800_000);
  expect(flowing.connection.commands).toEqual([]);
});

test('a limit can be set and lifted while bytes come', async () => {
  const rate = new TransferRate(undefined);
  const flowing = receive(rate);
  await flow(flowing, 100);
  rate.limit(100_000);
  expect((await flow(flowing, 10_000)) / 1_000_000).toBeCloseTo(1, 0);
  rate.limit(undefined);
  expect(await flow(flowing, 100)).toBe(800_000);
});

test('who has paused does not go on when the next bytes are paid for', async () => {
  const flowing = receive(new TransferRate(100_000));
  await flow(flowing, 50);
  flowing.receiving.isPaused = true;
  await flow(flowing, 10_000);
  expect(flowing.connection.commands.at(-1)).toBe('pause');
  flowing.receiving.isPaused = false;
  expect(flowing.connection.commands.at(-1)).toBe('resume');
});

test('a closed connection leaves its part and no timer', async () => {
  const flowing = receive(new TransferRate(10_000));
  await flow(flowing, 100);
  flowing.connection.emit('close');
  vi.advanceTimersByTime(60_000);
  expect(vi.getTimerCount()).toBe(0);
});

// CHAT-RATE-2
test('a limit makes the window of a connection smaller, and none leaves it as it is', () => {
  expect(new TransferRate(1_000_000).config).toEqual({
    receiveWindowBytesInitial: 100_000,
    receiveBytesPerSecondMax: 1_000_000,
  });
  expect(new TransferRate(undefined).config).toEqual({});
});

// CHAT-RATE-2
test('what is sent keeps to the limit from the first byte, however large the pieces are', async () => {
  let sentBytes = 0;
  const connection = new Writable({
    highWaterMark: 1_000_000,
    write: (chunk: Uint8Array, _encoding, done) => {
      sentBytes += chunk.byteLength;
      done();
    },
  });
  const stream = openOutgoingStream(
    { transferId: 1, host: 'server', udpPort: 1, tcpPort: 1, ticket: new Uint8Array(32), start: 0 },
    { onEstablished: () => undefined, onAnswer: () => undefined },
    {
      policy: 'udp',
      rate: new TransferRate(100_000),
      memory: new UdpMemory(),
      open: () => connection as unknown as StreamConnection,
      probeUdp: () => () => undefined,
      schedule: () => () => undefined,
    },
  );
  stream.confirmed.catch(() => undefined);
  let isTaken = false;
  stream.write(new Uint8Array(65_536), () => {
    isTaken = true;
  });
  connection.emit('established');
  const pass = async (forMs: number): Promise<void> => {
    for (let elapsedMs = 0; elapsedMs < forMs; elapsedMs += 1) {
      await new Promise(setImmediate);
      vi.advanceTimersByTime(1);
    }
  };
  await pass(100);
  expect(sentBytes).toBeGreaterThan(4_096);
  expect(sentBytes).toBeLessThanOrEqual(20_000);
  expect(isTaken).toBe(false);
  await pass(600);
  expect([sentBytes, isTaken]).toEqual([65_536, true]);
});
