import { expect, test } from 'vitest';
import { parseBenchmarkOptions } from '../src/benchmark.ts';
import { loopback } from '../src/link/place.ts';
import type { PeerSettings } from '../src/peers/peer.ts';
import { findPeer } from '../src/peers/registry.ts';

const settings: PeerSettings = {
  place: loopback,
  port: 7001,
  bytes: undefined,
  modulesFolder: '/nowhere',
  commands: new Map([['mine', 'my driver --fast']]),
};

test('a peer that is not installed is named, with what it needs', () => {
  expect(findPeer('udx', settings)).toEqual({
    name: 'udx',
    missing: expect.stringContaining('npm i --prefix DIR udx-native'),
  });
});

test('a congestion control that the machine does not have is a missing peer', () => {
  const place = { ...loopback, useCongestionControl: () => false };
  expect(findPeer('tcp-bbr', { ...settings, place })).toMatchObject({
    name: 'tcp-bbr',
    missing: expect.stringContaining('bbr'),
  });
});

test('a driver of the user is run with the words that all drivers know', () => {
  expect(findPeer('mine', settings)).toMatchObject({
    receive: ['my', 'driver', '--fast', 'recv', '127.0.0.1', '7001'],
    send: ['my', 'driver', '--fast', 'send', '127.0.0.1', '7001'],
  });
});

test('a command line is read, with defaults for what it leaves out', () => {
  const args = ['--seconds', '2', '--peers', 'parley,udx', '--peer', 'mine=node x.js --a=b'];
  expect(parseBenchmarkOptions(args, 'parley')).toMatchObject({
    profile: undefined,
    seconds: 2,
    repetitions: 1,
    peers: ['parley', 'udx', 'mine'],
    commands: new Map([['mine', 'node x.js --a=b']]),
  });
  expect(parseBenchmarkOptions([], 'parley,tcp')).toMatchObject({ seconds: 6, peers: ['parley', 'tcp'] });
});

test.each([
  [['--peers', 'parley,ftp'], 'got ftp'],
  [['--seconds', '0'], 'expected --seconds'],
  [['--reps', '1.5'], 'expected --reps'],
  [['--peer', 'mine'], 'expected --peer NAME=COMMAND'],
])('%j is refused with a reason', (args, reason) => {
  expect(() => parseBenchmarkOptions(args, 'parley')).toThrow(reason);
});
