import { parseFileName } from '@parley/protocol';
import { troubleInUploadName } from '../upload-name.ts';
import type { MemberHandler } from './handler.ts';
import { openTransfer } from './open-transfer.ts';

/** Has room made for a file; the offer follows when the UDP endpoint knows the ticket. */
// CHAT-UPLOAD-1, CHAT-UPLOAD-2
export const handleRequestUpload: MemberHandler<'request-upload'> = (context, message, member) => {
  const { state, effects, session } = context;
  const { requestId, size, chunkRoot } = message;
  const { uploads } = state.options;
  const { nickname, hasAccount } = member;
  if (uploads === 'off') {
    const problem = 'this server takes no files';
    effects.refuse(session, requestId, { code: 'transfers-unavailable', message: problem });
    return;
  }
  if (uploads === 'registered' && !hasAccount) {
    const problem = 'only users with an account may upload here';
    effects.refuse(session, requestId, { code: 'account-required', message: problem });
    return;
  }
  const trouble = troubleInUploadName(message.name);
  if (trouble !== undefined) {
    effects.refuse(session, requestId, { code: 'file-name-invalid', message: trouble });
    return;
  }
  const transfer = openTransfer(context, message, parseFileName);
  if (transfer === undefined) return;
  const { transferId, name } = transfer;
  effects.add({ type: 'open-upload', transferId, name, size, chunkRoot, nickname });
};
