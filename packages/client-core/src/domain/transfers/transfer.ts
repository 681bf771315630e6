import {
  isDirectRoomName,
  type ServerMessageOf,
  type Sha256,
  type TransferId,
  type TransferOutcome,
} from '@parley/protocol';
import type { DownloadOffer, WantedBytes } from '../../transfers/download.ts';
import type { TransferEnd, TransferProgress, TransferRoute } from '../../transfers/running-transfer.ts';
import type { UploadOffer, WantedUpload } from '../../transfers/upload.ts';
import { ClientError, type TransferFailureCode } from '../errors.ts';
import { describeSessionEnd, type SessionEnd } from '../session/session-end.ts';
import type { TransferRetry } from './transfer-retry.ts';
import { isTransferOver, type TransferState, type TransferTrigger } from './transfer-state.ts';

/** How urgent a transfer is among those that wait. */
export type TransferPriority = 'high' | 'normal' | 'low';

/** One download or upload as its user sees it: a snapshot, replaced as things change. */
export interface Transfer {
  /** Counts from 1 in the order of the requests. */
  readonly number: number;
  readonly direction: 'download' | 'upload';
  /** What the file is called at the server; of a folder it ends with a slash. */
  readonly name: string;
  /** Who has sent it to this user alone. */
  readonly from: string | undefined;
  /** Where it goes: a path here, or its name at the server. */
  readonly targetPath: string;
  /** The path here of what is uploaded. */
  readonly sourcePath: string | undefined;
  /** Paths of what of an uploaded folder was not sent. */
  readonly leftOut: readonly string[];
  /** The room that is told of an upload. */
  readonly room: string | undefined;
  readonly state: TransferState;
  /** Who is next of those that wait. */
  readonly priority: TransferPriority;
  /** Bytes of the whole file; undefined until it is known. */
  readonly size: number | undefined;
  readonly receivedBytes: number;
  /** How many of them were there already, from an earlier attempt at the same file. */
  readonly resumedBytes: number;
  /** Smoothed; 0 while nothing arrives. */
  readonly bytesPerSecond: number;
  /** How its bytes come, since the first connection was made. */
  readonly route: TransferRoute | undefined;
  /** How often the source turned out to be another one than before: only the difference moves again. */
  readonly changesSeen: number;
  /** What a completed file was verified against; of an upload, what was sent. */
  readonly sha256: Sha256 | undefined;
  /** Of a completed one: from its beginning to the final name. */
  readonly durationMs: number | undefined;
  /** Why it failed; of an interrupted one, why it was interrupted. */
  readonly failure: TransferFailure | undefined;
}

/** Why a transfer did not give a file. */
export interface TransferFailure {
  readonly code: TransferFailureCode;
  /** For people; may hold the server's own words. */
  readonly message: string;
}

/** What the list of transfers wants done. */
export type TransferStep =
  | { readonly type: 'request-offer'; readonly number: number; readonly wanted: WantedFile }
  | { readonly type: 'request-upload-offer'; readonly number: number; readonly wanted: OfferedFile }
  | { readonly type: 'decline-offer'; readonly transferId: TransferId }
  | {
      readonly type: 'start-download';
      readonly number: number;
      readonly targetPath: string;
      readonly isFolder: boolean;
    }
  | {
      readonly type: 'start-upload';
      readonly number: number;
      readonly sourcePath: string;
      readonly folderName: string | undefined;
    }
  | { readonly type: 'give-offer'; readonly number: number; readonly offer: HostlessOffer }
  | { readonly type: 'give-upload-offer'; readonly number: number; readonly offer: HostlessUploadOffer }
  | { readonly type: 'pause-running'; readonly number: number }
  | { readonly type: 'resume-running'; readonly number: number }
  /** Its offer is worth nothing any more. */
  | { readonly type: 'interrupt-running'; readonly number: number }
  /** What has arrived is kept. */
  | { readonly type: 'stop-running'; readonly number: number }
  | { readonly type: 'cancel-running'; readonly number: number }
  | { readonly type: 'transfer-changed'; readonly transfer: Transfer };

/** Which bytes of which file. */
interface WantedFile extends Pick<WantedBytes, 'ranges' | 'version' | 'begun'> {
  readonly name: string;
  readonly chunkRoot: Sha256 | undefined;
}

/** What is to be added to the shared folder, and who is told. */
interface OfferedFile extends Pick<WantedUpload, 'folder'> {
  readonly name: string;
  readonly size: number;
  readonly chunkRoot: Sha256;
  readonly room: string | undefined;
}

/** What the server may offer. */
export type AnyOffer = ServerMessageOf<'transfer-offer' | 'folder-offer' | 'upload-offer'>;

/** An offer without the server's address, which the connection's owner knows. */
type HostlessOffer = Omit<DownloadOffer, 'host' | 'tcpPort'>;
type HostlessUploadOffer = Omit<UploadOffer, 'host' | 'tcpPort'>;

/** What the list knows of one transfer. */
export interface TransferEntry {
  transfer: Transfer;
  /** Of the offer that was taken last, while the session lasts in which it was made. */
  transferId: TransferId | undefined;
  isPauseWanted: boolean;
  /** What the transfer lacks and was not asked for yet, or not answered. */
  wanted: WantedBytes | WantedUpload | undefined;
  /** When an upload began, on the clock of `now`; undefined until it has said so. */
  beganAt: number | undefined;
  /** The server was asked, and has not answered. */
  isAsked: boolean;
  /** When to ask; undefined for not by itself. */
  askAt: number | undefined;
  readonly retry: TransferRetry;
  /** What the server said about the transfer's end, when it did before our side noticed. */
  serverEnd: { readonly outcome: TransferOutcome; readonly message: string } | undefined;
}

/** What a phase means for the state. Pausing and resuming show at once, by the user's command. */
export function triggerOfPhase(phase: TransferProgress['phase']): TransferTrigger | undefined {
  if (phase === 'verifying') return 'bytes-complete';
  return phase === 'receiving' || phase === 'sending' ? 'bytes-flow' : undefined;
}

/** The server often knows better than our side, which only saw the connection end. */
export function explainFailure(
  outcome: Pick<Extract<TransferEnd, { kind: 'failed' }>, 'code' | 'message'>,
  serverEnd: TransferEntry['serverEnd'],
): TransferFailure {
  const isVague = outcome.code === 'connection-lost' || outcome.code === 'server-cancelled';
  if (isVague && serverEnd && serverEnd.message !== '' && serverEnd.outcome !== 'completed') {
    return { code: outcome.code, message: `${outcome.message} (the server says: ${serverEnd.message})` };
  }
  return { code: outcome.code, message: outcome.message };
}

/** What has arrived is worth nothing after these. */
const HOPELESS: ReadonlySet<TransferFailureCode> = new Set([
  'hash-mismatch',
  'no-space',
  'file-exists',
  'user-not-found',
]);

/** The first snapshot of a transfer. */
export function newTransfer(
  about: Pick<Transfer, 'number' | 'direction' | 'name' | 'targetPath' | 'sourcePath' | 'room' | 'from'>,
): Transfer {
  return {
    ...about,
    state: 'waiting',
    priority: 'normal',
    size: undefined,
    receivedBytes: 0,
    resumedBytes: 0,
    bytesPerSecond: 0,
    changesSeen: 0,
    route: undefined,
    sha256: undefined,
    durationMs: undefined,
    failure: undefined,
    leftOut: [],
  };
}

/** Adds to a failure what becomes of the bytes that are here. */
// CHAT-RESUME-1
export function withHopeFor(
  { receivedBytes, direction }: Transfer,
  failure: TransferFailure,
): TransferFailure {
  const isStale = direction === 'upload' && failure.code === 'source-changed';
  if (receivedBytes === 0 || isStale || HOPELESS.has(failure.code)) return failure;
  const { code, message } = failure;
  const again = direction === 'upload' ? 'put' : 'get';
  return { code, message: `${message}; what has arrived is kept: ${again} the file again to go on` };
}

/** Why a transfer ends with its session, and what becomes of the bytes that are there. */
// CHAT-WITHDRAWN-1, CHAT-WITHDRAWN-2
export function failureAtEnd(transfer: Transfer, end: SessionEnd): TransferFailure {
  const failure = { code: 'connection-ended', message: describeSessionEnd(end) } as const;
  const isForgotten =
    end.kind === 'goodbye' && end.code === 'account-deleted' && transfer.direction === 'upload';
  return isForgotten ? failure : withHopeFor(transfer, failure);
}

/** There is no transfer of that number. */
export function unknownTransfer(number: number): ClientError {
  return new ClientError('transfer-unknown', `there is no transfer number ${number}`);
}

/** Nothing can be done with a transfer that is over. */
export function overAlready(transfer: Transfer): ClientError {
  return new ClientError(
    'transfer-not-open',
    `${transfer.direction} ${transfer.number} is over: it ${transfer.state}`,
  );
}

/** Throws `target-exists` when another transfer is going to the same place. */
export function checkTargetIsFree(
  transfers: readonly Transfer[],
  targetPath: string,
  direction: Transfer['direction'],
): void {
  for (const transfer of transfers) {
    if (transfer.targetPath !== targetPath || transfer.direction !== direction) continue;
    if (isTransferOver(transfer.state)) continue;
    const words = `${targetPath} is being ${direction}ed already, as number ${transfer.number}`;
    throw new ClientError('target-exists', words);
  }
}

/** Whether the server has said that the whole of an upload is there. */
// CHAT-UPLOAD-4
export function isAtServer({ transfer, serverEnd }: TransferEntry): boolean {
  return transfer.direction === 'upload' && serverEnd?.outcome === 'completed';
}

/** Whether the server has heard nothing more of what still seems to flow: where only our packets are lost, its own may go on coming. */
// CHAT-RESUME-1
export function isLetGo({ transfer, wanted, serverEnd }: TransferEntry): boolean {
  if (wanted !== undefined || isTransferOver(transfer.state)) return false;
  return serverEnd?.outcome === 'connection-lost';
}

/** Whether it is the name of a folder. */
export function isFolderName(name: string): boolean {
  return name.endsWith('/');
}

/** A name without the slash that tells a folder. */
export function pathOfName(name: string): string {
  return isFolderName(name) ? name.slice(0, -1) : name;
}

/** What moves the bytes begins. */
export function startOf({ number, name, targetPath, sourcePath, room }: Transfer): TransferStep {
  if (sourcePath !== undefined) {
    // CHAT-SEND-1: the path of what is sent to one user is as long as if it lay in a folder called as their room.
    const place = room !== undefined && isDirectRoomName(room) ? `${room}/` : '';
    const folderName = isFolderName(name) ? place + pathOfName(name) : undefined;
    return { type: 'start-upload', number, sourcePath, folderName };
  }
  return { type: 'start-download', number, targetPath, isFolder: isFolderName(name) };
}

/** What the server is asked for: the whole, or a file of a folder that is fetched by itself. */
function askedName({ name }: Transfer, wanted: TransferEntry['wanted']): string {
  return wanted !== undefined && 'ranges' in wanted ? name + (wanted.file ?? '') : name;
}

/** Whether the server offers what it was asked for. */
export function isAnswerTo({ transfer, wanted }: TransferEntry, offer: AnyOffer): boolean {
  const isFolder =
    offer.type === 'folder-offer' || (offer.type === 'upload-offer' && isFolderName(transfer.name));
  const name = isFolder ? `${offer.name}/` : offer.name;
  return name === askedName(transfer, wanted);
}

/** What an offer tells of the whole; that of a file inside of a folder nothing. */
export function announcedBy({ transfer, wanted }: TransferEntry, offer: AnyOffer): Partial<Transfer> {
  if (offer.type === 'upload-offer' || askedName(transfer, wanted) !== transfer.name) return {};
  return { size: offer.size, sha256: offer.type === 'transfer-offer' ? offer.digests?.sha256 : undefined };
}

/** Hands an offer on to what moves the bytes. */
export function giveOffer(number: number, offer: AnyOffer): TransferStep {
  const { transferId, ticket, udpPort } = offer;
  const way = { transferId, ticket, udpPort };
  if (offer.type === 'upload-offer') {
    return { type: 'give-upload-offer', number, offer: { ...way, start: offer.start } };
  }
  const { size } = offer;
  if (offer.type === 'transfer-offer') {
    const { modifiedAt, digests } = offer;
    return { type: 'give-offer', number, offer: { ...way, size, modifiedAt, digests } };
  }
  const { manifestRoot, manifestBytes } = offer;
  const digests = { sha256: manifestRoot, chunkRoot: manifestRoot };
  return { type: 'give-offer', number, offer: { ...way, size, modifiedAt: 0, digests, manifestBytes } };
}

/** Asks the server for what a transfer wants. */
// CHAT-CHUNK-5, CHAT-UPLOAD-1, CHAT-FOLDER-3
export function requestFor(transfer: Transfer, wanted: WantedBytes | WantedUpload): TransferStep {
  const { number, room } = transfer;
  const name = askedName(transfer, wanted);
  const chunkRoot = wanted.chunkRoot as Sha256 | undefined;
  if ('ranges' in wanted) {
    const { ranges, version, begun } = wanted;
    return { type: 'request-offer', number, wanted: { name, chunkRoot, ranges, version, begun } };
  }
  const { size, folder } = wanted;
  return {
    type: 'request-upload-offer',
    number,
    wanted: { name, size, chunkRoot: chunkRoot as Sha256, folder, room },
  };
}
