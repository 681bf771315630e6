import { readFileSync } from 'node:fs';
import { type Credential, parseLoginToken } from '@parley/client-core';

/** A file with a password or a token that cannot be used. The message says which and what to do. */
export class CredentialFileError extends Error {
  override readonly name = 'CredentialFileError';
  readonly code = 'credential-file-unusable';
}

/** Files with what lets a user in; they stand in files because others can read a command line. */
interface CredentialFiles {
  readonly passwordFile?: string | undefined;
  readonly tokenFile?: string | undefined;
}

/** What the files hold, if any is given: a password, or a token, in the first line. */
export function readCredential({ passwordFile, tokenFile }: CredentialFiles): Credential | undefined {
  if (tokenFile !== undefined) {
    const token = parseLoginToken(firstLine(tokenFile, 'the token'));
    if (token !== undefined) return { kind: 'token', token };
    throw new CredentialFileError(`the first line of ${tokenFile} is no token, which begins with parley_`);
  }
  if (passwordFile === undefined) return undefined;
  const password = firstLine(passwordFile, 'the password');
  if (password !== '') return { kind: 'password', password };
  throw new CredentialFileError(`there is no password in the first line of ${passwordFile}`);
}

function firstLine(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)[0] ?? '';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CredentialFileError(`${what} cannot be read (${code}): ${file}`, { cause: error });
  }
}
