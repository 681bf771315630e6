/** What a server may say. Order of fields is order on the wire. */
import { FAILURE_CODES, GOODBYE_CODES, LEAVE_CAUSES, TRANSFER_OUTCOMES } from '../errors.ts';
import { enumeration, list, optional, record, shownText, text, u16, u32, u53 } from '../fields.ts';
import {
  CURSOR_BYTES_MAX,
  FILES_PER_PAGE_MAX,
  LEAVE_REASON_BYTES_MAX,
  MOTD_BYTES_MAX,
  SERVER_FRAME_BYTES_MAX,
  SERVER_NAME_BYTES_MAX,
  USERS_PER_PAGE_MAX,
} from '../limits.ts';
import { createMessageCodec, type MessageCodec, type MessageOf } from './message-codec.ts';
import {
  clientMessageId,
  epoch,
  explanation,
  fileName,
  messageText,
  nickname,
  nonce,
  requestId,
  roomName,
  sequence,
  sessionId,
  sha256,
  ticket,
  time,
  transferId,
} from './shared-fields.ts';
import { SERVER_TYPE_BYTES } from './type-bytes.ts';

const user = record({ nickname, joinedAt: time });
const file = record({ name: fileName, size: u53, modifiedAt: time });

const schemas = {
  /** Are you there? Answered with `pong` and the same nonce. */
  ping: { nonce },
  /** I am here. */
  pong: { nonce },
  /** The answer to `hello`. `room` is where a registered client will be. */
  'hello-ok': {
    version: u16,
    serverName: shownText(SERVER_NAME_BYTES_MAX),
    serverTime: time,
    motd: shownText(MOTD_BYTES_MAX),
    room: roomName,
  },
  /** The nickname is yours and you are in `room`, whose log stands at (`epoch`, `sequence`). */
  registered: { requestId, nickname, sessionId, room: roomName, epoch, sequence },
  /** The message is in the log at (`epoch`, `sequence`). A direct message has no log yet: both are 0. */
  accepted: { requestId, epoch, sequence, time },
  /** The request was refused. `retryAfterMs` says when it is worth another try, where that is known. */
  failed: { requestId, code: enumeration(FAILURE_CODES), message: explanation, retryAfterMs: optional(u32) },
  /** A page of users. `nextCursor` asks for the next one. */
  users: {
    requestId,
    room: roomName,
    users: list(user, USERS_PER_PAGE_MAX),
    nextCursor: optional(text(CURSOR_BYTES_MAX)),
  },
  /** A page of files. `nextCursor` asks for the next one. */
  files: { requestId, files: list(file, FILES_PER_PAGE_MAX), nextCursor: optional(text(CURSOR_BYTES_MAX)) },
  /** Come and get it: UDP port `udpPort` of this host, with `ticket`, within `ticketLifetimeMs`. */
  'transfer-offer': {
    requestId,
    transferId,
    ticket,
    ticketLifetimeMs: u32,
    udpPort: u16,
    name: fileName,
    size: u53,
    modifiedAt: time,
    sha256,
    offset: u53,
  },
  /** Somebody came into the room. */
  joined: { room: roomName, nickname, time },
  /** Somebody is no longer in the room. */
  left: {
    room: roomName,
    nickname,
    cause: enumeration(LEAVE_CAUSES),
    reason: shownText(LEAVE_REASON_BYTES_MAX),
    time,
  },
  /** A message in a room, also to the one who said it. */
  message: { room: roomName, epoch, sequence, time, from: nickname, text: messageText, clientMessageId },
  /** A message to one user, also to the one who sent it. */
  'direct-message': { time, from: nickname, to: nickname, text: messageText, clientMessageId },
  /** A transfer is over; `bytesSent` counts what the receiver has acknowledged. */
  'transfer-ended': {
    transferId,
    outcome: enumeration(TRANSFER_OUTCOMES),
    message: explanation,
    bytesSent: u53,
  },
  /** The last message of a connection. Without `reconnectAfterMs` the client does not come back by itself. */
  goodbye: { code: enumeration(GOODBYE_CODES), message: explanation, reconnectAfterMs: optional(u32) },
  /** The request was carried out, and there is nothing more to say about it. */
  done: { requestId },
  /** I stop within `endsWithinMs`, when what runs is done; come back `returnAfterMs` after my goodbye. */
  'server-draining': { endsWithinMs: u32, returnAfterMs: u32, message: explanation },
} as const;

/** Any message of a server. */
export type ServerMessage = MessageOf<typeof schemas>;

/** The message of a server with that type. */
export type ServerMessageOf<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>;

/** One user in a page of users. */
export type UserEntry = ServerMessageOf<'users'>['users'][number];

/** One file in a page of files. */
export type FileEntry = ServerMessageOf<'files'>['files'][number];

/** Codec of the messages of servers. */
export const serverMessages: MessageCodec<ServerMessage> = createMessageCodec({
  schemas,
  typeBytes: SERVER_TYPE_BYTES,
  frameBytesMax: SERVER_FRAME_BYTES_MAX,
});
