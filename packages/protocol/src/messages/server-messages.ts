/** What a server may say. Order of fields is order on the wire. */
import {
  CREDENTIAL_KINDS,
  FAILURE_CODES,
  GOODBYE_CODES,
  LEAVE_CAUSES,
  ROLES,
  ROOM_ENTRIES,
  ROOM_KINDS,
  TRANSFER_OUTCOMES,
} from '../errors.ts';
import { enumeration, list, optional, record, shownText, text, u8, u16, u32, u53 } from '../fields.ts';
import {
  AUDIT_ACTION_BYTES_MAX,
  AUDIT_ENTRIES_PER_PAGE_MAX,
  BANS_PER_PAGE_MAX,
  CREDENTIAL_NAME_BYTES_MAX,
  CREDENTIALS_MAX,
  CURSOR_BYTES_MAX,
  ENTRIES_PER_PAGE_MAX,
  FILES_PER_PAGE_MAX,
  HITS_PER_PAGE_MAX,
  INVITE_CODE_BYTES_MAX,
  LEAVE_REASON_BYTES_MAX,
  MOTD_BYTES_MAX,
  PRESENCE_CHANGES_MAX,
  REASON_BYTES_MAX,
  ROLES_MAX,
  ROOMS_PER_PAGE_MAX,
  SERVER_FRAME_BYTES_MAX,
  SERVER_NAME_BYTES_MAX,
  TARGET_BYTES_MAX,
  USERS_PER_PAGE_MAX,
} from '../limits.ts';
import { PROGRESS_STATES, TRANSFER_DIRECTIONS } from '../progress-codes.ts';
import { createMessageCodec, type MessageCodec, type MessageOf } from './message-codec.ts';
import {
  challenge,
  entryFields,
  epoch,
  explanation,
  fileName,
  filePath,
  loginToken,
  newEntryFields,
  nickname,
  nonce,
  requestId,
  roomName,
  sequence,
  sessionId,
  sha256,
  ticket,
  time,
  topic,
  transferId,
} from './shared-fields.ts';
import { SERVER_TYPE_BYTES } from './type-bytes.ts';

const user = record({ nickname, joinedAt: time });
const departure = record({
  nickname,
  cause: enumeration(LEAVE_CAUSES),
  reason: shownText(LEAVE_REASON_BYTES_MAX),
  time,
});
const roomEntry = record({ room: roomName, topic, members: u32, sequence });
const logEntry = record(entryFields);
const searchHit = record({ room: roomName, epoch, ...entryFields });
const credential = record({
  kind: enumeration(CREDENTIAL_KINDS),
  name: shownText(CREDENTIAL_NAME_BYTES_MAX),
  createdAt: time,
});
const reason = shownText(REASON_BYTES_MAX);
const role = record({ nickname, role: enumeration(ROLES), until: optional(time) });
const ban = record({
  banId: u53,
  target: shownText(TARGET_BYTES_MAX),
  by: nickname,
  reason,
  time,
  until: optional(time),
});
const auditEntry = record({
  time,
  by: nickname,
  action: shownText(AUDIT_ACTION_BYTES_MAX),
  room: optional(roomName),
  target: shownText(TARGET_BYTES_MAX),
  detail: reason,
});
const file = record({ name: filePath, size: u53, modifiedAt: time, sha256: optional(sha256) });

/** `files` is absent for a file, and how many there are for a folder. */
const sentFile = record({ name: filePath, size: u53, time, from: nickname, files: optional(u32) });

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
  /** The nickname is yours. */
  registered: { requestId, nickname, sessionId },
  /** The message is in the log at (`epoch`, `sequence`), as durable as the server keeps its logs. */
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
  /** Come and get it: UDP port `udpPort` of this host, with `ticket`, within `ticketLifetimeMs`. Without `digests` these come with the bytes. */
  // CHAT-DIGEST-1
  'transfer-offer': {
    requestId,
    transferId,
    ticket,
    ticketLifetimeMs: u32,
    udpPort: u16,
    name: filePath,
    size: u53,
    modifiedAt: time,
    digests: optional(record({ sha256, chunkRoot: sha256 })),
  },
  /** Come and get a folder: its list has this digest and so many bytes, its files have `size` bytes together. */
  // CHAT-FOLDER-1
  'folder-offer': {
    requestId,
    transferId,
    ticket,
    ticketLifetimeMs: u32,
    udpPort: u16,
    name: filePath,
    manifestRoot: sha256,
    manifestBytes: u32,
    size: u53,
  },
  /** The way by which the client sends its file, from the byte `start` on: what is before that the server has. */
  // CHAT-UPLOAD-1, CHAT-UPLOAD-5
  'upload-offer': {
    requestId,
    transferId,
    ticket,
    ticketLifetimeMs: u32,
    udpPort: u16,
    name: fileName,
    start: u53,
  },
  /** Who went out of a room and who came in since the last time; first all of `left`, then all of `joined`. */
  presence: {
    room: roomName,
    members: u32,
    left: list(departure, PRESENCE_CHANGES_MAX),
    joined: list(user, PRESENCE_CHANGES_MAX),
  },
  /** A page of public rooms. `nextCursor` asks for the next one. */
  rooms: {
    requestId,
    rooms: list(roomEntry, ROOMS_PER_PAGE_MAX),
    nextCursor: optional(text(CURSOR_BYTES_MAX)),
  },
  /** A new entry of a room's log, also to the one who made it. */
  message: newEntryFields,
  /** Entries of a log in ascending order; it keeps those from `first` on, and stood at `last`. */
  history: {
    requestId,
    room: roomName,
    epoch,
    first: sequence,
    last: sequence,
    entries: list(logEntry, ENTRIES_PER_PAGE_MAX),
  },
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
  /** You are in a room now, whose log keeps the entries from `first` on and stands at (`epoch`, `sequence`). */
  entered: {
    room: roomName,
    kind: enumeration(ROOM_KINDS),
    peer: optional(nickname),
    topic,
    members: u32,
    epoch,
    first: sequence,
    sequence,
  },
  /** Entries that fit a search, the newest first. */
  'search-results': {
    requestId,
    hits: list(searchHit, HITS_PER_PAGE_MAX),
    nextCursor: optional(text(CURSOR_BYTES_MAX)),
  },
  /** The user has read everything up to this place, on another connection. */
  'read-marker': { room: roomName, sequence },
  /** What others have sent to this user and nobody has discarded, the newest first. */
  // CHAT-SEND-4
  'sent-files': { requestId, files: list(sentFile, FILES_PER_PAGE_MAX) },
  /** Who has which role, and, of a room, who may come in and how fast one may write there. */
  roles: {
    requestId,
    room: optional(roomName),
    entry: enumeration(ROOM_ENTRIES),
    slowModeMs: u32,
    roles: list(role, ROLES_MAX),
  },
  /** A page of bans. `nextCursor` asks for the next one. */
  bans: {
    requestId,
    room: optional(roomName),
    bans: list(ban, BANS_PER_PAGE_MAX),
    nextCursor: optional(text(CURSOR_BYTES_MAX)),
  },
  /** With this code somebody may make an account, once. */
  'invite-code': { requestId, code: shownText(INVITE_CODE_BYTES_MAX), expiresAt: time },
  /** You are no longer in this room; with `isBanned` 1 you may not come back before `until`, or ever. */
  removed: { room: roomName, by: nickname, reason, isBanned: u8, until: optional(time) },
  /** You may not write in this room, or in any, before `until`, or for good; or with `isMuted` 0 you may again. */
  muted: { room: optional(roomName), isMuted: u8, by: nickname, reason, until: optional(time) },
  /** You may come into this room. */
  invited: { room: roomName, by: nickname },
  /** Sign this; it is good once, on this connection. */
  challenge: { requestId, challenge },
  /** This is the token; nobody is ever shown it again. */
  token: { requestId, token: loginToken },
  /** The keys and tokens of the account. */
  credentials: { requestId, credentials: list(credential, CREDENTIALS_MAX) },
  /** A page of decisions, the newest first. `nextCursor` asks for the next one. */
  audit: {
    requestId,
    entries: list(auditEntry, AUDIT_ENTRIES_PER_PAGE_MAX),
    nextCursor: optional(text(CURSOR_BYTES_MAX)),
  },
  /** I stop within `endsWithinMs`, when what runs is done; come back `returnAfterMs` after my goodbye. */
  'server-draining': { endsWithinMs: u32, returnAfterMs: u32, message: explanation },
  /** The list of shared files is another one now. */
  // CHAT-WATCH-1
  'files-changed': {},
  /** Somebody has another role in this room now. */
  // CHAT-ROLE-5
  'role-changed': { room: roomName, nickname, role: enumeration(ROLES) },
  /** As many transfers are under way as may be: the answer to that request comes when others have ended. */
  // CHAT-QUEUE-1
  'transfer-queued': { request: u32, transferId },
  /** Somebody in a room has a transfer under way, and wants it told there; the figures are the client's own. */
  // CHAT-PROGRESS-2
  progress: {
    room: roomName,
    nickname,
    line: u32,
    direction: enumeration(TRANSFER_DIRECTIONS),
    name: filePath,
    state: enumeration(PROGRESS_STATES),
    size: u53,
    bytes: u53,
    bytesPerSecond: u53,
  },
  /** The room is not told of that transfer of the client. */
  // CHAT-PROGRESS-3
  'progress-refused': { line: u32, code: enumeration(FAILURE_CODES), message: explanation },
} as const;

/** Any message of a server. */
export type ServerMessage = MessageOf<typeof schemas>;

/** The message of a server with that type. */
export type ServerMessageOf<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>;

/** One file or folder that somebody has sent to the user. */
export type SentFileEntry = ServerMessageOf<'sent-files'>['files'][number];

/** One user in a page of users. */
export type UserEntry = ServerMessageOf<'users'>['users'][number];

/** One file in a page of files. */
export type FileEntry = ServerMessageOf<'files'>['files'][number];

/** One room in a page of rooms. */
export type RoomEntry = ServerMessageOf<'rooms'>['rooms'][number];
/** One entry of a room's log. */
export type LogEntry = ServerMessageOf<'history'>['entries'][number];
/** One entry of some room's log that fits a search. */
export type SearchHit = ServerMessageOf<'search-results'>['hits'][number];
/** One role of somebody. */
export type RoleEntry = ServerMessageOf<'roles'>['roles'][number];
/** A key or a token of an account. */
export type CredentialEntry = ServerMessageOf<'credentials'>['credentials'][number];
/** One decision. */
export type AuditEntry = ServerMessageOf<'audit'>['entries'][number];
/** One ban. */
export type BanEntry = ServerMessageOf<'bans'>['bans'][number];
/** One user who went out of a room. */
export type DepartureEntry = ServerMessageOf<'presence'>['left'][number];
/** Codec of the messages of servers. */
export const serverMessages: MessageCodec<ServerMessage> = createMessageCodec({
  schemas,
  typeBytes: SERVER_TYPE_BYTES,
  frameBytesMax: SERVER_FRAME_BYTES_MAX,
  // Whoever says something gets one of each.
  shortcuts: {
    accepted: {
      write(writer, message) {
        requestId.write(writer, message.requestId);
        epoch.write(writer, message.epoch);
        sequence.write(writer, message.sequence);
        time.write(writer, message.time);
      },
    },
    message: {
      write(writer, message) {
        newEntryFields.room.write(writer, message.room);
        newEntryFields.sequence.write(writer, message.sequence);
        newEntryFields.time.write(writer, message.time);
        newEntryFields.from.write(writer, message.from);
        newEntryFields.kind.write(writer, message.kind);
        newEntryFields.target.write(writer, message.target);
        newEntryFields.text.write(writer, message.text);
      },
    },
  },
});
