import {
  CLIENT_MESSAGE_ID_BYTES,
  type ClientMessageId,
  ENTRY_KINDS,
  type EntryKind,
  type MessageText,
  type Nickname,
} from '@parley/protocol';
import type { NewEntry } from '../../../history/history-store.ts';
import { isAscii } from '../../../history/words.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** An entry as bytes, from the thread that talks into the file: time, kind, target, client message id, nickname, text. */
export interface EntryBytes {
  readonly time: number;
  readonly kind: EntryKind;
  readonly target: number;
  /** Positions of what is not read before it is needed; `textAt` is 0 when there is no text. */
  readonly idAt: number;
  readonly nicknameAt: number;
  readonly textAt: number;
  /** Whether its text, if any, is ASCII. */
  readonly isPlain: boolean;
  /** Where it begins and ends. */
  readonly start: number;
  readonly end: number;
}

const NO_TEXT = 0;
const TEXT = 1;
/** Of ASCII alone, which a search reads faster. */
const PLAIN_TEXT = 2;

const KIND_NAMES: ReadonlyMap<number, EntryKind> = new Map(
  Object.entries(ENTRY_KINDS).map(([name, number]) => [number, name as EntryKind]),
);

/** The same for every entry, whatever is to be in the file, so that most are copied as they are. */
export function writeEntry(
  bytes: ByteWriter,
  entry: Pick<NewEntry, 'time' | 'kind' | 'target' | 'from' | 'text' | 'clientMessageId'>,
): void {
  bytes.number(entry.time);
  bytes.count(ENTRY_KINDS[entry.kind]);
  bytes.count(entry.target);
  bytes.bytes(entry.clientMessageId);
  bytes.text(entry.from);
  writeText(bytes, entry.text);
}

/** The end of an entry. */
export function writeText(bytes: ByteWriter, text: string | undefined): void {
  if (text === undefined) {
    bytes.count(NO_TEXT);
    return;
  }
  bytes.count(isAscii(text) ? PLAIN_TEXT : TEXT);
  bytes.text(text);
}

export function readEntry(bytes: ByteReader): EntryBytes {
  const start = bytes.position;
  const time = bytes.number();
  const kind = KIND_NAMES.get(bytes.count()) ?? 'unknown';
  const target = bytes.count();
  const idAt = bytes.position;
  const nicknameAt = idAt + CLIENT_MESSAGE_ID_BYTES;
  bytes.skip(CLIENT_MESSAGE_ID_BYTES);
  bytes.skipText();
  const form = bytes.count();
  const textAt = form === NO_TEXT ? 0 : bytes.position;
  if (form !== NO_TEXT) bytes.skipText();
  return { time, kind, target, idAt, nicknameAt, textAt, isPlain: form !== TEXT, start, end: bytes.position };
}

export function idOf(bytes: ByteReader, { idAt }: EntryBytes): ClientMessageId {
  return bytes.view(idAt, idAt + CLIENT_MESSAGE_ID_BYTES) as Uint8Array as ClientMessageId;
}

/** Whether two entries have the same id. */
export function isSameId(bytes: ByteReader, one: EntryBytes, others: ByteReader, other: EntryBytes): boolean {
  return bytes.isSame(one.idAt, others, other.idAt, CLIENT_MESSAGE_ID_BYTES);
}

export function nicknameOf(bytes: ByteReader, { nicknameAt }: EntryBytes): Nickname {
  return bytes.textAt(nicknameAt) as Nickname;
}

export function textOf(bytes: ByteReader, { textAt }: EntryBytes): MessageText | undefined {
  return textAt === 0 ? undefined : (bytes.textAt(textAt) as MessageText);
}
