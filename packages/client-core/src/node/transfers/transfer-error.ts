import { basename, dirname } from 'node:path';
import { FileError, fileErrorFrom } from '@parley/folders';
import { TRANSFER_OUTCOMES, type TransferOutcome } from '@parley/protocol';
import { APPLICATION_RESET_CODE_MIN, RudpError } from '@parley/rudp';
import type { HostFailureCode } from '../../transfers/running-transfer.ts';

/** A transfer cannot go on; `message` is a sentence for the user. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
  readonly code: HostFailureCode;

  constructor(code: HostFailureCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Nothing went wrong: UDP gets through again, and what is missing may come that way. */
export class UdpBackError extends Error {
  override readonly name = 'UdpBackError';
}

/** RESET code of a transfer's outcome. */
// CHAT-TRANSFER-9
export function resetCodeOf(outcome: TransferOutcome): number {
  return APPLICATION_RESET_CODE_MIN + TRANSFER_OUTCOMES[outcome];
}

/** What ended the connection, the disk or the sink, as a transfer's failure. */
export function transferErrorFrom(error: unknown): TransferError {
  if (error instanceof TransferError) return error;
  if (error instanceof FileError) return new TransferError(error.code, error.message, error);
  if (error instanceof RudpError) return fromRudpError(error);
  return new TransferError('host-failed', `the transfer failed: ${describe(error)}`, error);
}

const CODES_WORTH_ANOTHER_OFFER: ReadonlySet<HostFailureCode> = new Set([
  'server-unreachable',
  'ticket-refused',
  'connection-lost',
  'source-changed',
  'server-cancelled',
]);

/** Whether another ticket may help against what interrupted a transfer. */
// CHAT-RESUME-1
export function isWorthAnotherOffer({ code }: TransferError): boolean {
  return CODES_WORTH_ANOTHER_OFFER.has(code);
}

/** Somebody has the name that a download was to get. */
export function targetExists(path: string): TransferError {
  const words = `${basename(path)} exists already in ${dirname(path)} and was not touched`;
  return new TransferError('target-exists', words);
}

/** An error of the file system while the part file was made, written, synced or published. */
export function fromFileError(error: unknown, path: string): TransferError {
  return error instanceof TransferError ? error : transferErrorFrom(fileErrorFrom(error, path));
}

function fromRudpError(error: RudpError): TransferError {
  switch (error.code) {
    case 'host-not-found':
    case 'unreachable':
      return new TransferError('server-unreachable', error.message, error);
    case 'handshake-timeout':
      return new TransferError(
        'server-unreachable',
        `the server does not answer: it is gone, or something blocks the way (${error.message})`,
        error,
      );
    case 'refused':
      return new TransferError(
        'ticket-refused',
        'the server refused the ticket: ask for the file again',
        error,
      );
    case 'idle-timeout':
      return new TransferError('connection-lost', 'the server fell silent in mid-transfer', error);
    case 'disconnected':
      return new TransferError('connection-lost', 'the connection of the transfer broke', error);
    case 'forgotten':
      return new TransferError('connection-lost', 'the server has restarted in mid-transfer', error);
    case 'reset':
      return fromReset(error);
    case 'identity-mismatch':
    case 'protocol-violation':
      return new TransferError('protocol-violation', error.message, error);
    case 'sink-failed':
    case 'source-failed':
    case 'endpoint-closed':
    case 'socket-failed':
      return error.cause instanceof TransferError || error.cause instanceof FileError
        ? transferErrorFrom(error.cause)
        : new TransferError('host-failed', `${error.message}: ${describe(error.cause)}`, error);
  }
}

// CHAT-TRANSFER-9
function fromReset(error: RudpError): TransferError {
  switch (error.resetCode) {
    case resetCodeOf('file-changed'):
      return new TransferError('source-changed', 'the file changed on the server: ask for it again', error);
    case resetCodeOf('file-unreadable'):
      return new TransferError('source-unreadable', 'the server cannot read the file any more', error);
    case resetCodeOf('content-mismatch'):
      return new TransferError('source-changed', 'the file changed while it was sent: put it again', error);
    case resetCodeOf('no-space'):
      return new TransferError('no-space', 'the disk of the server is full', error);
    case resetCodeOf('file-exists'):
      return new TransferError('file-exists', 'another file got the name in the meantime', error);
    case resetCodeOf('connection-lost'):
      return new TransferError('connection-lost', 'the server gave the transfer up', error);
    case resetCodeOf('ticket-expired'):
      return new TransferError(
        'ticket-refused',
        'the ticket was used or has expired: ask for the file again',
        error,
      );
    case resetCodeOf('server-stopping'):
      return new TransferError('server-cancelled', 'the server is stopping', error);
    case resetCodeOf('cancelled'):
      return new TransferError('server-cancelled', 'the transfer was cancelled', error);
    default:
      return new TransferError(
        'server-cancelled',
        `the server ended the transfer (code ${error.resetCode})`,
        error,
      );
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
