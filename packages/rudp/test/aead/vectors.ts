/** A published packet: hexadecimal digits. */
export interface AeadVector {
  readonly name: string;
  readonly suite: 'aes-128-gcm' | 'chacha20-poly1305';
  readonly key: string;
  readonly nonce: string;
  readonly associatedData: string;
  readonly plaintext: string;
  readonly ciphertext: string;
  readonly tag: string;
}

const SUNSCREEN =
  '4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920' +
  '636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756c642062652069742e';

/** RFC 8439, RFC 9001 appendix A, and the GCM specification that NIST SP 800-38D took over. */
export const AEAD_VECTORS: readonly AeadVector[] = [
  {
    name: 'RFC 8439 §2.8.2',
    suite: 'chacha20-poly1305',
    key: '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f',
    nonce: '070000004041424344454647',
    associatedData: '50515253c0c1c2c3c4c5c6c7',
    plaintext: SUNSCREEN,
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
  {
    name: 'NIST GCM test case 3, four blocks without associated data',
    suite: 'aes-128-gcm',
    key: 'feffe9928665731c6d6a8f9467308308',
    nonce: 'cafebabefacedbaddecaf888',
    associatedData: '',
    plaintext:
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
      '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255',
    ciphertext:
      '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e' +
      '21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985',
    tag: '4d5c2af327cd64a62cf35abd2ba6fab4',
  },
  {
    name: 'RFC 9001 §A.3, server Initial',
    suite: 'aes-128-gcm',
    key: 'cf3a5331653c364c88f0f379b6067e37',
    nonce: '0ac1493ca1905853b0bba03f',
    associatedData: 'c1000000010008f067a5502a4262b50040750001',
    plaintext:
      '02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf73988cfc79825df566dc5430b9a045a12' +
      '00130100002e00330024001d00209d3c940d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00020304',
    ciphertext:
      '5a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3dbcba3' +
      'f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca',
    tag: '3d20398c276456cbc42158407dd074ee',
  },
  {
    name: 'RFC 9001 §A.4, integrity tag of a Retry: no text',
    suite: 'aes-128-gcm',
    key: 'be0c690b9f66575a1d766b54e368c84e',
    nonce: '461599d35d632bf2239825bb',
    associatedData: '088394c8f03e515708ff000000010008f067a5502a4262b5746f6b656e',
    plaintext: '',
    ciphertext: '',
    tag: '04a265ba2eff4d829058fb3f0f2496ba',
  },
];
