import { EXPLANATION_BYTES_MAX, type FileName } from '@parley/protocol';
import type { EffectList } from '../effect-list.ts';
import type { FileListResult, ServerEvent } from '../events.ts';
import type { ServerState } from '../server-state.ts';
import type { Session } from '../sessions/session.ts';
import { toShownText } from '../shown-text.ts';
import type { Transfer } from './transfer-registry.ts';
import { giveTurns } from './transfer-turns.ts';
import { announceUpload } from './upload-announcement.ts';

type EventOf<Type extends ServerEvent['type']> = Extract<ServerEvent, { type: Type }>;

/** Answers a request about files that the disk has carried out. */
export function answerFileRequest(
  effects: EffectList,
  session: Session,
  event: EventOf<'file-list-ready' | 'file-discarded' | 'sent-listed'>,
): void {
  if (event.type === 'file-discarded') answerDiscard(effects, session, event);
  else if (event.type === 'sent-listed') answerSentList(effects, session, event);
  else answerFileList(effects, session, event.requestId, event.result);
}

/** Answers `list-files` with what was read. */
// CHAT-REQUEST-2
function answerFileList(
  effects: EffectList,
  session: Session,
  requestId: number,
  result: FileListResult,
): void {
  session.pendingRequests -= 1;
  if (!result.ok) {
    effects.refuse(session, requestId, result);
    return;
  }
  const { files, nextCursor } = result;
  effects.send(session.connectionId, { type: 'files', requestId, files, nextCursor });
}

/** Answers `discard-file` when it was done, or when there was nothing. */
// CHAT-SEND-3
function answerDiscard(
  effects: EffectList,
  session: Session,
  { requestId, isFound }: EventOf<'file-discarded'>,
): void {
  session.pendingRequests -= 1;
  if (isFound) effects.send(session.connectionId, { type: 'done', requestId });
  else {
    const message = 'there is no such file any more that was sent to you, or by you';
    effects.refuse(session, requestId, { code: 'file-not-found', message });
  }
}

/** Answers `list-sent` with what was found. */
// CHAT-SEND-4
function answerSentList(
  effects: EffectList,
  session: Session,
  { requestId, files }: EventOf<'sent-listed'>,
): void {
  session.pendingRequests -= 1;
  if (files !== undefined) effects.send(session.connectionId, { type: 'sent-files', requestId, files });
  else {
    const message = 'the disk of the server cannot be read now';
    effects.refuse(session, requestId, { code: 'internal-error', message });
  }
}

/** Takes what the driver tells of transfers. */
export function handleTransferEvent(
  state: ServerState,
  effects: EffectList,
  event: EventOf<
    | 'transfer-opened'
    | 'folder-opened'
    | 'upload-opened'
    | 'transfer-refused'
    | 'transfer-started'
    | 'transfer-ended'
  >,
  now: number,
): void {
  switch (event.type) {
    case 'transfer-refused':
      refuseTransfer(state, effects, event);
      giveTurns(state, effects);
      break;
    case 'transfer-started':
      startTransfer(state, effects, event);
      break;
    case 'transfer-ended':
      endTransfer(state, effects, event, now);
      giveTurns(state, effects);
      break;
    default:
      offerWay(state, effects, event);
  }
}

/** Who asked for a transfer, and for what. */
type Asked = Pick<Transfer, 'requestId' | 'name'> & { readonly session: Session };

/** Tells the client the way for its transfer; or revokes the ticket when there is no client any more. */
// CHAT-TRANSFER-2
function offerWay(
  state: ServerState,
  effects: EffectList,
  event: EventOf<'transfer-opened' | 'folder-opened' | 'upload-opened'>,
): void {
  const { transferId } = event;
  const transfer = state.transfers.find(transferId);
  if (transfer === undefined || transfer.session === undefined) {
    effects.add({ type: 'cancel-transfer', transferId, isKept: true });
    return;
  }
  const { session, requestId, name } = transfer;
  session.pendingRequests -= 1;
  transfer.state = 'offered';
  state.counters.transfersOffered += 1;
  if (event.type === 'transfer-opened') offerTransfer(effects, { session, requestId, name }, event);
  else if (event.type === 'folder-opened') offerFolder(effects, { session, requestId, name }, event);
  else offerUpload(effects, { session, requestId, name }, event);
}

/** Tells the client that its file waits. */
// CHAT-TRANSFER-1
function offerTransfer(
  effects: EffectList,
  { session, requestId, name }: Asked,
  event: EventOf<'transfer-opened'>,
): void {
  const { transferId, size, modifiedAt, digests, bytesToSend } = event;
  const { ticket, ticketLifetimeMs, udpPort } = event;
  const { connectionId } = session;
  effects.send(connectionId, {
    type: 'transfer-offer',
    requestId,
    transferId,
    ticket,
    ticketLifetimeMs,
    udpPort,
    name,
    size,
    modifiedAt,
    digests,
  });
  const nickname = session.membership?.nickname;
  effects.note({
    name: 'transfer-offered',
    connectionId,
    transferId,
    nickname,
    file: name,
    size,
    bytesToSend,
  });
}

/** Tells the client that its folder waits. */
// CHAT-FOLDER-1
function offerFolder(
  effects: EffectList,
  { session, requestId, name }: Asked,
  event: EventOf<'folder-opened'>,
): void {
  const { transferId, size, manifestRoot, manifestBytes, bytesToSend } = event;
  const { ticket, ticketLifetimeMs, udpPort } = event;
  const { connectionId } = session;
  const way = { requestId, transferId, ticket, ticketLifetimeMs, udpPort };
  effects.send(connectionId, { type: 'folder-offer', ...way, name, manifestRoot, manifestBytes, size });
  const nickname = session.membership?.nickname;
  const note = { name: 'transfer-offered', connectionId, transferId, nickname, file: name } as const;
  effects.note({ ...note, size, bytesToSend });
}

/** Tells the client that its file is awaited. */
// CHAT-UPLOAD-1
function offerUpload(
  effects: EffectList,
  { session, requestId, name }: Asked,
  event: EventOf<'upload-opened'>,
): void {
  const { transferId, ticket, ticketLifetimeMs, udpPort, size, start } = event;
  const { connectionId } = session;
  const way = { requestId, transferId, ticket, ticketLifetimeMs, udpPort };
  // What is uploaded has a name, no path: that was checked when it was asked for.
  effects.send(connectionId, { type: 'upload-offer', ...way, name: name as FileName, start });
  const nickname = session.membership?.nickname;
  const bytesToReceive = size - start;
  effects.note({
    name: 'upload-offered',
    connectionId,
    transferId,
    nickname,
    file: name,
    size,
    bytesToReceive,
  });
}

/** Answers that there will be no transfer. */
function refuseTransfer(state: ServerState, effects: EffectList, event: EventOf<'transfer-refused'>): void {
  const { transferId, code, message, retryAfterMs } = event;
  const transfer = state.transfers.find(transferId);
  if (transfer === undefined) return;
  const { session, requestId, name } = transfer;
  state.transfers.end(transfer);
  if (session !== undefined) {
    session.pendingRequests -= 1;
    effects.refuse(session, requestId, { code, message, retryAfterMs });
  }
  const detail = toShownText(message, EXPLANATION_BYTES_MAX);
  effects.note({ name: 'transfer-refused', transferId, file: name, code, detail });
}

/** Notes that the client came with its ticket. */
function startTransfer(state: ServerState, effects: EffectList, event: EventOf<'transfer-started'>): void {
  const transfer = state.transfers.find(event.transferId);
  if (transfer === undefined) return;
  transfer.state = 'running';
  effects.note({ name: 'transfer-started', transferId: transfer.transferId, file: transfer.name });
}

/** Tells the client how its transfer ended, and forgets it. */
// CHAT-TRANSFER-5
function endTransfer(
  state: ServerState,
  effects: EffectList,
  event: EventOf<'transfer-ended'>,
  now: number,
): void {
  const { transferId, outcome, bytesSent } = event;
  const transfer = state.transfers.find(transferId);
  if (transfer === undefined) return;
  const { session, requestId, name } = transfer;
  const message = toShownText(event.message, EXPLANATION_BYTES_MAX);
  const wasOffered = transfer.state !== 'opening';
  state.transfers.end(transfer);
  if (outcome === 'completed') state.counters.transfersCompleted += 1;
  if (session !== undefined && wasOffered) {
    effects.send(session.connectionId, { type: 'transfer-ended', transferId, outcome, message, bytesSent });
  } else if (session !== undefined) {
    // The host gave up between taking the offer and our telling the client about it.
    session.pendingRequests -= 1;
    effects.refuse(session, requestId, { code: 'internal-error', message });
  }
  const { announcement } = transfer;
  if (outcome === 'completed' && announcement !== undefined)
    announceUpload(state, effects, announcement, now);
  effects.note({ name: 'transfer-ended', transferId, file: name, outcome, bytesSent, detail: message });
}
