import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Address } from '@parley/netsim';
import { afterEach, expect, test } from 'vitest';
import { type Relay, type RelayOptions, startRelay } from '../src/index.ts';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Peer {
  readonly socket: Socket;
  readonly address: Address;
  /** The next datagram, or the one after those that were asked for before. */
  receive(): Promise<{ text: string; remote: RemoteInfo }>;
  send(text: string, to: Address): void;
}

async function openPeer(): Promise<Peer> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  cleanups.push(() => socket.close());
  const arrived: { text: string; remote: RemoteInfo }[] = [];
  const waiting: ((datagram: { text: string; remote: RemoteInfo }) => void)[] = [];
  socket.on('message', (bytes, remote) => {
    const datagram = { text: bytes.toString(), remote };
    const next = waiting.shift();
    if (next === undefined) arrived.push(datagram);
    else next(datagram);
  });
  const { address, port } = socket.address();
  return {
    socket,
    address: { host: address, port },
    receive: () => {
      const datagram = arrived.shift();
      return datagram === undefined
        ? new Promise((resolve) => waiting.push(resolve))
        : Promise.resolve(datagram);
    },
    send: (text, to) => socket.send(text, to.port, to.host),
  };
}

async function openRelay(options: RelayOptions): Promise<Relay> {
  const relay = await startRelay(options);
  cleanups.push(() => relay.close());
  return relay;
}

test('each client has a way of its own to the target and back', async () => {
  const [target, first, second] = [await openPeer(), await openPeer(), await openPeer()];
  const relay = await openRelay({ target: target.address, seed: 1 });
  first.send('from first', relay.address);
  const one = await target.receive();
  second.send('from second', relay.address);
  const two = await target.receive();
  expect([one.text, two.text]).toEqual(['from first', 'from second']);
  expect(one.remote.port).not.toBe(two.remote.port);
  target.send('to second', { host: two.remote.address, port: two.remote.port });
  target.send('to first', { host: one.remote.address, port: one.remote.port });
  const answers = await Promise.all([first.receive(), second.receive()]);
  expect(answers.map(({ text }) => text)).toEqual(['to first', 'to second']);
  expect(answers.map(({ remote }) => remote.port)).toEqual([relay.address.port, relay.address.port]);
  expect(relay.statistics()).toMatchObject({
    clientCount: 2,
    toTarget: { packetsOffered: 2, packetsDelivered: 2 },
    fromTarget: { packetsOffered: 2, packetsDelivered: 2 },
    packetsRefused: 0,
  });
});

test('both directions obey their own link model', async () => {
  const [target, client] = [await openPeer(), await openPeer()];
  const relay = await openRelay({
    target: target.address,
    toTarget: { drop: (index) => index === 1 },
    fromTarget: { duplicateRatio: 1, delayMs: 2 },
    seed: 1,
  });
  for (const text of ['a', 'b', 'c']) client.send(text, relay.address);
  const [first, second] = [await target.receive(), await target.receive()];
  expect([first.text, second.text]).toEqual(['a', 'c']);
  target.send('answer', { host: first.remote.address, port: first.remote.port });
  expect([(await client.receive()).text, (await client.receive()).text]).toEqual(['answer', 'answer']);
  expect(relay.statistics().toTarget.packetsDropped.scripted).toBe(1);
  expect(relay.statistics().fromTarget.packetsDuplicated).toBe(1);
});

test('held-back packets are overtaken', async () => {
  const [target, client] = [await openPeer(), await openPeer()];
  // The seed decides that some of these are held back and some are not.
  const relay = await openRelay({
    target: target.address,
    toTarget: { reorderRatio: 0.3, holdBackMs: 20 },
    seed: 3,
  });
  const sent = Array.from({ length: 20 }, (_, index) => String(index));
  for (const text of sent) client.send(text, relay.address);
  const received: string[] = [];
  while (received.length < sent.length) received.push((await target.receive()).text);
  expect(received).not.toEqual(sent);
  expect([...received].sort()).toEqual([...sent].sort());
  expect(relay.statistics().toTarget.packetsHeldBack).toBeGreaterThan(0);
});

test('the same seed loses the same packets', async () => {
  const fates = async () => {
    const [target, client] = [await openPeer(), await openPeer()];
    const relay = await openRelay({ target: target.address, toTarget: { loss: 0.5 }, seed: 9 });
    const received: string[] = [];
    target.socket.on('message', (bytes) => received.push(bytes.toString()));
    for (let index = 0; index < 50; index++) client.send(String(index), relay.address);
    while (relay.statistics().toTarget.packetsOffered < 50) await new Promise(setImmediate);
    const { packetsDelivered } = relay.statistics().toTarget;
    while (received.length < packetsDelivered) await once(target.socket, 'message');
    return received;
  };
  const first = await fates();
  expect(first.length).toBeGreaterThan(10);
  expect(first.length).toBeLessThan(40);
  expect(await fates()).toEqual(first);
});

test('what comes before the target is known waits for it', async () => {
  const [target, client] = [await openPeer(), await openPeer()];
  let found: (address: Address) => void = () => {};
  const relay = await openRelay({ target: new Promise<Address>((resolve) => (found = resolve)), seed: 1 });
  client.send('early', relay.address);
  while (relay.statistics().clientCount === 0) await new Promise(setImmediate);
  found(target.address);
  expect((await target.receive()).text).toBe('early');
});

test('a target that nobody listens on is silence, not an error', async () => {
  const client = await openPeer();
  const gone = createSocket('udp4');
  gone.bind(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address();
  await new Promise<void>((resolve) => gone.close(() => resolve()));
  const relay = await openRelay({ target: { host: '127.0.0.1', port }, seed: 1 });
  for (let index = 1; index <= 20; index++) {
    client.send('hello', relay.address);
    while (relay.statistics().toTarget.packetsDelivered < index) await new Promise(setImmediate);
  }
  expect(relay.statistics().clientCount).toBe(1);
});

test('closing drops what is on its way, frees the port, and may be repeated', async () => {
  const [target, client] = [await openPeer(), await openPeer()];
  const relay = await startRelay({ target: target.address, toTarget: { delayMs: 60_000 }, seed: 1 });
  client.send('never', relay.address);
  while (relay.statistics().toTarget.packetsOffered < 1) await new Promise(setImmediate);
  await Promise.all([relay.close(), relay.close()]);
  const next = await openRelay({ target: target.address, seed: 1, port: relay.address.port });
  expect(next.address).toEqual(relay.address);
});

test('closing does not wait for a target that never comes', async () => {
  const client = await openPeer();
  const relay = await startRelay({ target: new Promise<Address>(() => {}), seed: 1 });
  client.send('early', relay.address);
  while (relay.statistics().clientCount === 0) await new Promise(setImmediate);
  await relay.close();
});
