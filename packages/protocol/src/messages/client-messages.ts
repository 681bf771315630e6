/** What a client may say. Order of fields is order on the wire. */
import { optional, text, u16, u53 } from '../fields.ts';
import {
  AGENT_BYTES_MAX,
  CLIENT_FRAME_BYTES_MAX,
  CURSOR_BYTES_MAX,
  LEAVE_REASON_BYTES_MAX,
} from '../limits.ts';
import { createMessageCodec, type MessageCodec, type MessageOf } from './message-codec.ts';
import {
  clientMessageId,
  nonce,
  requestId,
  transferId,
  typedFileName,
  typedMessageText,
  typedNickname,
  typedRoomName,
} from './shared-fields.ts';
import { CLIENT_TYPE_BYTES } from './type-bytes.ts';

const schemas = {
  /** Are you there? Answered with `pong` and the same nonce. */
  ping: { nonce },
  /** I am here. */
  pong: { nonce },
  /** The first message of a connection: the versions that the client speaks, and its software. */
  hello: { versionMin: u16, versionMax: u16, agent: text(AGENT_BYTES_MAX) },
  /** Asks for a nickname, and with it for a place in the room. */
  register: { requestId, nickname: typedNickname },
  /** A message to a room. */
  say: { requestId, clientMessageId, room: typedRoomName, text: typedMessageText },
  /** A message to one user. */
  direct: { requestId, clientMessageId, nickname: typedNickname, text: typedMessageText },
  /** Asks for a page of the users in a room. */
  'list-users': { requestId, room: typedRoomName, cursor: optional(text(CURSOR_BYTES_MAX)), limit: u16 },
  /** Asks for a page of the shared files. */
  'list-files': { requestId, cursor: optional(text(CURSOR_BYTES_MAX)), limit: u16 },
  /** Asks for a file, from `offset` to its end. */
  'request-transfer': { requestId, name: typedFileName, offset: u53 },
  /** Ends a transfer early. */
  'cancel-transfer': { requestId, transferId },
  /** Says goodbye, with words for the others. */
  leave: { reason: text(LEAVE_REASON_BYTES_MAX) },
} as const;

/** Any message of a client. */
export type ClientMessage = MessageOf<typeof schemas>;

/** The message of a client with that type. */
export type ClientMessageOf<Type extends ClientMessage['type']> = Extract<ClientMessage, { type: Type }>;

/** Codec of the messages of clients. */
export const clientMessages: MessageCodec<ClientMessage> = createMessageCodec({
  schemas,
  typeBytes: CLIENT_TYPE_BYTES,
  frameBytesMax: CLIENT_FRAME_BYTES_MAX,
});
