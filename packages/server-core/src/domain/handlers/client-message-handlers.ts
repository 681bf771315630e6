import type { ClientMessage } from '@parley/protocol';
import { invariant } from '../errors.ts';
import { handleCreateAccount } from './accounts/create-account.ts';
import { handleCreateInvite } from './accounts/create-invite.ts';
import {
  handleAddKey,
  handleCreateToken,
  handleListCredentials,
  handleRevokeCredential,
} from './accounts/credentials.ts';
import { handleDeleteAccount } from './accounts/delete-account.ts';
import { handleLogin } from './accounts/login.ts';
import { handleLoginKey, handleRequestChallenge } from './accounts/login-key.ts';
import { handleLoginToken } from './accounts/login-token.ts';
import { handleRegister } from './accounts/register.ts';
import { handleSetPassword } from './accounts/set-password.ts';
import { handleCancelTransfer } from './files/cancel-transfer.ts';
import { handleDiscardFile } from './files/discard-file.ts';
import { handleListFiles } from './files/list-files.ts';
import { handleListSent } from './files/list-sent.ts';
import { handleRequestFolder } from './files/request-folder.ts';
import { handleRequestTransfer } from './files/request-transfer.ts';
import { handleRequestFolderUpload, handleRequestUpload } from './files/request-upload.ts';
import { handleTellProgress } from './files/tell-progress.ts';
import { handleWatchFiles } from './files/watch-files.ts';
import type { Handler, HandlerContext, MemberHandler } from './handler.ts';
import { handleHello } from './hello.ts';
import { handleListBans } from './moderation/list-bans.ts';
import { handleListRoles } from './moderation/list-roles.ts';
import { handleModerate } from './moderation/moderate.ts';
import { handleReadAudit } from './moderation/read-audit.ts';
import { handleSetEmergency } from './moderation/set-emergency.ts';
import { handleSetRole } from './moderation/set-role.ts';
import { handlePing, handlePong } from './ping.ts';
import { handleDelete, handleEdit } from './rooms/change-message.ts';
import { handleConfigureRoom } from './rooms/configure-room.ts';
import { handleCreateRoom } from './rooms/create-room.ts';
import { handleInviteUser } from './rooms/invite-user.ts';
import { handleJoinRoom, handleLeaveRoom } from './rooms/join-room.ts';
import { handleLeave } from './rooms/leave.ts';
import { handleListRooms } from './rooms/list-rooms.ts';
import { handleListUsers } from './rooms/list-users.ts';
import { handleMarkRead } from './rooms/mark-read.ts';
import { handleOpenDirect } from './rooms/open-direct.ts';
import { handleReadHistory } from './rooms/read-history.ts';
import { handleSay } from './rooms/say.ts';
import { handleSearch } from './rooms/search.ts';
import { handleSetTopic } from './rooms/set-topic.ts';

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

// The table pairs every type with its handler; TypeScript cannot follow that through a lookup. In a map, because a property by a
// name that came in a message takes several times as long.
const handlersByType = new Map(Object.entries(HANDLERS) as [string, Handler<ClientMessage['type']>][]);

/** Carries out a message by the handler of its type. */
export function dispatch(context: HandlerContext, message: ClientMessage): void {
  const handle = handlersByType.get(message.type);
  invariant(handle !== undefined, 'every type of message has its handler');
  handle(context, message);
}

// The table of reactions lets only registered sessions come this far.
function forMembers<Type extends ClientMessage['type']>(handler: MemberHandler<Type>): Handler<Type> {
  return (context, message) => {
    const { membership } = context.session;
    invariant(membership !== undefined, `only a registered session gets to handle ${message.type}`);
    handler(context, message, membership);
  };
}
