import type { KeyObject } from 'node:crypto';
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import type { CryptoProvider, KeyPair } from '../core/keys/crypto.ts';
import { NodeAeadKey } from './aead/node-aead-key.ts';
import { verifyEd25519 } from './server-identity.ts';

/** Everything that stands before the 32 raw bytes in the DER form of an X25519 key (RFC 8410 §10). */
const x25519PublicKeyPrefix = Buffer.from('302a300506032b656e032100', 'hex');
const x25519PrivateKeyPrefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
const X25519_KEY_BYTES = 32;

/** The cryptographic port of the core on top of `node:crypto`: runs everywhere, needs nothing native of ours. */
export const nodeCryptoProvider: CryptoProvider = {
  generateKeyPair: () => {
    const { publicKey, privateKey } = generateKeyPairSync('x25519');
    return toKeyPair(publicKey, privateKey);
  },
  sha256: (data) => createHash('sha256').update(data).digest(),
  hmacSha256: (key, data) => createHmac('sha256', key).update(data).digest(),
  verifySignature: verifyEd25519,
  createAeadKey: (suite, key) => new NodeAeadKey(suite, key),
  equal: (left, right) => left.byteLength === right.byteLength && timingSafeEqual(left, right),
  randomBytes: (count) => randomBytes(count),
};

/** The key pair of a known private key of 32 bytes (RFC 7748 §5); a fresh one comes from `generateKeyPair`. */
export function keyPairFromPrivateKey(privateKeyBytes: Uint8Array): KeyPair {
  const privateKey = createPrivateKey({
    key: Buffer.concat([x25519PrivateKeyPrefix, privateKeyBytes]),
    format: 'der',
    type: 'pkcs8',
  });
  return toKeyPair(createPublicKey(privateKey), privateKey);
}

function toKeyPair(publicKey: KeyObject, privateKey: KeyObject): KeyPair {
  const publicKeyBytes = publicKey.export({ format: 'der', type: 'spki' }).subarray(-X25519_KEY_BYTES);
  return {
    publicKey: new Uint8Array(publicKeyBytes),
    agree: (peerPublicKey) => agree(privateKey, peerPublicKey),
  };
}

function agree(privateKey: KeyObject, peerPublicKey: Uint8Array): Uint8Array | undefined {
  if (peerPublicKey.byteLength !== X25519_KEY_BYTES) return undefined;
  try {
    const publicKey = createPublicKey({
      key: Buffer.concat([x25519PublicKeyPrefix, peerPublicKey]),
      format: 'der',
      type: 'spki',
    });
    const secret = diffieHellman({ privateKey, publicKey });
    // OpenSSL throws on the all-zero result by itself; other libraries behind the same API need not.
    return secret.every((byte) => byte === 0) ? undefined : secret;
  } catch {
    return undefined;
  }
}
