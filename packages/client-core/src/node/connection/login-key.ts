import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { LoginToken, PublicKey, Signature } from '@parley/protocol';
import type { KeyCredential } from '../../domain/session/credential.ts';

/** The last bytes of a SubjectPublicKeyInfo are the key itself (RFC 8410, section 4). */
const PUBLIC_KEY_BYTES = 32;
const TOKEN_PREFIX = 'parley_';
const TOKEN = /^parley_([A-Za-z0-9_-]{43})$/;

/** A new key, and its private half in PEM for whoever keeps it. */
// CHAT-KEY-1
export function createLoginKey(): { readonly credential: KeyCredential; readonly pem: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return { credential: credentialOf(privateKey), pem };
}

/** The key in a PEM text; undefined when there is none of Ed25519. */
export function parseLoginKey(pem: string): KeyCredential | undefined {
  try {
    const privateKey = createPrivateKey(pem);
    return privateKey.asymmetricKeyType === 'ed25519' ? credentialOf(privateKey) : undefined;
  } catch {
    return undefined;
  }
}

/** A token as text, which programs and people hand on. */
export function formatLoginToken(token: LoginToken): string {
  return TOKEN_PREFIX + Buffer.from(token).toString('base64url');
}

/** The token in a text; undefined when there is none. */
export function parseLoginToken(text: string): LoginToken | undefined {
  const digits = TOKEN.exec(text.trim())?.[1];
  return digits === undefined ? undefined : (new Uint8Array(Buffer.from(digits, 'base64url')) as LoginToken);
}

function credentialOf(privateKey: KeyObject): KeyCredential {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return {
    kind: 'key',
    publicKey: new Uint8Array(spki.subarray(-PUBLIC_KEY_BYTES)) as PublicKey,
    sign: (message) => new Uint8Array(sign(null, message, privateKey)) as Signature,
  };
}
