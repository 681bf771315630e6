import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Program } from '@parley/programs';
import { afterEach, expect, test } from 'vitest';

const driver = [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  fileURLToPath(new URL('../src/peers/tcp-peer.ts', import.meta.url)),
];
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function start(...args: string[]): Program {
  const process = new Program([...driver, ...args]);
  cleanups.push(() => process.kill());
  return process;
}

async function listen(): Promise<{ port: number; connected: Promise<Socket> }> {
  const server = createServer();
  const connected = once(server, 'connection').then(([socket]: Socket[]) => socket as Socket);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return { port: (server.address() as AddressInfo).port, connected };
}

test('a receiver says when it is ready and reports every byte when it is told to end', async () => {
  // A driver must be told its port: the system gave us this one on 127.0.0.1, so nobody else gets it on 127.0.0.2.
  const { port } = await listen();
  const receiver = start('recv', '127.0.0.2', String(port));
  await receiver.stdout.line(/READY/, 10_000);
  const socket = connect(port, '127.0.0.2');
  socket.end(new Uint8Array(100_000));
  socket.resume();
  await once(socket, 'close');
  receiver.signal('SIGTERM');
  const [report] = await receiver.stdout.line(/\{.*\}$/, 10_000);
  const { bytes, samples } = JSON.parse(report);
  expect(bytes).toBe(100_000);
  expect(samples.at(-1)[1]).toBe(100_000);
  expect(receiver.complaints).toBe('');
});

test('a sender tells when it starts, then fills its connection', async () => {
  const { port, connected } = await listen();
  const sender = start('send', '127.0.0.1', String(port));
  const before = process.hrtime.bigint();
  const [, startNs] = await sender.stdout.line(/START (\d+)$/, 10_000);
  expect(Number(startNs)).toBeGreaterThan(0);
  expect(Number(startNs) - Number(before)).toBeLessThan(60e9);
  const socket = await connected;
  let received = 0;
  while (received < 1_000_000) received += (await once(socket, 'data'))[0].length;
  await sender.kill();
  socket.destroy();
});

test('a driver that cannot do its work ends with a reason', async () => {
  await expect(start('recv', '127.0.0.1').stdout.line(/READY/, 10_000)).rejects.toThrow(
    'expected recv or send',
  );
});
