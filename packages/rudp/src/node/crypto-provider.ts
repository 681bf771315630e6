import type { KeyObject } from 'node:crypto';
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import type { CryptoProvider, KeyPair } from '../core/keys/crypto.ts';
import { NodeAeadKey } from './aead/node-aead-key.ts';
import { verifyEd25519 } from './server-identity.ts';

/** Everything that stands before the 32 raw bytes in the DER form of an X25519 key (RFC 8410 §10). */
const x25519PrivateKeyPrefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
const X25519_KEY_BYTES = 32;

/** The cryptographic port of the core on top of `node:crypto`: runs everywhere, needs nothing native of ours. */
export const nodeCryptoProvider: CryptoProvider = {
  generateKeyPair: () => {
    const { publicKey, privateKey } = generateKeyPairSync('x25519');
    return toKeyPair(publicKey, privateKey);
  },
  sha256: (data) => createHash('sha256').update(data).digest(),
  // Given bytes, `createHmac` takes four times as long as with a key object that is made of them (Node 24).
  hmacSha256: (key, data) => createHmac('sha256', createSecretKey(key)).update(data).digest(),
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
  // The form of RFC 8037 §2: to export and to import it is quicker than DER.
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return {
    publicKey: new Uint8Array(Buffer.from(x, 'base64url')),
    agree: (peerPublicKey) => agree(privateKey, peerPublicKey),
  };
}

function agree(privateKey: KeyObject, peerPublicKey: Uint8Array): Uint8Array | undefined {
  if (peerPublicKey.byteLength !== X25519_KEY_BYTES) return undefined;
  try {
    const x = Buffer.from(peerPublicKey).toString('base64url');
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
    const secret = diffieHellman({ privateKey, publicKey });
    // OpenSSL throws on the all-zero result by itself; other libraries behind the same API need not.
    return secret.every((byte) => byte === 0) ? undefined : secret;
  } catch {
    return undefined;
  }
}
