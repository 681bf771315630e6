import { describe, expect, test } from 'vitest';
import { keyPairFromPrivateKey, nodeCryptoProvider } from '../src/node/crypto-provider.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
const toHex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

describe('x25519', () => {
  // RFC 7748 §6.1
  const alice = keyPairFromPrivateKey(
    hex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'),
  );
  const bob = keyPairFromPrivateKey(hex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'));

  test('gives the public keys and the shared secret of RFC 7748 §6.1', () => {
    expect(toHex(alice.publicKey)).toBe('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
    expect(toHex(bob.publicKey)).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    const secret = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';
    expect(toHex(alice.agree(bob.publicKey))).toBe(secret);
    expect(toHex(bob.agree(alice.publicKey))).toBe(secret);
  });

  test('generates pairs that agree, and no two alike', () => {
    const left = nodeCryptoProvider.generateKeyPair();
    const right = nodeCryptoProvider.generateKeyPair();
    expect(left.publicKey).toHaveLength(32);
    expect(toHex(left.publicKey)).not.toBe(toHex(right.publicKey));
    expect(toHex(left.agree(right.publicKey))).toBe(toHex(right.agree(left.publicKey)));
  });

  test.each([
    ['zero', '0000000000000000000000000000000000000000000000000000000000000000'],
    ['one', '0100000000000000000000000000000000000000000000000000000000000000'],
    ['of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
    ['of order 8, the other', '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'],
    ['p', 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['too short', '01'],
    ['empty', ''],
  ])('refuses a peer key that is %s', (_name, key) => {
    expect(alice.agree(hex(key))).toBeUndefined();
  });
});

test('hashes and authenticates as published', () => {
  // FIPS 180-2 appendix B.1, RFC 4231 §4.3
  expect(toHex(nodeCryptoProvider.sha256(hex('616263')))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  const data = hex('7768617420646f2079612077616e7420666f72206e6f7468696e673f');
  expect(toHex(nodeCryptoProvider.hmacSha256(hex('4a656665'), data))).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});

test('compares bytes of any lengths', () => {
  expect(nodeCryptoProvider.equal(hex('0102'), hex('0102'))).toBe(true);
  expect(nodeCryptoProvider.equal(hex('0102'), hex('0103'))).toBe(false);
  expect(nodeCryptoProvider.equal(hex('0102'), hex('010203'))).toBe(false);
  expect(nodeCryptoProvider.equal(hex(''), hex(''))).toBe(true);
});
