// What a limited client lets a server send, on a clock that the test moves.
import { EventEmitter } from 'node:events';
import type { StreamConnection } from '@parley/rudp';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TransferRate } from '../../src/node/transfers/transfer-rate.ts';

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

test.each([
  [undefined, {}],
  [10_000, { receiveWindowBytesMax: 65_536, receiveWindowBytesInitial: 65_536 }],
  [1_000_000, { receiveWindowBytesMax: 500_000, receiveWindowBytesInitial: 500_000 }],
  [10_000_000, { receiveWindowBytesMax: 5_000_000, receiveWindowBytesInitial: 1_048_576 }],
])('a limit of %j makes the window of a connection %j', (rate, config) => {
  expect(new TransferRate(rate).config).toEqual(config);
});
