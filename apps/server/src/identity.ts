import { createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createSelfSignedIdentity, identityFingerprint, type TlsIdentity } from '@parley/server-core';
import type { Config } from './config.ts';

/** Key and certificate that cannot be used, read or made. The message says which and what to do. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
  readonly code = 'identity-unusable';
}

/** Who the server is. */
export interface LoadedIdentity {
  readonly identity: TlsIdentity;
  /** What people compare: `SHA256:` and 43 characters. */
  readonly fingerprint: string;
}

const OWN_FILE = 'identity.pem';
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n?/g;
const PRIVATE_KEY = /-----BEGIN (?:EC |RSA )?PRIVATE KEY-----[^-]*-----END (?:EC |RSA )?PRIVATE KEY-----\n?/;

/** The identity that the configuration names: files of the operator, or one that is made at the first start. */
export async function loadIdentity({ tls, dataFolder }: Config): Promise<LoadedIdentity | undefined> {
  switch (tls.kind) {
    case 'none':
      return undefined;
    case 'files': {
      const certificate = await readPem(tls.certificateFile, 'the certificate');
      const key = await readPem(tls.keyFile, 'the key');
      return check({ certificate, key }, `${tls.certificateFile} and ${tls.keyFile}`, '');
    }
    case 'own': {
      const file = join(dataFolder, OWN_FILE);
      const pem = (await readOwn(file)) ?? (await makeOwn(dataFolder, file));
      const certificate = (pem.match(CERTIFICATE) ?? []).join('');
      const key = pem.match(PRIVATE_KEY)?.[0] ?? '';
      const advice =
        '; restore it, or delete it to get a new identity, whose fingerprint every user has to accept anew';
      return check({ certificate, key }, file, advice);
    }
  }
}

function check(identity: TlsIdentity, where: string, advice: string): LoadedIdentity {
  const problem = troubleWith(identity);
  if (problem !== undefined) throw new IdentityError(`${where}: ${problem}${advice}`);
  return { identity, fingerprint: identityFingerprint(identity.certificate) };
}

function troubleWith({ certificate, key }: TlsIdentity): string | undefined {
  if (/ENCRYPTED/.test(key))
    return 'the key is encrypted; a server starts without a person, so it has to be plain';
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(certificate);
  } catch {
    return 'there is no certificate in PEM format';
  }
  try {
    return parsed.checkPrivateKey(createPrivateKey(key))
      ? undefined
      : 'the key is not that of the certificate';
  } catch {
    return 'there is no private key in PEM format';
  }
}

async function readPem(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new IdentityError(`${what} for TLS cannot be read (${code}): ${file}`, { cause: error });
  }
}

async function readOwn(file: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new IdentityError(`${file} holds the server's key and others may read it: run chmod 600 ${file}`);
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof IdentityError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new IdentityError(`the server's identity cannot be read (${code}): ${file}`, { cause: error });
  }
}

/** Appears whole or not at all, and never in the place of another one. */
async function makeOwn(dataFolder: string, file: string): Promise<string> {
  const { certificate, key } = createSelfSignedIdentity(new Date());
  const pem = `${key}${certificate}`;
  const unfinished = join(dataFolder, `.${OWN_FILE}.${randomUUID()}`);
  try {
    await mkdir(dataFolder, { recursive: true });
    try {
      const handle = await open(unfinished, 'w', 0o600);
      try {
        await handle.writeFile(pem);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await link(unfinished, file);
    } finally {
      await rm(unfinished, { force: true });
    }
    return pem;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another start was faster.
    if (code === 'EEXIST') return await readFile(file, 'utf8');
    const problem = code === 'ENOSPC' ? 'the disk is full' : `${code}`;
    const advice =
      'make room there, choose another place with --data, or bring a certificate with --tls-cert';
    throw new IdentityError(`cannot keep the server's identity in ${dataFolder} (${problem}): ${advice}`, {
      cause: error,
    });
  }
}
