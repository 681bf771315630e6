import type { MemberHandler } from '../handler.ts';

/** Has a transfer of this connection ended early; `transfer-ended` follows when it is. */
// CHAT-TRANSFER-6
export const handleCancelTransfer: MemberHandler<'cancel-transfer'> = (
  { state, effects, session },
  message,
) => {
  const { requestId, transferId } = message;
  const transfer = state.transfers.find(transferId);
  if (transfer === undefined || transfer.session !== session || transfer.state === 'opening') {
    const problem = `no open transfer of this connection has the number ${transferId}`;
    effects.refuse(session, requestId, { code: 'transfer-not-found', message: problem });
    return;
  }
  effects.send(session.connectionId, { type: 'done', requestId });
  // CHAT-QUEUE-2
  if (transfer.state === 'queued') {
    state.transfers.end(transfer);
    const message = 'the transfer was cancelled before its turn came';
    effects.refuse(session, transfer.requestId, { code: 'transfer-not-found', message });
    return;
  }
  effects.add({ type: 'cancel-transfer', transferId, isKept: false });
};
