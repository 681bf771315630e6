import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { startTcpRelay } from '../src/index.ts';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server that gives back whatever it gets, behind a relay. */
async function relayedEcho(bytesBeforeCutMean: number, seed: number) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  const { address: host, port } = server.address() as AddressInfo;
  const relay = await startTcpRelay({ target: { host, port }, bytesBeforeCutMean, seed });
  cleanups.push(() => relay.close());
  return relay;
}

/** Sends bytes and gives what came back until the connection was over. */
async function exchange({ host, port }: { host: string; port: number }, bytes: Buffer): Promise<Buffer> {
  const socket: Socket = connect({ host, port });
  const arrived: Buffer[] = [];
  socket.on('data', (chunk) => arrived.push(chunk));
  socket.on('error', () => {});
  socket.end(bytes);
  await new Promise((resolve) => socket.on('close', resolve));
  return Buffer.concat(arrived);
}

const text = Buffer.from('what is said to a server and said back '.repeat(100));

test('what is not cut arrives whole, with its end', async () => {
  const relay = await relayedEcho(10, 1);
  relay.setCutting(false);
  expect(await exchange(relay.address, text)).toEqual(text);
  expect(relay.statistics()).toEqual({ connections: 1, cuts: 0 });
});

test('a connection is cut once, however much was still on its way', async () => {
  const relay = await relayedEcho(2_000, 3);
  for (let connection = 1; connection <= 8; connection += 1) {
    await exchange(relay.address, Buffer.alloc(4 << 20));
    expect(relay.statistics()).toEqual({ connections: connection, cuts: connection });
  }
});

test('a connection ends at the drawn byte, and what was before it arrives unchanged', async () => {
  const relay = await relayedEcho(2_000, 3);
  const echoes = [await exchange(relay.address, text), await exchange(relay.address, text)];
  expect(relay.statistics()).toEqual({ connections: 2, cuts: 2 });
  for (const echo of echoes) {
    expect(echo.length).toBeLessThan(text.length);
    expect(echo).toEqual(text.subarray(0, echo.length));
  }
});
