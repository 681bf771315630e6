import { parseFilePath } from '@parley/protocol';
import type { MemberHandler } from '../handler.ts';
import { openTransfer } from './open-transfer.ts';

/** Has a file prepared for sending; the offer follows when the UDP endpoint knows the ticket. */
// CHAT-TRANSFER-1
export const handleRequestTransfer: MemberHandler<'request-transfer'> = (context, message, member) => {
  const { chunkRoot, ranges, version } = message;
  const { nickname, userId } = member;
  const { address } = context.session;
  openTransfer(context, message, member, {
    parse: parseFilePath,
    openingFor: (transferId, name) => ({
      type: 'open-transfer',
      transferId,
      name,
      chunkRoot,
      ranges,
      version,
      nickname,
      userId,
      address,
    }),
  });
};
