import { TRANSFER_OUTCOMES, type TransferOutcome } from '@parley/protocol';
import { APPLICATION_RESET_CODE_MIN, RudpError } from '@parley/rudp';
import type { TransferFailure } from '../../transfers/transfer-host.ts';

/** RESET code of a transfer's outcome. */
// CHAT-TRANSFER-9
export function resetCodeOf(outcome: TransferOutcome): number {
  return APPLICATION_RESET_CODE_MIN + TRANSFER_OUTCOMES[outcome];
}

/** Why the transfer failed whose connection ended with `error`. */
export function failureOf(error: Error): TransferFailure {
  if (!(error instanceof RudpError) || error.code !== 'reset') return 'connection-lost';
  // CHAT-UPLOAD-5: a sender that only stops for now says so.
  return error.resetCode === resetCodeOf('connection-lost') ? 'connection-lost' : 'cancelled-by-receiver';
}
