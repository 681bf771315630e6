/** What a client may say. Order of fields is order on the wire. */
import {
  EMERGENCY_LEVELS,
  FILE_ORDERS,
  MODERATION_ACTIONS,
  READ_DIRECTIONS,
  ROLES,
  ROOM_ENTRIES,
} from '../errors.ts';
import { enumeration, list, optional, record, text, u8, u16, u32, u53 } from '../fields.ts';
import {
  AGENT_BYTES_MAX,
  CLIENT_FRAME_BYTES_MAX,
  CREDENTIAL_NAME_BYTES_MAX,
  CURSOR_BYTES_MAX,
  FILE_PATTERN_BYTES_MAX,
  INVITE_CODE_BYTES_MAX,
  LEAVE_REASON_BYTES_MAX,
  QUERY_BYTES_MAX,
  RANGES_PER_REQUEST_MAX,
  REASON_BYTES_MAX,
  TARGET_BYTES_MAX,
} from '../limits.ts';
import { PROGRESS_STATES } from '../progress-codes.ts';
import { createMessageCodec, type MessageCodec, type MessageOf } from './message-codec.ts';
import {
  clientMessageId,
  epoch,
  loginToken,
  nonce,
  publicKey,
  requestId,
  sequence,
  sha256,
  signature,
  time,
  transferId,
  typedFilePath,
  typedMessageText,
  typedNickname,
  typedPassword,
  typedRoomName,
  typedTopic,
  userSecret,
} from './shared-fields.ts';
import { CLIENT_TYPE_BYTES } from './type-bytes.ts';

const schemas = {
  /** Are you there? Answered with `pong` and the same nonce. */
  ping: { nonce },
  /** I am here. */
  pong: { nonce },
  /** The first message of a connection: the versions that the client speaks, and its software. */
  hello: { versionMin: u16, versionMax: u16, agent: text(AGENT_BYTES_MAX) },
  /** Asks for a nickname, and with it for a place in the lobby. `secret` is what the user is known by. */
  register: { requestId, nickname: typedNickname, secret: userSecret },
  /** A message to a room. */
  say: { requestId, clientMessageId, room: typedRoomName, text: typedMessageText },
  /** Opens the conversation with one user. */
  'open-direct': { requestId, nickname: typedNickname },
  /** Asks for a page of the users in a room. */
  'list-users': { requestId, room: typedRoomName, cursor: optional(text(CURSOR_BYTES_MAX)), limit: u16 },
  /** Asks for a page of the shared files whose names fit `pattern`; an empty one fits all. */
  // CHAT-LIST-8, CHAT-LIST-9
  'list-files': {
    requestId,
    cursor: optional(text(CURSOR_BYTES_MAX)),
    limit: u16,
    pattern: text(FILE_PATTERN_BYTES_MAX),
    order: enumeration(FILE_ORDERS),
  },
  /** Asks to be told when the shared files change, from now on; 0 ends that. */
  // CHAT-WATCH-1
  'watch-files': { requestId, isWatching: u8 },
  /**
   * Asks for these parts of a file, or for all of it. `chunkRoot` is that of the digests that the client has: the parts are
   * parts of that file, and the digests are not sent again. `version` tells of which file the client has parts, for a server that has no
   * digests of it, or a client that has none.
   */
  // CHAT-CHUNK-5, CHAT-DIGEST-1
  'request-transfer': {
    requestId,
    name: typedFilePath,
    chunkRoot: optional(sha256),
    ranges: optional(list(record({ start: u53, end: u53 }), RANGES_PER_REQUEST_MAX)),
    version: optional(record({ size: u53, modifiedAt: time })),
  },
  /**
   * Asks for what stands below a folder. `known` is the digest of the list that the client has: the ranges are places in it,
   * and the list is not sent again. `begun` is the file of which the client has the first bytes, with the digest of these.
   */
  // CHAT-FOLDER-1, CHAT-FOLDER-7
  'request-folder': {
    requestId,
    name: typedFilePath,
    known: optional(sha256),
    ranges: optional(list(record({ start: u53, end: u53 }), RANGES_PER_REQUEST_MAX)),
    begun: optional(record({ place: u32, bytes: u32, sha256 })),
  },
  /** Asks to be allowed to send a file of this size, whose chunks have this root; `room` is told when it is there. */
  // CHAT-UPLOAD-1, CHAT-UPLOAD-6
  'request-upload': {
    requestId,
    name: typedFilePath,
    size: u53,
    chunkRoot: sha256,
    room: optional(typedRoomName),
  },
  /**
   * The same for everything below a folder: `files` files, which have `size` bytes together and the largest one `largest`, and the folders in it. Its list
   * has so many entries and bytes, and this digest.
   */
  // CHAT-FOLDER-8
  'request-folder-upload': {
    requestId,
    name: typedFilePath,
    size: u53,
    largest: u53,
    files: u32,
    entries: u32,
    manifestRoot: sha256,
    manifestBytes: u32,
    room: optional(typedRoomName),
  },
  /** Ends a transfer early. */
  'cancel-transfer': { requestId, transferId },
  /** Removes what was sent to this user, or by it. */
  // CHAT-SEND-3
  'discard-file': { requestId, name: typedFilePath },
  /** Asks what others have sent to this user. */
  // CHAT-SEND-4
  'list-sent': { requestId },
  /** Says goodbye, with words for the others. */
  leave: { reason: text(LEAVE_REASON_BYTES_MAX) },
  /** Goes into a room. */
  'join-room': { requestId, room: typedRoomName },
  /** Makes a room, and goes into it. */
  'create-room': { requestId, room: typedRoomName, topic: typedTopic },
  /** Goes out of a room, with words for the others. */
  'leave-room': { requestId, room: typedRoomName, reason: text(LEAVE_REASON_BYTES_MAX) },
  /** Gives a room another topic; an empty one takes it away. */
  'set-topic': { requestId, clientMessageId, room: typedRoomName, topic: typedTopic },
  /** Asks for a page of the public rooms. */
  'list-rooms': { requestId, cursor: optional(text(CURSOR_BYTES_MAX)), limit: u16 },
  /** Asks for the entries of a log after or before a place. */
  'read-history': {
    requestId,
    room: typedRoomName,
    direction: enumeration(READ_DIRECTIONS),
    epoch,
    sequence,
    limit: u16,
  },
  /** Asks for the entries that fit some words and filters, the newest first. */
  search: { requestId, query: text(QUERY_BYTES_MAX), cursor: optional(text(CURSOR_BYTES_MAX)), limit: u16 },
  /** Gives an own message another text. */
  edit: { requestId, clientMessageId, room: typedRoomName, sequence, text: typedMessageText },
  /** Takes the text of an own message back. */
  delete: { requestId, clientMessageId, room: typedRoomName, sequence },
  /** The user has read everything up to this place. */
  'mark-read': { requestId, room: typedRoomName, sequence },
  /** Comes in as the user of an account. */
  login: { requestId, nickname: typedNickname, secret: userSecret, password: typedPassword },
  /** Makes an account of a nickname, and comes in with it; or of the nickname that one has. */
  'create-account': {
    requestId,
    nickname: typedNickname,
    secret: userSecret,
    password: typedPassword,
    invite: optional(text(INVITE_CODE_BYTES_MAX)),
  },
  /** Gives the own account another password. */
  'set-password': { requestId, current: typedPassword, password: typedPassword },
  /** Deletes the own account. */
  'delete-account': { requestId, password: typedPassword },
  /** Sends somebody away, or takes the right to write; in a room, or without one in the whole server. */
  moderate: {
    requestId,
    action: enumeration(MODERATION_ACTIONS),
    room: optional(typedRoomName),
    target: text(TARGET_BYTES_MAX),
    durationMs: optional(u53),
    reason: text(REASON_BYTES_MAX),
  },
  /** Gives somebody a role, in a room, or without one in the whole server. */
  'set-role': {
    requestId,
    room: optional(typedRoomName),
    nickname: typedNickname,
    role: enumeration(ROLES),
  },
  /** Who may come into a room, and how fast one may write there. What is absent stays. */
  'configure-room': {
    requestId,
    room: typedRoomName,
    entry: optional(enumeration(ROOM_ENTRIES)),
    slowModeMs: optional(u32),
  },
  /** Lets somebody into a room for those who were invited. */
  'invite-user': { requestId, room: typedRoomName, nickname: typedNickname },
  /** Asks who has which role. */
  'list-roles': { requestId, room: optional(typedRoomName) },
  /** Asks for a page of bans. */
  'list-bans': {
    requestId,
    room: optional(typedRoomName),
    cursor: optional(text(CURSOR_BYTES_MAX)),
    limit: u16,
  },
  /** Asks for a code with which somebody may make an account. */
  'create-invite': { requestId },
  /** Asks for something to sign. */
  'request-challenge': { requestId },
  /** Comes in as the user of an account that knows the key. What is signed: `loginTranscript`. */
  'login-key': { requestId, nickname: typedNickname, secret: userSecret, publicKey, signature },
  /** Comes in as the user of the account that the token belongs to. */
  'login-token': { requestId, secret: userSecret, token: loginToken },
  /** Has the own account know a key. */
  'add-key': { requestId, name: text(CREDENTIAL_NAME_BYTES_MAX), publicKey },
  /** Asks for a token, by which a program can come in as this user. */
  'create-token': { requestId, name: text(CREDENTIAL_NAME_BYTES_MAX) },
  /** Asks for the keys and tokens of the own account. */
  'list-credentials': { requestId },
  /** Makes a key or a token of the own account worthless, and ends the connections that came by it. */
  'revoke-credential': { requestId, name: text(CREDENTIAL_NAME_BYTES_MAX) },
  /** Has the server take fewer, or as many as before. */
  'set-emergency': { requestId, level: enumeration(EMERGENCY_LEVELS) },
  /** Asks what those in charge have decided, the newest first; in a room, or without one everywhere. */
  'read-audit': {
    requestId,
    room: optional(typedRoomName),
    cursor: optional(text(CURSOR_BYTES_MAX)),
    limit: u16,
  },
  /** Tells a room how far a transfer is, which the client numbers `line`. No request: there is no answer. */
  // CHAT-PROGRESS-1
  'tell-progress': {
    line: u32,
    room: typedRoomName,
    name: typedFilePath,
    state: enumeration(PROGRESS_STATES),
    size: u53,
    bytes: u53,
    bytesPerSecond: u53,
  },
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
  shortcuts: {
    say: {
      read: (reader) => ({
        type: 'say',
        requestId: requestId.read(reader),
        clientMessageId: clientMessageId.read(reader),
        room: typedRoomName.read(reader),
        text: typedMessageText.read(reader),
      }),
    },
  },
});
