import type { Sha256, TransferId, TransferOutcome } from '@parley/protocol';
import type {
  DownloadOffer,
  DownloadOutcome,
  DownloadProgress,
  WantedBytes,
} from '../transfers/download-host.ts';
import { ClientError, type TransferFailureCode } from './errors.ts';
import type { TransferRetry } from './transfer-retry.ts';
import type { TransferState, TransferTrigger } from './transfer-state.ts';

/** One download as its user sees it: a snapshot, replaced as things change. */
export interface Transfer {
  /** Counts from 1 in the order of the requests. */
  readonly number: number;
  readonly name: string;
  readonly targetPath: string;
  readonly state: TransferState;
  /** Bytes of the whole file; undefined until it is known. */
  readonly size: number | undefined;
  readonly receivedBytes: number;
  /** How many of them were there already, from an earlier download to the same place. */
  readonly resumedBytes: number;
  /** Smoothed; 0 while nothing arrives. */
  readonly bytesPerSecond: number;
  /** How often the server's file turned out to be another one than what was fetched before: only the difference is fetched. */
  readonly changesSeen: number;
  /** What the server announced, and what a completed file was verified against. */
  readonly sha256: Sha256 | undefined;
  /** Of a completed download: from its beginning to the final name. */
  readonly durationMs: number | undefined;
  /** Why it failed; of an interrupted one, why it was interrupted. */
  readonly failure: TransferFailure | undefined;
}

/** Why a download did not give a file. */
export interface TransferFailure {
  readonly code: TransferFailureCode;
  /** For people; may hold the server's own words. */
  readonly message: string;
}

/** What the list of transfers wants done. */
export type TransferStep =
  | { readonly type: 'request-offer'; readonly number: number; readonly wanted: WantedFile }
  | { readonly type: 'decline-offer'; readonly transferId: TransferId }
  | { readonly type: 'start-download'; readonly number: number; readonly targetPath: string }
  | { readonly type: 'give-offer'; readonly number: number; readonly offer: HostlessOffer }
  | { readonly type: 'pause-download'; readonly number: number }
  | { readonly type: 'resume-download'; readonly number: number }
  /** Its offer is worth nothing any more. */
  | { readonly type: 'interrupt-download'; readonly number: number }
  /** What has arrived is kept. */
  | { readonly type: 'stop-download'; readonly number: number }
  | { readonly type: 'cancel-download'; readonly number: number }
  | { readonly type: 'transfer-changed'; readonly transfer: Transfer };

/** Which bytes of which file. */
interface WantedFile extends Pick<WantedBytes, 'ranges'> {
  readonly name: string;
  readonly chunkRoot: Sha256 | undefined;
}

/** An offer without the host, which the connection's owner knows. */
type HostlessOffer = Omit<DownloadOffer, 'host'>;

/** What the list knows of one transfer. */
export interface TransferEntry {
  transfer: Transfer;
  /** Of the offer that was taken last, while the session lasts in which it was made. */
  transferId: TransferId | undefined;
  isPauseWanted: boolean;
  /** What the download lacks and was not asked for yet, or not answered. */
  wanted: WantedBytes | undefined;
  /** The server was asked, and has not answered. */
  isAsked: boolean;
  /** When to ask; undefined for not by itself. */
  askAt: number | undefined;
  readonly retry: TransferRetry;
  /** What the server said about the transfer's end, when it did before our side noticed. */
  serverEnd: { readonly outcome: TransferOutcome; readonly message: string } | undefined;
}

/** What a phase means for the state. Pausing and resuming show at once, by the user's command. */
export function triggerOfPhase(phase: DownloadProgress['phase']): TransferTrigger | undefined {
  if (phase === 'verifying') return 'bytes-complete';
  return phase === 'receiving' ? 'bytes-flow' : undefined;
}

/** The server often knows better than our side, which only saw the connection end. */
export function explainFailure(
  outcome: Pick<Extract<DownloadOutcome, { kind: 'failed' }>, 'code' | 'message'>,
  serverEnd: TransferEntry['serverEnd'],
): TransferFailure {
  const isVague = outcome.code === 'connection-lost' || outcome.code === 'server-cancelled';
  if (isVague && serverEnd && serverEnd.message !== '' && serverEnd.outcome !== 'completed') {
    return { code: outcome.code, message: `${outcome.message} (the server says: ${serverEnd.message})` };
  }
  return { code: outcome.code, message: outcome.message };
}

/** Adds to a failure what becomes of the bytes that are here. */
// CHAT-RESUME-1
export function withHopeFor({ receivedBytes }: Transfer, failure: TransferFailure): TransferFailure {
  if (receivedBytes === 0 || failure.code === 'hash-mismatch') return failure;
  const { code, message } = failure;
  return { code, message: `${message}; what has arrived is kept: get the file again to go on` };
}

/** There is no transfer of that number. */
export function unknownTransfer(number: number): ClientError {
  return new ClientError('transfer-unknown', `there is no download number ${number}`);
}

/** Nothing can be done with a transfer that is over. */
export function overAlready(transfer: Transfer): ClientError {
  return new ClientError('transfer-not-open', `download ${transfer.number} is over: it ${transfer.state}`);
}
