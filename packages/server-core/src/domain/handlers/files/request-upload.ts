import { type ClientMessageOf, parseFileName, type Sha256 } from '@parley/protocol';
import { mayDo } from '../../accounts/standing.ts';
import { toHex } from '../../hex.ts';
import type { Room } from '../../rooms/room.ts';
import type { Membership } from '../../sessions/session.ts';
import { announcementOf } from '../../transfers/upload-announcement.ts';
import type { SentFile, UploadedFolder } from '../../transfers/upload-description.ts';
import { troubleInUploadName } from '../../transfers/upload-name.ts';
import { troubleInSending } from '../../transfers/withdrawn-rights.ts';
import type { HandlerContext, MemberHandler } from '../handler.ts';
import { findOwnRoom } from '../rooms/find-room.ts';
import { openTransfer } from './open-transfer.ts';

/** Nobody guesses it. */
const SENT_ID_BYTES = 16;

/** What is to come. */
interface Upload {
  readonly root: Sha256;
  readonly folder: UploadedFolder | undefined;
}

/** Has room made for a file; the offer follows when the UDP endpoint knows the ticket. */
// CHAT-UPLOAD-1, CHAT-UPLOAD-2
export const handleRequestUpload: MemberHandler<'request-upload'> = (context, message, member) =>
  openUpload(context, message, member, { root: message.chunkRoot, folder: undefined });

/** The same for a folder. */
// CHAT-FOLDER-8
export const handleRequestFolderUpload: MemberHandler<'request-folder-upload'> = (
  context,
  message,
  member,
) => {
  const { files, entries, largest, manifestBytes } = message;
  openUpload(context, message, member, {
    root: message.manifestRoot,
    folder: { files, entries, largest, manifestBytes },
  });
};

function openUpload(
  context: HandlerContext,
  message: ClientMessageOf<'request-upload' | 'request-folder-upload'>,
  member: Membership,
  { root, folder }: Upload,
): void {
  const { state, effects, session } = context;
  const { requestId, size } = message;
  const { uploads } = state.options;
  const { nickname, userId, deviceId: device, hasAccount } = member;
  if (uploads === 'off') {
    const problem = 'this server takes no files';
    effects.refuse(session, requestId, { code: 'transfers-unavailable', message: problem });
    return;
  }
  if (uploads === 'registered' && !hasAccount) {
    const problem = 'only users with an account may upload here: /register makes one';
    effects.refuse(session, requestId, { code: 'account-required', message: problem });
    return;
  }
  const trouble = troubleInUploadName(message.name);
  if (trouble !== undefined) {
    effects.refuse(session, requestId, { code: 'file-name-invalid', message: trouble });
    return;
  }
  const room = roomOf(context, message, member);
  if (room === 'refused') return;
  const sent = sentFileIn(context, room, userId);
  const account = hasAccount ? member.key : undefined;
  const announcement =
    room && announcementOf(state, room, member, { name: message.name, size, sent, files: folder?.files });
  openTransfer(context, message, member, {
    parse: parseFileName,
    openingFor: (transferId, name) => ({
      type: 'open-upload',
      transferId,
      name,
      size,
      chunkRoot: root,
      folder,
      nickname,
      userId,
      device,
      account,
      sent,
      announcement,
    }),
    announcement,
  });
}

/** Who is to be told of the file, if the user may write there; otherwise the request is refused. */
// CHAT-UPLOAD-6, CHAT-WITHDRAWN-2
function roomOf(
  context: HandlerContext,
  { requestId, room: name }: ClientMessageOf<'request-upload' | 'request-folder-upload'>,
  author: Membership,
): Room | undefined | 'refused' {
  if (name === undefined) return undefined;
  const room = findOwnRoom(context, { requestId, room: name }, author);
  if (room === undefined || !mayDo(context, requestId, author, 'say', room)) return 'refused';
  const trouble = troubleInSending(context.state, room);
  if (trouble === undefined) return room;
  context.effects.refuse(context.session, requestId, trouble);
  return 'refused';
}

/** Who may have it, when it is not for everybody. */
// CHAT-SEND-1
function sentFileIn(
  { state }: HandlerContext,
  room: Room | undefined,
  sender: Membership['userId'],
): SentFile | undefined {
  if (room?.kind !== 'direct') return undefined;
  return {
    id: toHex(state.options.randomBytes(SENT_ID_BYTES)),
    users: room.parties.map(({ userId }) => userId),
    sender,
  };
}
