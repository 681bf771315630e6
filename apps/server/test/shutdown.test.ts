import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { stopOnSignals } from '../src/shutdown.ts';

const logger = pino({ level: 'silent' });
let now = 0;

/** A process that can be sent signals and remembers its exit code. */
class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];

  exit(code: number): never {
    this.exits.push(code);
    return undefined as never;
  }
}

function start(stop: () => Promise<void>): FakeProcess {
  const process = new FakeProcess();
  stopOnSignals({
    logger,
    stop,
    drainMaxMs: 1_000,
    process: process as unknown as NodeJS.Process,
    now: () => now,
  });
  return process;
}

beforeEach(() => {
  now = 0;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test.each(['SIGINT', 'SIGTERM'])('%s stops and exits with 0', async (signal) => {
  const process = start(async () => {});
  process.emit(signal, signal);
  await vi.advanceTimersByTimeAsync(0);
  expect(process.exits).toEqual([0]);
});

test('the same Ctrl-C that comes twice is one', () => {
  const process = start(() => new Promise(() => {}));
  process.emit('SIGINT', 'SIGINT');
  now = 499;
  process.emit('SIGINT', 'SIGINT');
  expect(process.exits).toEqual([]);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])('a second %s ends the process at once with %i', (signal, code) => {
  const process = start(() => new Promise(() => {}));
  process.emit('SIGTERM', 'SIGTERM');
  now = 500;
  process.emit(signal, signal);
  expect(process.exits).toEqual([code]);
});

test('a stop that takes too long ends the process with 1', async () => {
  const process = start(() => new Promise(() => {}));
  process.emit('SIGTERM', 'SIGTERM');
  await vi.advanceTimersByTimeAsync(5_999);
  expect(process.exits).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(process.exits).toEqual([1]);
});

test('a stop that fails ends the process with 1', async () => {
  const process = start(async () => {
    throw new Error('cannot');
  });
  process.emit('SIGTERM', 'SIGTERM');
  await vi.advanceTimersByTimeAsync(0);
  expect(process.exits).toEqual([1]);
});
