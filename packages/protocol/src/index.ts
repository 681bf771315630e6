export {
  DecodeError,
  type DecodeErrorCode,
  EncodeError,
  type EncodeErrorCode,
  FAILURE_CODES,
  type FailureCode,
  GOODBYE_CODES,
  type GoodbyeCode,
  LEAVE_CAUSES,
  type LeaveCause,
  TRANSFER_OUTCOMES,
  type TransferOutcome,
} from './errors.ts';
export { encodeFrame, FRAME_LENGTH_BYTES, type Frame, IGNORABLE_TYPE_MIN } from './frame.ts';
export { FrameDecoder } from './frame-decoder.ts';
export {
  type ClientMessageId,
  type FileName,
  type MessageText,
  type Nickname,
  type NicknameKey,
  nicknameKey,
  type Parsed,
  parseFileName,
  parseMessageText,
  parseNickname,
  parseRoomName,
  type RoomName,
  roomNameKey,
  type SessionId,
  type Sha256,
  type Ticket,
  type TransferId,
  troubleInText,
} from './identifiers.ts';
export {
  AGENT_BYTES_MAX,
  CLIENT_FRAME_BYTES_MAX,
  CLIENT_MESSAGE_ID_BYTES,
  CURSOR_BYTES_MAX,
  DEFAULT_PORT,
  EXPLANATION_BYTES_MAX,
  FILE_NAME_BYTES_MAX,
  FILE_NAME_FIELD_BYTES_MAX,
  FILES_PER_PAGE_MAX,
  LEAVE_REASON_BYTES_MAX,
  MESSAGE_TEXT_BYTES_MAX,
  MOTD_BYTES_MAX,
  NICKNAME_BYTES_MAX,
  NICKNAME_CHARACTERS_MAX,
  NICKNAME_MARKS_IN_A_ROW_MAX,
  ROOM_NAME_BYTES_MAX,
  ROOM_NAME_CHARACTERS_MAX,
  SERVER_FRAME_BYTES_MAX,
  SERVER_NAME_BYTES_MAX,
  SHA256_BYTES,
  TICKET_BYTES,
  U53_MAX,
  USERS_PER_PAGE_MAX,
} from './limits.ts';
export { type ClientMessage, type ClientMessageOf, clientMessages } from './messages/client-messages.ts';
export type { MessageCodec, MessageDecoder } from './messages/message-codec.ts';
export {
  type FileEntry,
  type ServerMessage,
  type ServerMessageOf,
  serverMessages,
  type UserEntry,
} from './messages/server-messages.ts';
export { CLIENT_TYPE_BYTES, SERVER_TYPE_BYTES, SHARED_TYPE_BYTES } from './messages/type-bytes.ts';
export { utf8ByteLength } from './utf8.ts';
export {
  negotiateVersion,
  PROTOCOL_VERSION,
  PROTOCOL_VERSION_MIN,
  SUPPORTED_VERSIONS,
  type VersionRange,
} from './version.ts';
