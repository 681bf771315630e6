// Which transport an offer goes over, in virtual time and without a network.
import { Duplex } from 'node:stream';
import { RudpError, type StreamConnection } from '@parley/rudp';
import { beforeEach, expect, test } from 'vitest';
import { type IncomingStream, openIncomingStream } from '../../src/node/transfers/incoming-stream.ts';
import { TransferRate } from '../../src/node/transfers/transfer-rate.ts';
import type { Transport } from '../../src/node/transfers/transport-race.ts';
import { UdpMemory } from '../../src/node/transfers/udp-memory.ts';
import type { DownloadOffer } from '../../src/transfers/download.ts';
import type { TransferPolicy } from '../../src/transfers/running-transfer.ts';

/** A connection that does what the test says. */
class FakeConnection extends Duplex implements StreamConnection {
  readonly context = undefined;
  readonly acknowledgedBytes = 0;
  receivedBytesContiguous = 0;
  resetCode: number | undefined;
  isReceivingPaused = false;

  reset(code: number): void {
    this.resetCode = code;
    this.destroy();
  }

  receiveInto(): void {
    this.resume();
  }

  sendFrom(): void {
    this.end();
  }

  sendOn(): void {}

  pauseReceiving(): void {
    this.isReceivingPaused = true;
  }

  resumeReceiving(): void {
    this.isReceivingPaused = false;
  }

  pathHint(): undefined {}

  override _read(): void {}

  override _final(callback: () => void): void {
    callback();
  }
}

const offer: DownloadOffer = {
  transferId: 1,
  host: 'server',
  udpPort: 8255,
  tcpPort: 8255,
  ticket: new Uint8Array(32),
  size: 1,
  modifiedAt: 1,
  digests: { sha256: new Uint8Array(32), chunkRoot: new Uint8Array(32) },
};

let memory: UdpMemory;
let opened: Partial<Record<Transport, FakeConnection>>;
let timers: { readonly run: () => void; readonly at: number }[];
let now: number;
let answerProbe: (() => void) | undefined;
let routes: string[];

beforeEach(() => {
  memory = new UdpMemory();
});

function race(policy: TransferPolicy = 'auto'): IncomingStream {
  opened = {};
  timers = [];
  now = 0;
  answerProbe = undefined;
  routes = [];
  const receiver = { sink: { write: () => {} }, onEstablished: (route: string) => routes.push(route) };
  const made = openIncomingStream(offer, receiver, {
    policy,
    rate: new TransferRate(undefined),
    memory,
    open: (transport) => {
      expect(opened[transport]).toBeUndefined();
      const connection = new FakeConnection();
      opened[transport] = connection;
      return connection;
    },
    probeUdp: (_, onAnswer) => {
      answerProbe = onAnswer;
      return () => {
        answerProbe = undefined;
      };
    },
    schedule: (run, delayMs) => {
      const timer = { run, at: now + delayMs };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  });
  made.ended.catch(() => undefined);
  return made;
}

function pass(milliseconds: number): void {
  now += milliseconds;
  const due = timers.filter(({ at }) => at <= now);
  timers = timers.filter(({ at }) => at > now);
  for (const { run } of due) run();
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function fail(transport: Transport, code: RudpError['code']): Promise<void> {
  opened[transport]?.destroy(new RudpError(code, code));
  await turn();
}

// CHAT-TCP-6
test('where UDP answers in time nothing else is tried', async () => {
  const { ended } = race();
  pass(1_499);
  opened.udp?.emit('established');
  pass(60_000);
  expect(opened.tls).toBeUndefined();
  expect(routes).toEqual(['udp']);
  if (opened.udp) opened.udp.receivedBytesContiguous = 7;
  opened.udp?.push(null);
  await expect(ended).resolves.toBe(7);
});

// CHAT-TCP-6
test('after a second and a half without an answer both try, and the first one there goes on alone', async () => {
  race();
  pass(1_500);
  opened.tls?.emit('established');
  expect(opened.udp?.destroyed).toBe(true);
  expect(routes).toEqual(['fallback']);
  expect(memory.isBlocked(offer)).toBe(true);

  memory.forget(offer);
  race();
  pass(1_500);
  opened.udp?.emit('established');
  expect(opened.tls?.destroyed).toBe(true);
  expect(routes).toEqual(['udp']);
  expect(memory.isBlocked(offer)).toBe(false);
});

// CHAT-TCP-6
test.each(['unreachable', 'socket-failed'] as const)('UDP that is %s is not waited for', async (code) => {
  race();
  await fail('udp', code);
  expect(opened.tls).toBeDefined();
  opened.tls?.emit('established');
  expect(routes).toEqual(['fallback']);
});

test('a ticket that is refused over UDP is worth nothing over TLS', async () => {
  const { ended } = race();
  await fail('udp', 'refused');
  expect(opened.tls).toBeUndefined();
  await expect(ended).rejects.toMatchObject({ code: 'refused' });
});

// CHAT-TCP-6
test('where only answers are blocked, UDP has used the ticket up: the next one goes over TLS', async () => {
  const { ended } = race();
  pass(1_500);
  await fail('tls', 'refused');
  await expect(ended).rejects.toMatchObject({ code: 'refused' });
  race();
  expect(opened.udp).toBeUndefined();
  pass(300);
  expect(opened.tls).toBeDefined();
});

test('where TLS is blocked UDP is waited for', async () => {
  const { ended } = race();
  pass(1_500);
  await fail('tls', 'unreachable');
  opened.udp?.emit('established');
  expect(routes).toEqual(['udp']);
  await fail('udp', 'idle-timeout');
  await expect(ended).rejects.toMatchObject({ code: 'idle-timeout' });
});

test('where both are blocked the transfer has failed', async () => {
  const { ended } = race();
  pass(1_500);
  await fail('tls', 'handshake-timeout');
  await fail('udp', 'handshake-timeout');
  await expect(ended).rejects.toMatchObject({ code: 'handshake-timeout' });
});

// CHAT-TCP-6
test('where UDP was blocked it is asked without the ticket, and used again when it answers', async () => {
  memory.block(offer);
  race();
  pass(299);
  expect(opened).toEqual({});
  answerProbe?.();
  expect(opened.udp).toBeDefined();
  opened.udp?.emit('established');
  expect(routes).toEqual(['udp']);
  pass(60_000);
  expect(opened.tls).toBeUndefined();
  expect(memory.isBlocked(offer)).toBe(false);
});

// CHAT-TCP-6
test('UDP that fell silent in mid-transfer has to answer before it gets another ticket', async () => {
  const first = race();
  opened.udp?.emit('established');
  await fail('udp', 'idle-timeout');
  await expect(first.ended).rejects.toMatchObject({ code: 'idle-timeout' });
  race();
  expect(opened).toEqual({});
  pass(300);
  expect(opened.udp).toBeUndefined();
  opened.tls?.emit('established');
  expect(routes).toEqual(['fallback']);
});

// CHAT-TCP-6
test('the same when the server says that it heard nothing more', async () => {
  const first = race();
  opened.udp?.emit('established');
  first.reset('connection-lost', 'the server has let go of it');
  expect(opened.udp?.resetCode).toBe(0x104);
  await expect(first.ended).rejects.toMatchObject({ code: 'connection-lost' });
  race();
  pass(300);
  expect(Object.keys(opened)).toEqual(['tls']);
});

test.each(['disconnected', 'reset'] as const)('UDP that ended as %s is as good as before', async (code) => {
  const { ended } = race();
  opened.udp?.emit('established');
  await fail('udp', code);
  await expect(ended).rejects.toMatchObject({ code });
  expect(memory.isBlocked(offer)).toBe(false);
});

// CHAT-TCP-6
test('a transfer over TLS goes back to UDP when that answers, which is asked every half minute', async () => {
  const { ended } = race();
  pass(1_500);
  opened.tls?.emit('established');
  pass(29_999);
  expect(answerProbe).toBeUndefined();
  pass(1);
  expect(answerProbe).toBeDefined();
  pass(1_500);
  expect(answerProbe).toBeUndefined();
  pass(30_000);
  answerProbe?.();
  await expect(ended).rejects.toMatchObject({ name: 'UdpBackError' });
  expect(opened.tls?.resetCode).toBe(0x104);
  expect(memory.isBlocked(offer)).toBe(false);
  expect(timers).toEqual([]);
});

// CHAT-TCP-6
test('after each silence of UDP the way back is looked for half as often, until a transfer ends well', async () => {
  const waits: number[] = [];
  for (let silences = 1; silences <= 7; silences += 1) {
    memory.doubt(offer);
    race();
    pass(300);
    opened.tls?.emit('established');
    waits.push(...timers.map(({ at }) => at - now));
    memory.forget(offer);
  }
  expect(waits).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
  race();
  opened.udp?.emit('established');
  opened.udp?.push(null);
  await turn();
  expect(memory.returnAfterMs(offer)).toBe(30_000);
});

test('a transfer that is over asks for nothing more', async () => {
  const stream = race();
  pass(1_500);
  opened.tls?.emit('established');
  pass(30_000);
  stream.reset('cancelled', 'the user');
  await expect(stream.ended).rejects.toMatchObject({ code: 'connection-lost' });
  expect(answerProbe).toBeUndefined();
  expect(timers).toEqual([]);
});

test.each(['tcp', 'udp'] as const)('a user who wants %s is asked for nothing else', (policy) => {
  race(policy);
  opened[policy === 'tcp' ? 'tls' : 'udp']?.emit('established');
  expect(timers).toEqual([]);
});

test('where neither is left, what was remembered of UDP is forgotten', async () => {
  memory.block(offer);
  const { ended } = race();
  pass(300);
  await fail('tls', 'unreachable');
  await expect(ended).rejects.toMatchObject({ code: 'unreachable' });
  expect(memory.isBlocked(offer)).toBe(false);
});

test.each([
  ['udp', 'udp', 'udp'],
  ['tcp', 'tls', 'tls'],
] as const)('a user who wants %s gets that and nothing else', async (policy, transport, route) => {
  const { ended } = race(policy);
  pass(60_000);
  expect(Object.keys(opened)).toEqual([transport]);
  opened[transport]?.emit('established');
  expect(routes).toEqual([route]);
  await fail(transport, 'disconnected');
  await expect(ended).rejects.toMatchObject({ code: 'disconnected' });
});

test('a pause holds for whichever connection is made', () => {
  const stream = race();
  stream.pause();
  pass(1_500);
  expect([opened.udp?.isReceivingPaused, opened.tls?.isReceivingPaused]).toEqual([true, true]);
  stream.resume();
  expect([opened.udp?.isReceivingPaused, opened.tls?.isReceivingPaused]).toEqual([false, false]);
});

// CHAT-TRANSFER-9
test('what is ended before it began tries nothing more', async () => {
  const stream = race();
  stream.reset('cancelled', 'the user');
  pass(60_000);
  expect(opened.udp?.resetCode).toBe(0x102);
  expect(opened.tls).toBeUndefined();
  await expect(stream.ended).rejects.toMatchObject({ code: 'connection-lost' });
});

test('of many servers the one that was noted first is forgotten', () => {
  for (let port = 1; port <= 101; port += 1) memory.block({ host: 'server', udpPort: port });
  expect(memory.isBlocked({ host: 'server', udpPort: 1 })).toBe(false);
  expect(memory.isBlocked({ host: 'server', udpPort: 2 })).toBe(true);
  expect(memory.isBlocked({ host: 'server', udpPort: 101 })).toBe(true);
});
