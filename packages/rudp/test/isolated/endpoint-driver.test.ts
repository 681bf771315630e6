import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type {
  Connection,
  ConnectionEnd,
  EndpointEvent,
  RemoteAddress,
  Transmit,
} from '../../src/core/index.ts';
import {
  type ConnectionHandler,
  type DrivenEndpoint,
  EndpointDriver,
} from '../../src/node/endpoint-driver.ts';
import type { Outgoing, UdpSocket } from '../../src/node/udp-socket.ts';

const REMOTE: RemoteAddress = { host: '192.0.2.1', port: 9 };

/** A core that does what the test says and notes what it is asked. */
class FakeEndpoint implements DrivenEndpoint {
  readonly calls: string[] = [];
  readonly trains: number[] = [];
  readonly events: EndpointEvent[] = [];
  deadline: number | undefined;
  connectionCount = 1;
  failure: Error | undefined;

  handleDatagram(_now: number, _remote: RemoteAddress, bytes: Uint8Array): void {
    if (this.failure) throw this.failure;
    this.calls.push(`datagram ${bytes.byteLength}`);
  }

  handleDeadline(now: number): void {
    this.calls.push(`deadline at ${now}`);
    this.deadline = undefined;
  }

  pollDeadline(): number | undefined {
    return this.deadline;
  }

  pollTransmit(_now: number, buffer: Uint8Array): Transmit | undefined {
    this.calls.push('poll');
    const byteLength = this.trains.shift();
    if (byteLength === undefined) return undefined;
    expect(buffer.byteLength).toBeGreaterThanOrEqual(65_536);
    return { remote: REMOTE, byteLength, segmentBytes: 1200, segmentCount: Math.ceil(byteLength / 1200) };
  }

  pollEvent(): EndpointEvent | undefined {
    return this.events.shift();
  }

  close(): void {
    this.calls.push('close');
  }
}

/** A socket that notes what is sent, and takes it when the test says so. */
class FakeSocket implements UdpSocket {
  readonly local = REMOTE;
  readonly remote = REMOTE;
  readonly sent: number[] = [];
  readonly waiting: (() => void)[] = [];
  isFull = false;
  isUnref = false;

  send(train: Uint8Array, _outgoing: Outgoing, done: () => void): void {
    this.sent.push(train.byteLength);
    if (this.isFull) this.waiting.push(done);
    else done();
  }

  unref(): void {
    this.isUnref = true;
  }

  statistics(): never {
    throw new Error('not needed');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function makeDriver() {
  const endpoint = new FakeEndpoint();
  const socket = new FakeSocket();
  const failures: unknown[] = [];
  const ended: Connection[] = [];
  const driver = new EndpointDriver({
    endpoint,
    onAccepted: () => undefined,
    onEnded: (connection) => ended.push(connection),
    onIdle: () => undefined,
    onFailure: (error) => failures.push(error),
  });
  driver.attachSocket(socket);
  vi.runAllTicks();
  vi.advanceTimersByTime(0);
  endpoint.calls.length = 0;
  return { driver, endpoint, socket, failures, ended };
}

/** One iteration of the event loop. */
function turn(): void {
  vi.advanceTimersByTime(0);
}

const ends: ConnectionEnd[] = [];
const handler: ConnectionHandler = {
  onEstablished: () => undefined,
  onReadable: () => undefined,
  onWritable: () => undefined,
  onFinished: () => undefined,
  onClosed: (end) => ends.push(end),
};
const connection = {} as Connection;

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'],
  });
  ends.length = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

test('hands datagrams over at once and drains once for all of them', () => {
  const { driver, endpoint } = makeDriver();
  for (const length of [1, 2, 3]) driver.handleDatagram(REMOTE, new Uint8Array(length));
  expect(endpoint.calls).toEqual(['datagram 1', 'datagram 2', 'datagram 3']);
  turn();
  expect(endpoint.calls.slice(3)).toEqual(['poll']);
});

test('carries out any number of commands in one turn', () => {
  const { driver, endpoint } = makeDriver();
  for (let index = 0; index < 100; index += 1) driver.wake();
  turn();
  turn();
  expect(endpoint.calls).toEqual(['poll']);
});

test('tells when the last connection has ended, and can then stop keeping the process alive', () => {
  const { driver, endpoint, socket, ended } = makeDriver();
  const other = {} as Connection;
  driver.register(connection, handler);
  driver.register(other, handler);
  endpoint.events.push({ type: 'closed', connection, end: { kind: 'finished' } });
  driver.wake();
  turn();
  expect(ended).toEqual([]);
  endpoint.events.push({ type: 'closed', connection: other, end: { kind: 'finished' } });
  driver.wake();
  turn();
  expect(ended).toEqual([other]);
  driver.unref();
  expect(socket.isUnref).toBe(true);
  // It still does its work for as long as something else keeps the process alive.
  endpoint.calls.length = 0;
  endpoint.deadline = performance.now() + 100;
  driver.wake();
  vi.advanceTimersByTime(200);
  expect(endpoint.calls.filter((call) => call.startsWith('deadline'))).toHaveLength(1);
});

test('sends every train that the core has', () => {
  const { driver, endpoint, socket } = makeDriver();
  endpoint.trains.push(1200, 3000, 40);
  driver.wake();
  turn();
  expect(socket.sent).toEqual([1200, 3000, 40]);
});

test('lets the loop read between long bursts', () => {
  const { driver, endpoint, socket } = makeDriver();
  for (let index = 0; index < 10; index += 1) endpoint.trains.push(60_000);
  driver.wake();
  turn();
  const sentInFirstTurn = socket.sent.length;
  expect(sentInFirstTurn).toBeLessThan(6);
  // The simulated clock gives an immediate that follows another its own millisecond.
  vi.advanceTimersByTime(10);
  expect(socket.sent).toHaveLength(10);
});

test('stops asking for packets while the socket is full, and goes on when it has room', () => {
  const { driver, endpoint, socket } = makeDriver();
  socket.isFull = true;
  for (let index = 0; index < 100; index += 1) endpoint.trains.push(100);
  driver.wake();
  turn();
  const sentWhileFull = socket.sent.length;
  expect(sentWhileFull).toBeLessThanOrEqual(16);
  vi.advanceTimersByTime(10);
  expect(socket.sent).toHaveLength(sentWhileFull);

  socket.isFull = false;
  for (const done of socket.waiting) done();
  turn();
  expect(socket.sent).toHaveLength(100);
});

test('does not turn in circles for a deadline while the socket is full', () => {
  const { driver, endpoint, socket } = makeDriver();
  socket.isFull = true;
  for (let index = 0; index < 100; index += 1) endpoint.trains.push(100);
  endpoint.deadline = performance.now();
  driver.wake();
  turn();
  endpoint.deadline = performance.now();
  const calls = endpoint.calls.length;
  vi.advanceTimersByTime(10);
  expect(endpoint.calls).toHaveLength(calls);
});

describe('the timer', () => {
  test('wakes the core at its deadline', () => {
    const { driver, endpoint } = makeDriver();
    endpoint.deadline = performance.now() + 50;
    driver.wake();
    turn();
    endpoint.calls.length = 0;
    vi.advanceTimersByTime(49);
    expect(endpoint.calls).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(endpoint.calls[0]).toMatch(/^deadline/);
  });

  test('follows a deadline that comes nearer', () => {
    const { driver, endpoint } = makeDriver();
    endpoint.deadline = performance.now() + 5_000;
    driver.wake();
    turn();
    endpoint.deadline = performance.now() + 10;
    driver.wake();
    turn();
    vi.advanceTimersByTime(10);
    expect(endpoint.calls.some((call) => call.startsWith('deadline'))).toBe(true);
  });

  test('is left alone when the deadline moves away, and set again when it fires early', () => {
    const { driver, endpoint } = makeDriver();
    const setTimeoutCalls = vi.spyOn(globalThis, 'setTimeout');
    const start = performance.now();
    for (let index = 1; index <= 50; index += 1) {
      endpoint.deadline = start + 100 + index;
      driver.wake();
      turn();
    }
    expect(setTimeoutCalls).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(149);
    expect(endpoint.calls.some((call) => call.startsWith('deadline'))).toBe(false);
    vi.advanceTimersByTime(2);
    expect(endpoint.calls.some((call) => call.startsWith('deadline'))).toBe(true);
  });
});

describe('events', () => {
  test('go to the holder of their connection, and none after the last', () => {
    const { driver, endpoint } = makeDriver();
    driver.register(connection, handler);
    endpoint.events.push({ type: 'closed', connection, end: { kind: 'finished' } });
    endpoint.events.push({ type: 'closed', connection, end: { kind: 'finished' } });
    driver.wake();
    turn();
    expect(ends).toEqual([{ kind: 'finished' }]);
  });

  test('that make their receiver throw do not keep the others from theirs', () => {
    const { driver, endpoint } = makeDriver();
    const thrown: unknown[] = [];
    vi.spyOn(process, 'nextTick').mockImplementation((callback) => {
      try {
        callback();
      } catch (error) {
        thrown.push(error);
      }
    });
    const mistake = new Error('a mistake of the user');
    const other = {} as Connection;
    driver.register(connection, {
      ...handler,
      onReadable: () => {
        throw mistake;
      },
    });
    driver.register(other, handler);
    endpoint.events.push({ type: 'readable', connection });
    endpoint.events.push({ type: 'closed', connection: other, end: { kind: 'finished' } });
    driver.wake();
    turn();
    expect(thrown).toEqual([mistake]);
    expect(ends).toEqual([{ kind: 'finished' }]);
    expect(endpoint.calls).toContain('poll');
  });
});

describe('the end', () => {
  test('of a core that throws is told to everyone, once', () => {
    const { driver, endpoint, failures } = makeDriver();
    driver.register(connection, handler);
    endpoint.failure = new Error('a bug of ours');
    driver.handleDatagram(REMOTE, new Uint8Array(1));
    driver.handleDatagram(REMOTE, new Uint8Array(1));
    turn();
    expect(failures).toEqual([endpoint.failure]);
    expect(ends).toEqual([{ kind: 'endpoint-closed' }]);
    expect(endpoint.calls).toEqual([]);
  });

  test('by close sends what tells the peers before it stops', () => {
    const { driver, endpoint, socket } = makeDriver();
    driver.register(connection, handler);
    endpoint.trains.push(60);
    driver.close();
    expect(endpoint.calls[0]).toBe('close');
    expect(socket.sent).toEqual([60]);
    expect(ends).toEqual([{ kind: 'endpoint-closed' }]);
    driver.register({} as Connection, handler);
    expect(ends).toHaveLength(2);
    driver.close();
    driver.wake();
    driver.handleDatagram(REMOTE, new Uint8Array(1));
    turn();
    expect(endpoint.calls.filter((call) => call !== 'poll')).toEqual(['close']);
  });
});
