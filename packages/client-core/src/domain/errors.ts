import type { FailureCode } from '@parley/protocol';
import type { HostFailureCode } from '../transfers/running-transfer.ts';
import { PENDING_REQUESTS_MAX } from './limits.ts';

/** What can keep a command from being carried out, besides the server's refusals. */
export type LocalErrorCode =
  /** The command makes no sense in this state of the session (no nickname yet, already leaving…). */
  | 'wrong-state'
  /** The connection ended before the answer came. What was sent may have been carried out or not. */
  | 'connection-ended'
  /** The server did not answer in time, though it is there. */
  | 'request-timed-out'
  /** Too many requests wait for an answer. */
  | 'too-many-requests'
  /** The list is longer than this client takes. */
  | 'list-too-long'
  /** No transfer has this number. */
  | 'transfer-unknown'
  /** The transfer has ended, or is not in a state where this can be done. */
  | 'transfer-not-open'
  /** Something has the target's name already. */
  | 'target-exists'
  /** The target's folder is missing or may not be written to. */
  | 'target-unwritable'
  /** What is to be sent is no file, or cannot be read. */
  | 'source-unreadable';

/** Why a command failed: the server's reason or our own. */
export type ClientErrorCode = FailureCode | LocalErrorCode;

/** A command that failed. `message` is a sentence for people, `code` is for programs. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ClientErrorCode;
  /** When the server said so: how long to wait before another try. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ClientErrorCode,
    message: string,
    options: { retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** One more request would be too many. */
export function tooManyRequests(): ClientError {
  return new ClientError('too-many-requests', `${PENDING_REQUESTS_MAX} requests wait for the server already`);
}

/** A client is for one session. */
export function connectedBefore(): ClientError {
  return new ClientError('wrong-state', 'connect() was called before: make a new client for a new session');
}

/** Why a transfer did not give a file: refused by the server before it began, or failed on the way. */
export type TransferFailureCode = ClientErrorCode | HostFailureCode;
