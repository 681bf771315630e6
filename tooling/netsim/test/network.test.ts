import { expect, test } from 'vitest';
import { createRandom, formatAddress, type LinkOptions, Network } from '../src/index.ts';

function createNetwork(defaultLink: LinkOptions = {}): Network {
  const network = new Network(createRandom(1), defaultLink);
  for (const name of ['a', 'b', 'c']) network.addNode(name);
  return network;
}

function send(network: Network, from: string, to: string) {
  return network.transmit(0, from, network.addressOf(to), new Uint8Array(10));
}

test('nodes get an address each, or the one they bring', () => {
  const network = createNetwork();
  network.addNode('d', { host: '192.0.2.7', port: 9 });
  expect(network.addressOf('b')).toEqual({ host: '10.0.0.2', port: 4433 });
  expect(network.nodeAt({ host: '192.0.2.7', port: 9 })).toBe('d');
  expect(network.nodeAt({ host: '192.0.2.7', port: 10 })).toBeUndefined();
  expect(() => network.addNode('d')).toThrow('got d again');
  expect(() => network.addNode('e', { host: '192.0.2.7', port: 9 })).toThrow('which d has');
  expect(() => network.addressOf('nobody')).toThrow('got nobody');
});

test('addresses read well, IPv6 too', () => {
  expect(formatAddress({ host: '10.0.0.1', port: 80 })).toBe('10.0.0.1:80');
  expect(formatAddress({ host: '::1', port: 80 })).toBe('[::1]:80');
});

test('every direction of every path is a link of its own', () => {
  const network = createNetwork({ delayMs: 10 });
  network.configure({ from: 'a', to: 'b' }, { delayMs: 50 });
  expect(send(network, 'a', 'b').deliveries[0]?.atMs).toBe(50);
  expect(send(network, 'b', 'a').deliveries[0]?.atMs).toBe(10);
  expect(send(network, 'a', 'c').deliveries[0]?.atMs).toBe(10);
  expect(network.link({ from: 'a', to: 'b' }).counters.packetsOffered).toBe(1);
  expect(network.link({ from: 'c', to: 'b' }).counters.packetsOffered).toBe(0);
});

test('the order in which links come to be does not change their faults', () => {
  const lossesOfFirst = (order: readonly (readonly [string, string])[]) => {
    const network = createNetwork({ loss: 0.5 });
    for (const [from, to] of order) network.link({ from, to });
    return Array.from({ length: 64 }, () => send(network, 'a', 'b').fate);
  };
  const forward = lossesOfFirst([
    ['a', 'b'],
    ['b', 'a'],
  ]);
  expect(
    lossesOfFirst([
      ['b', 'a'],
      ['a', 'b'],
    ]),
  ).toEqual(forward);
  expect(new Set(forward).size).toBe(2);
});

test('a partition stops both directions or one, until it is healed', () => {
  const network = createNetwork();
  network.partition({ from: 'a', to: 'b' });
  expect([send(network, 'a', 'b').fate, send(network, 'b', 'a').fate]).toEqual(['partition', 'partition']);
  expect(send(network, 'a', 'c').fate).toBe('delivered');
  network.heal({ from: 'b', to: 'a' });
  expect([send(network, 'a', 'b').fate, send(network, 'b', 'a').fate]).toEqual(['delivered', 'delivered']);
  network.partition({ from: 'a', to: 'b' }, 'one-way');
  expect([send(network, 'a', 'b').fate, send(network, 'b', 'a').fate]).toEqual(['partition', 'delivered']);
});

test('after a rebind a node appears under its new address and cannot be reached under the old one', () => {
  const network = createNetwork();
  const old = network.addressOf('a');
  const rebound = { host: '198.51.100.1', port: 61_000 };
  network.rebind('a', rebound);
  expect(send(network, 'a', 'b').source).toEqual(rebound);
  expect(network.transmit(0, 'b', old, new Uint8Array(1)).fate).toBe('unreachable');
  expect(network.transmit(0, 'b', rebound, new Uint8Array(1)).fate).toBe('delivered');
  expect(network.nodeAt(old)).toBeUndefined();
});
