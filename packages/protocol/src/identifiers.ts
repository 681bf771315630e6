/**
 * Names that people choose, as types that only their parser can make. A parser says in words what is wrong, so that
 * the answer can be shown to the one who typed it.
 */
import { toLatinLookAlike } from './confusables.ts';
import {
  FILE_NAME_BYTES_MAX,
  FILE_NAME_FIELD_BYTES_MAX,
  FILE_PATH_PARTS_MAX,
  MESSAGE_TEXT_BYTES_MAX,
  NICKNAME_CHARACTERS_MAX,
  NICKNAME_MARKS_IN_A_ROW_MAX,
  PASSWORD_BYTES_MAX,
  PASSWORD_CHARACTERS_MIN,
  ROOM_NAME_CHARACTERS_MAX,
  TOPIC_BYTES_MAX,
} from './limits.ts';
import { isWellFormed, utf8ByteLength } from './utf8.ts';

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** A nickname that obeys CHAT-NICK-1 … 3, in NFC. */
export type Nickname = Branded<string, 'Nickname'>;
/** What two nicknames share when they are the same name to the server (CHAT-NICK-4). */
export type NicknameKey = Branded<string, 'NicknameKey'>;
/** The name of a room: one that obeys CHAT-ROOM-1, in NFC, or that of a conversation of two (CHAT-ROOM-2). */
export type RoomName = Branded<string, 'RoomName'>;
/** Text of a message that obeys CHAT-TEXT-1 … 3. */
export type MessageText = Branded<string, 'MessageText'>;
/** Where a file stands in a shared folder: names with `/` between them, none of which leads upwards (CHAT-FILE-2). */
export type FilePath = string & { readonly isFilePath: true };
/** The name of one file, safe to join to a folder (CHAT-FILE-1): a path of one part. */
export type FileName = FilePath & { readonly isFileName: true };
/** 16 bytes chosen by the sender of a message. */
export type ClientMessageId = Branded<Uint8Array, 'ClientMessageId'>;
/** 32 random bytes by which a user is known again; nobody but its client and the server sees them. */
export type UserSecret = Branded<Uint8Array, 'UserSecret'>;
/** A password that obeys CHAT-PASSWORD-1, in NFC. Never to be logged, shown or kept. */
export type Password = Branded<string, 'Password'>;
/** A public key of Ed25519, 32 bytes. */
export type PublicKey = Branded<Uint8Array, 'PublicKey'>;
/** A signature of Ed25519, 64 bytes. */
export type Signature = Branded<Uint8Array, 'Signature'>;
/** 32 random bytes that a client signs once. */
export type Challenge = Branded<Uint8Array, 'Challenge'>;
/** 32 secret bytes by which a program comes in as the user of an account. */
export type LoginToken = Branded<Uint8Array, 'LoginToken'>;
/** 32 secret bytes that open one transfer. */
export type Ticket = Branded<Uint8Array, 'Ticket'>;
/** A SHA-256 digest, 32 bytes. */
export type Sha256 = Branded<Uint8Array, 'Sha256'>;
/** Number of a transfer, unique for the life of a server. */
export type TransferId = Branded<number, 'TransferId'>;
/** Number of a session, unique for the life of a server. */
export type SessionId = Branded<number, 'SessionId'>;

/** What a parser answers: the value, or what is wrong with it in lower-case words. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string };

// Plain ASCII, which most names and texts are, obeys all rules but those of length: one look instead of many.
const PLAIN_NAME = /^[A-Za-z0-9_-]+$/;
const PLAIN_TEXT = /^[\t\n ]*[!-~][\t\n -~]*$/;

const NICKNAME_CHARACTERS = /^[\p{L}\p{M}\p{Nd}_\-[\]{}\\`^|]+$/u;
const ROOM_NAME_CHARACTERS = /^[\p{L}\p{M}\p{Nd}_\-.]+$/u;
// Among the letters are some that nobody can see, such as the Hangul fillers.
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{White_Space}\u2800]/u;
const MARK_FIRST = /^\p{M}/u;
const MARKS_STACKED = new RegExp(`\\p{M}{${NICKNAME_MARKS_IN_A_ROW_MAX + 1}}`, 'u');
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL_IN_TEXT = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const BIDI_CONTROL = /\p{Bidi_Control}/u;

/** Makes a nickname of what a user typed, in NFC (CHAT-NICK-1 … 3). */
export function parseNickname(input: string): Parsed<Nickname> {
  return parseName<Nickname>(input, {
    kind: 'nickname',
    charactersMax: NICKNAME_CHARACTERS_MAX,
    allowed: NICKNAME_CHARACTERS,
    allowedInWords: 'letters, digits and _-[]{}\\`^|',
  });
}

/** The form in which nicknames are compared: `Ann`, `ANN` and the full-width `Ａｎｎ` are one name (CHAT-NICK-4). */
// CHAT-NICK-4
export function nicknameKey(nickname: Nickname): NicknameKey {
  return foldName(nickname) as NicknameKey;
}

/** Makes a room name of what a user typed, in NFC (CHAT-ROOM-1). */
// CHAT-ROOM-1
export function parseRoomName(input: string): Parsed<RoomName> {
  return parseName<RoomName>(input, {
    kind: 'room name',
    charactersMax: ROOM_NAME_CHARACTERS_MAX,
    allowed: ROOM_NAME_CHARACTERS,
    allowedInWords: 'letters, digits and _-.',
  });
}

const DIRECT_ROOM_NAME = /^@[0-9a-f]{32}$/;

/** Whether a room is the conversation of two: `@` cannot begin a name that people choose (CHAT-ROOM-2). */
export function isDirectRoomName(name: string): boolean {
  return DIRECT_ROOM_NAME.test(name);
}

/** Makes a room's name of what a program sent: a chosen name, or the one of a conversation of two. */
// CHAT-ROOM-2
export function parseRoomReference(input: string): Parsed<RoomName> {
  return isDirectRoomName(input) ? { ok: true, value: input as RoomName } : parseRoomName(input);
}

/** The form in which room names are compared (CHAT-ROOM-1). */
export function roomNameKey(name: RoomName): string {
  return foldName(name);
}

/** Checks the text of a message: not empty, at most 4,096 bytes, no control characters but line feed and tab. */
// CHAT-TEXT-1, CHAT-TEXT-2, CHAT-TEXT-3
export function parseMessageText(input: string): Parsed<MessageText> {
  if (input.length <= MESSAGE_TEXT_BYTES_MAX && PLAIN_TEXT.test(input)) {
    return { ok: true, value: input as MessageText };
  }
  if (input.trim() === '') return problem('expected some text, got an empty message');
  if (utf8ByteLength(input) > MESSAGE_TEXT_BYTES_MAX) {
    return problem(
      `a message has at most ${MESSAGE_TEXT_BYTES_MAX} bytes, this one has ${utf8ByteLength(input)}`,
    );
  }
  const trouble = troubleInText(input);
  return trouble === undefined ? { ok: true, value: input as MessageText } : problem(trouble);
}

/** Checks the topic of a room: at most 512 bytes on one line; empty for none. */
// CHAT-TOPIC-1
export function parseTopic(input: string): Parsed<string> {
  const bytes = utf8ByteLength(input);
  if (bytes > TOPIC_BYTES_MAX) {
    return problem(`a topic has at most ${TOPIC_BYTES_MAX} bytes, this one has ${bytes}`);
  }
  if (!isWellFormed(input)) return problem('a topic has to be well-formed Unicode');
  if (CONTROL.test(input)) return problem('a topic has no control characters and no line breaks');
  return { ok: true, value: input.trim() };
}

/** Checks the name of a file: one visible name, no folder, nothing that any platform reads as a path. */
// CHAT-FILE-1
export function parseFileName(input: string): Parsed<FileName> {
  if (input === '') return problem('expected a file name, got an empty one');
  const bytes = utf8ByteLength(input);
  if (bytes > FILE_NAME_BYTES_MAX) {
    return problem(`a file name has at most ${FILE_NAME_BYTES_MAX} bytes, this one has ${bytes}`);
  }
  if (!isWellFormed(input)) return problem('a file name has to be well-formed Unicode');
  if (/[/\\]/.test(input)) return problem('a file name has no / and no \\');
  if (input.startsWith('.')) return problem('a file name does not begin with a dot');
  if (CONTROL.test(input)) return problem('a file name has no control characters and no line breaks');
  if (BIDI_CONTROL.test(input))
    return problem('a file name has no characters that change the direction of text');
  return { ok: true, value: input as FileName };
}

/**
 * Checks where a file stands: file names with `/` between them. Nothing is decoded, folded or cut off on the way, so there
 * is no second spelling of a path; what is not written as a list of names is refused.
 */
// CHAT-FILE-2
export function parseFilePath(input: string): Parsed<FilePath> {
  const bytes = utf8ByteLength(input);
  if (bytes > FILE_NAME_FIELD_BYTES_MAX) {
    return problem(
      `the path of a file has at most ${FILE_NAME_FIELD_BYTES_MAX} bytes, this one has ${bytes}`,
    );
  }
  const parts = input.split('/');
  if (parts.length > FILE_PATH_PARTS_MAX) {
    return problem(
      `the path of a file has at most ${FILE_PATH_PARTS_MAX} parts, this one has ${parts.length}`,
    );
  }
  for (const part of parts) {
    const name = parseFileName(part);
    if (!name.ok) return name;
  }
  return { ok: true, value: input as FilePath };
}

/**
 * Makes a password of what a user typed, in NFC, so that it does not matter how a keyboard composes its letters. Rules
 * about its characters would only make passwords worse; the length is what counts.
 */
// CHAT-PASSWORD-1
export function parsePassword(input: string): Parsed<Password> {
  if (!isWellFormed(input)) return problem('a password has to be well-formed Unicode');
  const password = input.normalize('NFC');
  if ([...password].length < PASSWORD_CHARACTERS_MIN) {
    return problem(`a password has at least ${PASSWORD_CHARACTERS_MIN} characters`);
  }
  if (utf8ByteLength(password) > PASSWORD_BYTES_MAX) {
    return problem(`a password has at most ${PASSWORD_BYTES_MAX} bytes`);
  }
  if (CONTROL.test(password)) return problem('a password has no control characters and no line breaks');
  return { ok: true, value: password as Password };
}

/** What keeps `text` from being shown as it is, in words; `undefined` when nothing does (CHAT-TEXT-2, CHAT-TEXT-3). */
export function troubleInText(text: string): string | undefined {
  if (!isWellFormed(text)) return 'text has to be well-formed Unicode';
  if (CONTROL_IN_TEXT.test(text)) return 'text has no control characters except line feed and tab';
  return undefined;
}

interface NameRules {
  readonly kind: string;
  readonly charactersMax: number;
  readonly allowed: RegExp;
  readonly allowedInWords: string;
}

// CHAT-NICK-1, CHAT-NICK-2, CHAT-NICK-3
function parseName<T extends string>(input: string, rules: NameRules): Parsed<T> {
  const { kind, charactersMax, allowed, allowedInWords } = rules;
  if (input.length <= charactersMax && PLAIN_NAME.test(input)) return { ok: true, value: input as T };
  if (input === '') return problem(`expected a ${kind}, got an empty one`);
  // Four UTF-16 units a character is more than any allowed name has; it bounds the work before normalising.
  if (input.length > charactersMax * 4 || [...input.normalize('NFC')].length > charactersMax) {
    return problem(`a ${kind} has at most ${charactersMax} characters`);
  }
  const name = input.normalize('NFC');
  if (!allowed.test(name) || INVISIBLE.test(name)) return problem(`a ${kind} has only ${allowedInWords}`);
  if (MARK_FIRST.test(name)) return problem(`a ${kind} does not begin with a combining mark`);
  if (MARKS_STACKED.test(name)) {
    return problem(`a ${kind} has at most ${NICKNAME_MARKS_IN_A_ROW_MAX} combining marks in a row`);
  }
  return { ok: true, value: name as T };
}

// CHAT-NICK-5
// Upper case first joins what lower case alone keeps apart (ß and ss, the two small sigmas).
function foldName(name: string): string {
  // Nothing in ASCII looks like a letter of another script.
  if (PLAIN_NAME.test(name)) return name.toLowerCase();
  return toLatinLookAlike(name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC'));
}

function problem(text: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem: text };
}

/** The path of what somebody has sent to somebody: `@`, the 32 hexadecimal digits of its id, and its name. */
// CHAT-SEND-1
export function sentFilePath(id: string, name: FileName): FilePath {
  return `@${id}/${name}` as FilePath;
}

/** What such a path consists of. */
interface SentPathParts {
  readonly id: string;
  /** Of what was sent. */
  readonly path: FilePath;
  /** Where in a folder that was sent it leads; empty for all of it. */
  readonly below: FilePath | '';
}

/** The parts of a path that leads to, or into, what somebody has sent; `undefined` when it is another one. */
export function parseSentPath(path: string): SentPathParts | undefined {
  const [, sent, id, below = ''] = /^(@([0-9a-f]{32})\/[^/]+)(?:\/(.+))?$/s.exec(path) ?? [];
  if (sent === undefined || id === undefined) return undefined;
  return { id, path: sent as FilePath, below: below as FilePath | '' };
}
