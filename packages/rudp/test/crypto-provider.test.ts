import { describe, expect, test } from 'vitest';
import { keyPairFromPrivateKey, nodeCryptoProvider } from '../src/node/crypto-provider.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
const toHex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

interface AeadVector {
  readonly name: string;
  readonly suite: 'aes-128-gcm' | 'chacha20-poly1305';
  readonly key: string;
  readonly nonce: string;
  readonly associatedData: string;
  readonly plaintext: string;
  readonly ciphertext: string;
  readonly tag: string;
}

const sunscreen =
  '4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920' +
  '636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756c642062652069742e';

const vectors: readonly AeadVector[] = [
  {
    name: 'RFC 8439 §2.8.2',
    suite: 'chacha20-poly1305',
    key: '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f',
    nonce: '070000004041424344454647',
    associatedData: '50515253c0c1c2c3c4c5c6c7',
    plaintext: sunscreen,
    ciphertext:
      'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b' +
      '1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc' +
      '3ff4def08e4b7a9de576d26586cec64b6116',
    tag: '1ae10b594f09e26a7e902ecbd0600691',
  },
  {
    name: 'RFC 9001 §A.5, ChaCha20-Poly1305 short header packet',
    suite: 'chacha20-poly1305',
    key: 'c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8',
    nonce: 'e0459b3474bdd0e46d417eb0',
    associatedData: '4200bff4',
    plaintext: '01',
    ciphertext: '65',
    tag: '5e5cd55c41f69080575d7999c25a5bfb',
  },
  {
    name: 'NIST GCM test case 1, empty',
    suite: 'aes-128-gcm',
    key: '00000000000000000000000000000000',
    nonce: '000000000000000000000000',
    associatedData: '',
    plaintext: '',
    ciphertext: '',
    tag: '58e2fccefa7e3061367f1d57a4e7455a',
  },
  {
    name: 'NIST GCM test case 2, one block of zeros',
    suite: 'aes-128-gcm',
    key: '00000000000000000000000000000000',
    nonce: '000000000000000000000000',
    associatedData: '',
    plaintext: '00000000000000000000000000000000',
    ciphertext: '0388dace60b6a392f328c2b971b2fe78',
    tag: 'ab6e47d42cec13bdf53a67b21257bddf',
  },
  {
    name: 'NIST GCM test case 4, with associated data',
    suite: 'aes-128-gcm',
    key: 'feffe9928665731c6d6a8f9467308308',
    nonce: 'cafebabefacedbaddecaf888',
    associatedData: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    plaintext:
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
      '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    ciphertext:
      '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e' +
      '21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091',
    tag: '5bc94fbc3221a5db94fae95ae7121a47',
  },
];

describe.each(vectors)('$suite: $name', (vector) => {
  const key = nodeCryptoProvider.createAeadKey(vector.suite, hex(vector.key));
  const sealed = vector.ciphertext + vector.tag;

  test('seals to the published bytes, in place', () => {
    const plaintext = hex(vector.plaintext);
    const slab = new Uint8Array(plaintext.length + 16);
    slab.set(plaintext);
    key.seal(hex(vector.nonce), hex(vector.associatedData), slab.subarray(0, plaintext.length), slab);
    expect(toHex(slab)).toBe(sealed);
  });

  test('opens the published bytes, in place', () => {
    const slab = hex(sealed);
    expect(key.open(hex(vector.nonce), hex(vector.associatedData), slab, slab)).toBe(true);
    expect(toHex(slab.subarray(0, -16))).toBe(vector.plaintext);
  });

  test('refuses a flipped bit in every byte, and other associated data', () => {
    const bytes = hex(sealed);
    for (let index = 0; index < bytes.length; index += 1) {
      const forged = bytes.slice();
      forged[index] = (forged[index] ?? 0) ^ 1;
      expect(
        key.open(hex(vector.nonce), hex(vector.associatedData), forged, new Uint8Array(bytes.length)),
      ).toBe(false);
    }
    expect(key.open(hex(vector.nonce), hex(`${vector.associatedData}00`), bytes, bytes)).toBe(false);
  });
});

describe('an AEAD key', () => {
  test('refuses a ciphertext that is shorter than a tag', () => {
    const key = nodeCryptoProvider.createAeadKey('aes-128-gcm', new Uint8Array(16));
    expect(key.open(new Uint8Array(12), new Uint8Array(), new Uint8Array(15), new Uint8Array(16))).toBe(
      false,
    );
    expect(key.open(new Uint8Array(12), new Uint8Array(), new Uint8Array(0), new Uint8Array(16))).toBe(false);
  });

  test('is refused at creation when its length does not fit the suite', () => {
    expect(() => nodeCryptoProvider.createAeadKey('chacha20-poly1305', new Uint8Array(16))).toThrow(
      /32 bytes, got 16/,
    );
    expect(() => nodeCryptoProvider.createAeadKey('aes-128-gcm', new Uint8Array(32))).toThrow(
      /16 bytes, got 32/,
    );
  });
});

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
