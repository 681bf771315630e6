import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLoginKey, type KeyCredential, parseLoginKey } from '@parley/client-core';
import { configFolder } from '../profile/folders.ts';

/** A key that cannot be read, or not be kept. The message says where and what to do. */
export class LoginKeyError extends Error {
  override readonly name = 'LoginKeyError';
  readonly code = 'login-key-unusable';
}

/** Where the keys of this user are. */
export interface KeyRing {
  /** The key for a server, if there is one. */
  find(server: string): KeyCredential | undefined;
  /** Makes a key for a server, and keeps it. */
  make(server: string): KeyCredential;
  /** Forgets the key for a server. */
  forget(server: string): void;
}

/** Keys in files, one for each server: so two servers cannot tell that they have the same user. */
export class LoginKeys implements KeyRing {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  find(server: string): KeyCredential | undefined {
    const file = this.#fileOf(server);
    let pem: string;
    try {
      pem = readFileSync(file, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      throw new LoginKeyError(`the key for ${server} cannot be read (${code}): ${file}`, { cause: error });
    }
    const key = parseLoginKey(pem);
    if (key !== undefined) return key;
    throw new LoginKeyError(`${file} is no key that parley has made: restore it, or delete it`);
  }

  make(server: string): KeyCredential {
    const file = this.#fileOf(server);
    const { credential, pem } = createLoginKey();
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      // Never in the place of another one.
      writeFileSync(file, pem, { mode: 0o600, flag: 'wx' });
      chmodSync(file, 0o600);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new LoginKeyError(`the key cannot be kept (${code}): ${file}`, { cause: error });
    }
    return credential;
  }

  forget(server: string): void {
    rmSync(this.#fileOf(server), { force: true });
  }

  #fileOf(server: string): string {
    return join(this.#folder, `${encodeURIComponent(server)}.pem`);
  }
}

/** Where the keys of this user are kept. */
export function loginKeysFolder(env: NodeJS.ProcessEnv): string {
  return join(configFolder(env), 'login-keys');
}
