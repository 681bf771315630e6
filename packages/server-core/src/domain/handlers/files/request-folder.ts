import { parseFilePath } from '@parley/protocol';
import type { MemberHandler } from '../handler.ts';
import { openTransfer } from './open-transfer.ts';

/** Has a folder prepared for sending; the offer follows when the UDP endpoint knows the ticket. */
// CHAT-FOLDER-1
export const handleRequestFolder: MemberHandler<'request-folder'> = (context, message, member) => {
  const { known, ranges, begun } = message;
  const { nickname, userId } = member;
  const { address } = context.session;
  openTransfer(context, message, member, {
    parse: parseFilePath,
    openingFor: (transferId, name) => ({
      type: 'open-folder',
      transferId,
      name,
      known,
      ranges,
      begun,
      nickname,
      userId,
      address,
    }),
  });
};
