import { createRandom } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../src/command-line.ts';
import { insecureSimulatorCrypto } from '../src/node/insecure-crypto.ts';
import { Mangler } from '../src/node/mangler.ts';
import { encodePcap } from '../src/report/pcap.ts';

describe('the insecure cryptography', () => {
  const crypto = insecureSimulatorCrypto(createRandom('crypto'));
  const key = crypto.createAeadKey('aes-128-gcm', crypto.randomBytes(16));
  const nonce = crypto.randomBytes(12);
  const headerBytes = 15;

  test.each([0, 1, 3, 4, 5, 1171])('opens what it sealed in place: %i bytes', (length) => {
    const textEnd = headerBytes + length;
    const packet = crypto.randomBytes(textEnd + 16);
    const plaintext = packet.slice(0, textEnd);
    key.seal(nonce, packet, 0, headerBytes, textEnd);
    expect(key.open(nonce, packet, 0, headerBytes, textEnd)).toBe(true);
    expect(packet.subarray(0, textEnd)).toEqual(plaintext);
  });

  test('notices each flipped bit of packet, header and nonce', () => {
    const textEnd = headerBytes + 7;
    const sealed = crypto.randomBytes(textEnd + 16);
    key.seal(nonce, sealed, 0, headerBytes, textEnd);
    const opens = () => key.open(nonce, sealed.slice(), 0, headerBytes, textEnd);
    for (const damaged of [sealed, nonce]) {
      for (let bit = 0; bit < damaged.length * 8; bit += 1) {
        const flip = () => {
          damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
        };
        flip();
        expect(opens()).toBe(false);
        flip();
      }
    }
    expect(opens()).toBe(true);
  });

  test('agrees on a secret, and refuses its own key', () => {
    const [one, other] = [crypto.generateKeyPair(), crypto.generateKeyPair()];
    expect(one.agree(other.publicKey)).toEqual(other.agree(one.publicKey));
    expect(one.agree(one.publicKey)).toBeUndefined();
  });
});

test('a capture has the bytes of the libpcap format, with IPv4 and UDP headers', () => {
  const file = encodePcap([
    {
      atMs: 1500.25,
      source: { host: '10.0.0.1', port: 4433 },
      target: { host: '10.0.0.2', port: 80 },
      payload: Uint8Array.of(0xaa, 0xbb),
    },
  ]);
  expect(Buffer.from(file).toString('hex')).toBe(
    'd4c3b2a1020004000000000000000000' +
      '0000040065000000' +
      '010000001aa207001e0000001e000000' +
      '4500001e00000000401166cd0a0000010a000002' +
      '11510050000a0000' +
      'aabb',
  );
});

describe('the command line', () => {
  test('takes a seed alone for one run, and none for two hundred', () => {
    expect(parseCommandLine(['42'])).toMatchObject({ kind: 'runs', seed: 42, runs: 1, isTraced: false });
    expect(parseCommandLine([])).toMatchObject({ seed: 1, runs: 200 });
    expect(parseCommandLine(['--seed', '5', '--runs', '9', '--trace'])).toMatchObject({
      seed: 5,
      runs: 9,
      isTraced: true,
    });
    expect(parseCommandLine(['--minutes', '2'])).toMatchObject({ minutes: 2, runs: Number.MAX_SAFE_INTEGER });
  });

  test('takes scenarios by name, or all of them', () => {
    expect(parseCommandLine(['--scenario', 'blackhole'])).toEqual({
      kind: 'scenarios',
      names: ['blackhole'],
    });
    expect(parseCommandLine(['--scenario', 'all'])).toMatchObject({ kind: 'scenarios' });
  });

  test('says what it expected', () => {
    expect(() => parseCommandLine(['4.2'])).toThrow('expected --seed as a whole number');
    expect(() => parseCommandLine(['1', '2'])).toThrow('expected one seed at most, got 1 2');
    expect(() => parseCommandLine(['--runs', '0'])).toThrow('expected --runs');
    expect(() => parseCommandLine(['--minutes', 'x'])).toThrow('expected --minutes above 0');
    expect(() => parseCommandLine(['--scenario', 'x'])).toThrow('expected a scenario');
  });
});

test('the mangler replays, cuts, mixes and joins what arrived before', () => {
  const calm = {
    replayRatio: 0,
    replayFromElsewhereRatio: 0,
    truncateRatio: 0,
    spliceRatio: 0,
    coalesceRatio: 0,
  };
  const remote = { host: '10.0.0.1', port: 1 };
  const first = Uint8Array.of(1, 1, 1, 1);
  const second = Uint8Array.of(2, 2, 2, 2);
  const arrivals = (changes: Partial<typeof calm>) => {
    const mangler = new Mangler({ ...calm, ...changes }, createRandom(1));
    mangler.arrivals(remote, first.slice());
    return mangler.arrivals(remote, second.slice()).map(({ bytes }) => [...bytes]);
  };
  expect(arrivals({})).toEqual([[2, 2, 2, 2]]);
  expect(arrivals({ replayRatio: 1 })).toEqual([
    [2, 2, 2, 2],
    [1, 1, 1, 1],
  ]);
  expect(arrivals({ truncateRatio: 1 })[0]?.length).toBeLessThan(4);
  expect(arrivals({ coalesceRatio: 1 })[0]).toHaveLength(8);
  const spliced = arrivals({ spliceRatio: 1 })[0] ?? [];
  expect(spliced).toHaveLength(4);
  expect(spliced.join('')).toMatch(/^2*1*$/);
});
