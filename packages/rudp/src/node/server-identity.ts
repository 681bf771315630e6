import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { link, readFile, unlink, writeFile } from 'node:fs/promises';
import type { ServerIdentity } from '../core/index.ts';
import { SERVER_IDENTITY_BYTES } from '../core/index.ts';

/** Everything that stands before the 32 raw bytes in the DER form of an Ed25519 public key (RFC 8410 §10). */
const publicKeyPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** The long-term key of a listener in a file or a string of PEM (PKCS #8). */
export interface ServerIdentityKey extends ServerIdentity {
  /** The private key: whoever has it can pretend to be this server. */
  readonly pem: string;
}

/** A new long-term key for a listener. */
export function generateServerIdentity(): ServerIdentityKey {
  return identityOf(generateKeyPairSync('ed25519').privateKey);
}

/** The long-term key in a string of PEM, as `pem` of another has it or as OpenSSL writes it. Throws when it holds no Ed25519 key. */
export function parseServerIdentity(pem: string): ServerIdentityKey {
  const privateKey = createPrivateKey(pem);
  if (privateKey.asymmetricKeyType !== 'ed25519')
    throw new TypeError(`expected an ed25519 private key, found ${privateKey.asymmetricKeyType}`);
  return identityOf(privateKey);
}

/**
 * The long-term key in the file at `path`, which is made when there is none, readable by its owner alone. Two programs that
 * start together get the same key. Rejects when the file cannot be read or written, or holds something else.
 */
export async function loadServerIdentity(path: string): Promise<ServerIdentityKey> {
  const pem = (await readIfThere(path)) ?? (await createOnce(path));
  try {
    return parseServerIdentity(pem);
  } catch (cause) {
    throw new TypeError(`expected an ed25519 private key (PEM) in ${path}`, { cause });
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The file appears whole or not at all, and never replaces one that somebody else has made meanwhile. */
async function createOnce(path: string): Promise<string> {
  const { pem } = generateServerIdentity();
  const unfinished = `${path}.${randomBytes(8).toString('hex')}.new`;
  await writeFile(unfinished, pem, { flag: 'wx', mode: 0o600 });
  try {
    await link(unfinished, path);
    return pem;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return await readFile(path, 'utf8');
  } finally {
    await unlink(unfinished);
  }
}

/** For the cryptographic port: true for a signature of `message` by the holder of this public key. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.byteLength !== SERVER_IDENTITY_BYTES) return false;
  try {
    const key = createPublicKey({
      key: Buffer.concat([publicKeyPrefix, publicKey]),
      format: 'der',
      type: 'spki',
    });
    return verify(null, message, key, signature);
  } catch {
    // Not a point of the curve.
    return false;
  }
}

function identityOf(privateKey: KeyObject): ServerIdentityKey {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(der.subarray(-SERVER_IDENTITY_BYTES)),
    sign: (message) => sign(null, message, privateKey),
    pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}
