/** Fields that several messages have in common. */
import { ENTRY_KINDS } from '../errors.ts';
import {
  branded,
  brief,
  bytes,
  enumeration,
  type Field,
  optional,
  refined,
  shownText,
  text,
  u32,
  u53,
  unlessEmpty,
  varint,
} from '../fields.ts';
import {
  type Challenge,
  type ClientMessageId,
  type FileName,
  type FilePath,
  type LoginToken,
  type MessageText,
  type Nickname,
  type PublicKey,
  parseFileName,
  parseFilePath,
  parseMessageText,
  parseNickname,
  parseRoomReference,
  type RoomName,
  type SessionId,
  type Sha256,
  type Signature,
  type Ticket,
  type TransferId,
  type UserSecret,
} from '../identifiers.ts';
import {
  CHALLENGE_BYTES,
  CLIENT_MESSAGE_ID_BYTES,
  EXPLANATION_BYTES_MAX,
  FILE_NAME_FIELD_BYTES_MAX,
  MESSAGE_TEXT_BYTES_MAX,
  NICKNAME_BYTES_MAX,
  PASSWORD_BYTES_MAX,
  PUBLIC_KEY_BYTES,
  ROOM_NAME_BYTES_MAX,
  SHA256_BYTES,
  SIGNATURE_BYTES,
  TICKET_BYTES,
  TOKEN_BYTES,
  TOPIC_BYTES_MAX,
  USER_SECRET_BYTES,
} from '../limits.ts';

/** The client's number of a request; the answer carries it. */
export const requestId = u32;
/** Any number; the answer to a ping carries it. */
export const nonce = u32;
/** Milliseconds since 1970, UTC, by the clock of the server. */
export const time = u53;
/** Number of a life of a room's log: another epoch is another log. */
export const epoch = u53;
/** Place in a room's log: 1, 2, 3 … without a gap. */
export const sequence = u53;

/** A nickname as a server sends it: valid, or the connection ends. */
export const nickname: Field<Nickname> = refined(text(NICKNAME_BYTES_MAX), parseNickname);
/** A room name as a server sends it. */
export const roomName: Field<RoomName> = refined(text(ROOM_NAME_BYTES_MAX), parseRoomReference);
/** Text of a message as a server sends it. */
const messageText: Field<MessageText> = refined(text(MESSAGE_TEXT_BYTES_MAX), parseMessageText);
/** Name of a file as a server sends it. */
export const fileName: Field<FileName> = refined(text(FILE_NAME_FIELD_BYTES_MAX), parseFileName);
/** Path of a file as a server sends it. */
export const filePath: Field<FilePath> = refined(text(FILE_NAME_FIELD_BYTES_MAX), parseFilePath);
/** Words for people, beside a code for programs. */
export const explanation = shownText(EXPLANATION_BYTES_MAX);

/** The sender's own id of a message. */
export const clientMessageId: Field<ClientMessageId> = bytes<ClientMessageId>(CLIENT_MESSAGE_ID_BYTES);
/** What a user is known by. */
export const userSecret: Field<UserSecret> = bytes<UserSecret>(USER_SECRET_BYTES);
/** The topic of a room as a server sends it; empty for none. */
export const topic = shownText(TOPIC_BYTES_MAX);
/** The topic of a room as a client sends it. */
export const typedTopic = text(TOPIC_BYTES_MAX);
/** What an entry of a log consists of, in `history` and `search-results` alike. */
// CHAT-LOG-2
export const entryFields = {
  sequence,
  time,
  from: nickname,
  kind: enumeration(ENTRY_KINDS),
  target: sequence,
  editedAt: optional(time),
  text: optional(messageText),
  clientMessageId,
};
/**
 * An entry of which a room is told as it is made. Every member gets it, so it is as short as it can be, without what the members know: the
 * epoch of the room, and that a text is the first one; and without what only its author does: the id, whose place `accepted` tells.
 */
// CHAT-LOG-6
export const newEntryFields = {
  room: branded<RoomName>(brief(ROOM_NAME_BYTES_MAX), parseRoomReference),
  sequence: varint,
  time: varint,
  from: branded<Nickname>(brief(NICKNAME_BYTES_MAX), parseNickname),
  kind: enumeration(ENTRY_KINDS),
  target: varint,
  text: unlessEmpty<MessageText>(brief(MESSAGE_TEXT_BYTES_MAX), parseMessageText),
};
/** A public key of Ed25519. */
export const publicKey: Field<PublicKey> = bytes<PublicKey>(PUBLIC_KEY_BYTES);
/** A signature of Ed25519. */
export const signature: Field<Signature> = bytes<Signature>(SIGNATURE_BYTES);
/** What a client signs. */
export const challenge: Field<Challenge> = bytes<Challenge>(CHALLENGE_BYTES);
/** The secret of a program. */
export const loginToken: Field<LoginToken> = bytes<LoginToken>(TOKEN_BYTES);
/** The secret of one transfer. */
export const ticket: Field<Ticket> = bytes<Ticket>(TICKET_BYTES);
/** The digest of a whole file. */
export const sha256: Field<Sha256> = bytes<Sha256>(SHA256_BYTES);
/** Number of a transfer. */
export const transferId = u53 as unknown as Field<TransferId>;
/** Number of a session. */
export const sessionId = u53 as unknown as Field<SessionId>;

// What people typed travels as plain text: the server answers a bad one with `failed` instead of ending the connection.

/** A nickname as a client sends it: the server parses it and says what is wrong. */
export const typedNickname = text(NICKNAME_BYTES_MAX);
/** A room name as a client sends it. */
export const typedRoomName = text(ROOM_NAME_BYTES_MAX);
/** Text of a message as a client sends it. */
export const typedMessageText = text(MESSAGE_TEXT_BYTES_MAX);
/** A password as a client sends it. */
export const typedPassword = text(PASSWORD_BYTES_MAX);
/** The name, or the path, of a file as a client sends it. */
export const typedFilePath = text(FILE_NAME_FIELD_BYTES_MAX);
