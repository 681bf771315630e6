import { describe, expect, test } from 'vitest';
import { AeadFailedError } from '../../src/core/keys/crypto.ts';
import { NodeAeadKey } from '../../src/node/aead/node-aead-key.ts';
import { OpensslAeadKey } from '../../src/node/aead/openssl-aead-key.ts';
import { OpensslContexts } from '../../src/node/aead/openssl-contexts.ts';
import { loadOpenssl, type OpensslLibrary } from '../../src/node/aead/openssl-library.ts';
import { keyBytesOf, SUITES } from './providers.ts';

const nonce = new Uint8Array(12).fill(3);
const packet = () => Uint8Array.from({ length: 131 }, (_, index) => index);

/** The real library with some functions replaced. */
function withFaults(faults: Partial<OpensslLibrary>): OpensslContexts {
  return new OpensslContexts({ ...loadOpenssl(), ...faults });
}

test('thousands of changes of keys share a few contexts, and each key seals and opens for itself', () => {
  const contexts = new OpensslContexts(loadOpenssl(), 4);
  const pairs = Array.from({ length: 3000 }, (_, index) => {
    const suite = SUITES[index % 2] as (typeof SUITES)[number];
    const bytes = new Uint8Array(keyBytesOf(suite)).map((_, at) => index >> (at % 16));
    return { native: new OpensslAeadKey(contexts, suite, bytes), node: new NodeAeadKey(suite, bytes) };
  });
  for (let step = 0; step < 6000; step += 1) {
    // Each key comes back several times, after more others than there are contexts; some come twice in a row.
    const { native, node } = pairs[
      (Math.floor(step / 60) * 30 + ((step >> 1) % 9)) % pairs.length
    ] as (typeof pairs)[number];
    const bytes = packet();
    native.seal(nonce, bytes, 0, 15, 115);
    const expected = packet();
    node.seal(nonce, expected, 0, 15, 115);
    expect(Buffer.compare(bytes, expected)).toBe(0);
    expect(native.open(nonce, bytes, 0, 15, 115)).toBe(true);
    expect(contexts.count).toBeLessThanOrEqual(4);
  }
  expect(contexts.count).toBe(4);
});

test('a key that lost its context while others worked goes on with another', () => {
  const contexts = new OpensslContexts(loadOpenssl(), 1);
  const keys = [1, 2].map(
    (byte) => new OpensslAeadKey(contexts, 'aes-128-gcm', new Uint8Array(16).fill(byte)),
  );
  const sealed = keys.map((key) => {
    const bytes = packet();
    key.seal(nonce, bytes, 0, 15, 115);
    return bytes;
  });
  for (const [index, key] of keys.entries()) {
    expect(key.open(nonce, (sealed[1 - index] as Uint8Array).slice(), 0, 15, 115)).toBe(false);
    expect(key.open(nonce, (sealed[index] as Uint8Array).slice(), 0, 15, 115)).toBe(true);
  }
  expect(contexts.count).toBe(1);
});

describe.each(SUITES)('a library that fails in the middle of %s', (suite) => {
  const keyBytes = new Uint8Array(keyBytesOf(suite)).fill(1);
  const faults: [string, Partial<OpensslLibrary>][] = [
    ['no context', { newContext: () => 0 }],
    ['no cipher', { aes128Gcm: () => 0, chacha20Poly1305: () => 0 }],
    ['setting the key or the nonce', { initEncryption: () => 0, initDecryption: () => 0 }],
    ['associated data or text', { update: () => 0 }],
  ];

  test.each([...faults, ['the end', { final: () => 0 }], ['the tag', { read: () => 0 }]] as typeof faults)(
    'when sealing: %s',
    (_name, fault) => {
      const key = new OpensslAeadKey(withFaults(fault), suite, keyBytes);
      expect(() => key.seal(nonce, packet(), 0, 15, 115)).toThrow(AeadFailedError);
    },
  );

  test.each(faults)('when opening: %s', (_name, fault) => {
    const key = new OpensslAeadKey(withFaults(fault), suite, keyBytes);
    expect(() => key.open(nonce, packet(), 0, 15, 115)).toThrow(AeadFailedError);
  });
});

test('a key works again after its library failed once, in a context that was set up anew', () => {
  const library = loadOpenssl();
  let isBroken = false;
  let keysSet = 0;
  const contexts = withFaults({
    initEncryption: (...call) => {
      if (call[2] !== 0) keysSet += 1;
      return library.initEncryption(...call);
    },
    update: (...call) => (isBroken ? 0 : library.update(...call)),
  });
  const key = new OpensslAeadKey(contexts, 'aes-128-gcm', new Uint8Array(16));
  key.seal(nonce, packet(), 0, 15, 115);
  isBroken = true;
  expect(() => key.seal(nonce, packet(), 0, 15, 115)).toThrow(AeadFailedError);
  isBroken = false;
  const bytes = packet();
  key.seal(nonce, bytes, 0, 15, 115);
  expect(keysSet).toBe(2);
  expect(new NodeAeadKey('aes-128-gcm', new Uint8Array(16)).open(nonce, bytes, 0, 15, 115)).toBe(true);
});
