import { parseFilePath } from '@parley/protocol';
import type { MemberHandler } from './handler.ts';
import { openTransfer } from './open-transfer.ts';

/** Has a file prepared for sending; the offer follows when the UDP endpoint knows the ticket. */
// CHAT-TRANSFER-1
export const handleRequestTransfer: MemberHandler<'request-transfer'> = (context, message, member) => {
  const { chunkRoot, ranges } = message;
  const transfer = openTransfer(context, message, parseFilePath);
  if (transfer === undefined) return;
  const { transferId, name } = transfer;
  const { nickname, userId } = member;
  const { address } = context.session;
  context.effects.add({
    type: 'open-transfer',
    transferId,
    name,
    chunkRoot,
    ranges,
    nickname,
    userId,
    address,
  });
};
