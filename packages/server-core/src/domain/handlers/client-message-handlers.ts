import type { ClientMessage } from '@parley/protocol';
import { invariant } from '../errors.ts';
import { handleCancelTransfer } from './cancel-transfer.ts';
import { handleDelete, handleEdit } from './change-message.ts';
import { handleConfigureRoom } from './configure-room.ts';
import { handleCreateAccount } from './create-account.ts';
import { handleCreateInvite } from './create-invite.ts';
import { handleCreateRoom } from './create-room.ts';
import {
  handleAddKey,
  handleCreateToken,
  handleListCredentials,
  handleRevokeCredential,
} from './credentials.ts';
import { handleDeleteAccount } from './delete-account.ts';
import { handleDiscardFile } from './discard-file.ts';
import type { Handler, HandlerContext, MemberHandler } from './handler.ts';
import { handleHello } from './hello.ts';
import { handleInviteUser } from './invite-user.ts';
import { handleJoinRoom, handleLeaveRoom } from './join-room.ts';
import { handleLeave } from './leave.ts';
import { handleListBans } from './list-bans.ts';
import { handleListFiles } from './list-files.ts';
import { handleListRoles } from './list-roles.ts';
import { handleListRooms } from './list-rooms.ts';
import { handleListSent } from './list-sent.ts';
import { handleListUsers } from './list-users.ts';
import { handleLogin } from './login.ts';
import { handleLoginKey, handleRequestChallenge } from './login-key.ts';
import { handleLoginToken } from './login-token.ts';
import { handleMarkRead } from './mark-read.ts';
import { handleModerate } from './moderate.ts';
import { handleOpenDirect } from './open-direct.ts';
import { handlePing, handlePong } from './ping.ts';
import { handleReadAudit } from './read-audit.ts';
import { handleReadHistory } from './read-history.ts';
import { handleRegister } from './register.ts';
import { handleRequestFolder } from './request-folder.ts';
import { handleRequestTransfer } from './request-transfer.ts';
import { handleRequestFolderUpload, handleRequestUpload } from './request-upload.ts';
import { handleSay } from './say.ts';
import { handleSearch } from './search.ts';
import { handleSetEmergency } from './set-emergency.ts';
import { handleSetPassword } from './set-password.ts';
import { handleSetRole } from './set-role.ts';
import { handleSetTopic } from './set-topic.ts';
import { handleTellProgress } from './tell-progress.ts';
import { handleWatchFiles } from './watch-files.ts';

const HANDLERS: { readonly [Type in ClientMessage['type']]: Handler<Type> } = {
  hello: handleHello,
  register: handleRegister,
  say: forMembers(handleSay),
  'open-direct': forMembers(handleOpenDirect),
  'list-users': handleListUsers,
  'list-files': handleListFiles,
  'request-transfer': forMembers(handleRequestTransfer),
  'request-folder': forMembers(handleRequestFolder),
  'request-folder-upload': forMembers(handleRequestFolderUpload),
  'request-upload': forMembers(handleRequestUpload),
  'cancel-transfer': forMembers(handleCancelTransfer),
  'discard-file': forMembers(handleDiscardFile),
  'list-sent': forMembers(handleListSent),
  leave: handleLeave,
  'join-room': forMembers(handleJoinRoom),
  'create-room': forMembers(handleCreateRoom),
  'leave-room': forMembers(handleLeaveRoom),
  'set-topic': forMembers(handleSetTopic),
  'list-rooms': handleListRooms,
  'read-history': forMembers(handleReadHistory),
  search: forMembers(handleSearch),
  edit: forMembers(handleEdit),
  delete: forMembers(handleDelete),
  'mark-read': forMembers(handleMarkRead),
  'watch-files': handleWatchFiles,
  login: handleLogin,
  'create-account': handleCreateAccount,
  'set-password': forMembers(handleSetPassword),
  'delete-account': forMembers(handleDeleteAccount),
  moderate: forMembers(handleModerate),
  'set-role': forMembers(handleSetRole),
  'configure-room': forMembers(handleConfigureRoom),
  'invite-user': forMembers(handleInviteUser),
  'list-roles': forMembers(handleListRoles),
  'list-bans': forMembers(handleListBans),
  'create-invite': forMembers(handleCreateInvite),
  'request-challenge': handleRequestChallenge,
  'login-key': handleLoginKey,
  'login-token': handleLoginToken,
  'add-key': forMembers(handleAddKey),
  'create-token': forMembers(handleCreateToken),
  'list-credentials': forMembers(handleListCredentials),
  'revoke-credential': forMembers(handleRevokeCredential),
  'set-emergency': forMembers(handleSetEmergency),
  'read-audit': forMembers(handleReadAudit),
  'tell-progress': handleTellProgress,
  ping: handlePing,
  pong: handlePong,
};

/** Carries out a message by the handler of its type. */
export function dispatch(context: HandlerContext, message: ClientMessage): void {
  // The table pairs every type with its handler; TypeScript cannot follow that through a lookup.
  (HANDLERS[message.type] as Handler<ClientMessage['type']>)(context, message);
}

// The table of reactions lets only registered sessions come this far.
function forMembers<Type extends ClientMessage['type']>(handler: MemberHandler<Type>): Handler<Type> {
  return (context, message) => {
    const { membership } = context.session;
    invariant(membership !== undefined, `only a registered session gets to handle ${message.type}`);
    handler(context, message, membership);
  };
}
