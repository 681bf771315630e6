import type { AeadKey, CipherSuite } from '../../core/keys/crypto.ts';
import { TAG_BYTES } from '../../core/keys/crypto.ts';

/** A published sealed text: hexadecimal digits. */
interface KnownAnswer {
  readonly key: string;
  readonly nonce: string;
  readonly associatedData: string;
  readonly text: string;
  /** Ciphertext and tag. */
  readonly sealed: string;
}

/** Test case 4 of the GCM specification (McGrew and Viega), and the packet of RFC 9001 §A.5. */
const KNOWN_ANSWERS: Readonly<Record<CipherSuite, KnownAnswer>> = {
  'aes-128-gcm': {
    key: 'feffe9928665731c6d6a8f9467308308',
    nonce: 'cafebabefacedbaddecaf888',
    associatedData: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    text:
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
      '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    sealed:
      '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e' +
      '21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47',
  },
  'chacha20-poly1305': {
    key: 'c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8',
    nonce: 'e0459b3474bdd0e46d417eb0',
    associatedData: '4200bff4',
    text: '01',
    sealed: '655e5cd55c41f69080575d7999c25a5bfb',
  },
};

/** Seals and opens a published packet, and refuses it with a bit turned over. Throws when the library behind `create` does not. */
export function checkKnownAnswer(
  suite: CipherSuite,
  create: (suite: CipherSuite, key: Uint8Array) => AeadKey,
): void {
  const answer = KNOWN_ANSWERS[suite];
  const key = create(suite, Buffer.from(answer.key, 'hex'));
  const nonce = Buffer.from(answer.nonce, 'hex');
  const textStart = answer.associatedData.length / 2;
  const textEnd = textStart + answer.text.length / 2;
  const open = Buffer.concat([
    Buffer.from(answer.associatedData + answer.text, 'hex'),
    Buffer.alloc(TAG_BYTES),
  ]);
  const sealed = Buffer.from(answer.associatedData + answer.sealed, 'hex');
  const packet = Buffer.from(open);
  key.seal(nonce, packet, 0, textStart, textEnd);
  if (!packet.equals(sealed)) throw new Error(`${key.library} seals ${suite} wrongly`);
  const isOpened = key.open(nonce, packet, 0, textStart, textEnd);
  if (!isOpened || !packet.subarray(0, textEnd).equals(open.subarray(0, textEnd)))
    throw new Error(`${key.library} does not open ${suite}`);
  for (const at of [0, textStart, textEnd]) {
    const forged = Buffer.from(sealed);
    forged[at] = (forged[at] as number) ^ 1;
    if (key.open(nonce, forged, 0, textStart, textEnd))
      throw new Error(`${key.library} opens a forged packet of ${suite}`);
  }
}
