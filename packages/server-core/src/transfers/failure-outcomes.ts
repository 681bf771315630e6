import type { TransferOutcome } from '@parley/protocol';
import type { TransferFailure } from './transfer-host.ts';

/** What a client is told of a failure, as `transfer-ended` and by the code of a RESET. */
// CHAT-TRANSFER-5, CHAT-TRANSFER-9
export const FAILURE_OUTCOMES: { readonly [Reason in TransferFailure]: TransferOutcome } = {
  cancelled: 'cancelled',
  'cancelled-by-receiver': 'cancelled',
  'ticket-expired': 'ticket-expired',
  'connection-lost': 'connection-lost',
  'file-changed': 'file-changed',
  'digest-wrong': 'file-changed',
  'file-unreadable': 'file-unreadable',
  'content-mismatch': 'content-mismatch',
  'no-space': 'no-space',
  'file-exists': 'file-exists',
  'host-closed': 'server-stopping',
  'internal-error': 'internal-error',
};
