import { ClientError, type SessionEnd, SessionEndedError, type TransferFailure } from '@parley/client-core';
import { CredentialFileError } from './credential-file.ts';
import { ProfileError } from './profile/profiles.ts';
import { KnownServersError } from './trust/known-servers.ts';
import { LoginKeyError } from './trust/login-keys.ts';

/** What the program's exit code says; listed in `--help` and in the README. */
export const EXIT_CODES = {
  success: 0,
  /** A mistake of this program. */
  internal: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** No connection to a Parley server, or it was lost. */
  connection: 3,
  /** The server refused: a taken nickname, a text it does not take, too many requests. */
  refused: 4,
  /** There is no such file, here or at the server, or no such user, or no such room. */
  notFound: 5,
  /** The target exists already, or cannot be written; also what the program prints. */
  target: 6,
  /** A transfer broke off, or its bytes were not the announced ones. */
  transfer: 7,
  /** The server is not known, or is not the one that it was. */
  untrusted: 8,
  /** Ctrl-C, or a no when asked whether to go on. A signal N in general gives 128 + N. */
  interrupted: 130,
} as const;

/** The exit code for what a command threw. */
export function exitCodeOfError(error: unknown): number {
  // Somebody left while others still waited for the session to begin: the program was interrupted.
  if (error instanceof SessionEndedError) return exitCodeOfEnd(error.end) || EXIT_CODES.interrupted;
  if (error instanceof ProfileError) return EXIT_CODES.usage;
  if (error instanceof KnownServersError) return EXIT_CODES.untrusted;
  if (error instanceof CredentialFileError || error instanceof LoginKeyError) return EXIT_CODES.usage;
  if (error instanceof ClientError) return exitCodeOfCode(error.code);
  return EXIT_CODES.internal;
}

/** The exit code for how a session ended. */
export function exitCodeOfEnd(end: SessionEnd): number {
  if (end.kind === 'untrusted-server') return EXIT_CODES.untrusted;
  return end.kind === 'left' ? EXIT_CODES.success : EXIT_CODES.connection;
}

/** What the server says before a byte of an upload moves; anything else broke it off. */
const UPLOAD_REFUSALS: ReadonlySet<TransferFailure['code']> = new Set([
  'account-required',
  'file-exists',
  'file-name-invalid',
  'file-too-large',
  'muted',
  'no-space',
  'not-in-room',
  'quota-exceeded',
  'rate-limited',
  'transfer-limit',
  'transfers-unavailable',
]);

/** The exit code for why an upload gave no file. */
export function exitCodeOfUpload(failure: TransferFailure): number {
  return UPLOAD_REFUSALS.has(failure.code) ? EXIT_CODES.refused : exitCodeOfFailure(failure);
}

/** The exit code for why a download gave no file. */
export function exitCodeOfFailure(failure: TransferFailure): number {
  const code = exitCodeOfCode(failure.code);
  return code === EXIT_CODES.refused ? EXIT_CODES.transfer : code;
}

function exitCodeOfCode(code: TransferFailure['code']): number {
  switch (code) {
    case 'connection-ended':
    case 'request-timed-out':
      return EXIT_CODES.connection;
    case 'file-not-found':
    case 'source-unreadable':
    case 'user-not-found':
    case 'room-not-found':
      return EXIT_CODES.notFound;
    case 'target-exists':
    case 'target-busy':
    case 'target-unwritable':
    case 'disk-full':
    case 'disk-error':
      return EXIT_CODES.target;
    default:
      return EXIT_CODES.refused;
  }
}
