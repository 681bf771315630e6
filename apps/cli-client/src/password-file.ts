import { readFileSync } from 'node:fs';

/** A file with a password that cannot be read. The message says which and what to do. */
export class PasswordFileError extends Error {
  override readonly name = 'PasswordFileError';
  readonly code = 'password-file-unusable';
}

/** The password in a file: its first line. Passwords stand in files because others can read a command line. */
export function readPasswordFile(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new PasswordFileError(`the password cannot be read (${code}): ${file}`, { cause: error });
  }
  const [password = ''] = text.split(/\r?\n/);
  if (password === '') throw new PasswordFileError(`there is no password in the first line of ${file}`);
  return password;
}
