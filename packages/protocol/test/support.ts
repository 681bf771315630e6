import {
  type ClientMessageId,
  type FileName,
  type FilePath,
  type MessageDecoder,
  type MessageText,
  type Nickname,
  type Parsed,
  parseFileName,
  parseFilePath,
  parseMessageText,
  parseNickname,
  parseRoomName,
  type RoomName,
  type SessionId,
  type TransferId,
} from '../src/index.ts';

/** All messages in `chunks`, fed in that order. */
export function decodeAll<Message extends { readonly type: string }>(
  decoder: MessageDecoder<Message>,
  chunks: Iterable<Uint8Array>,
): Message[] {
  const messages: Message[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let message = decoder.next(); message !== undefined; message = decoder.next())
      messages.push(message);
  }
  return messages;
}

/** `bytes` in pieces of one byte, each in memory of its own. */
export function* byteByByte(bytes: Uint8Array): Generator<Uint8Array> {
  for (const byte of bytes) yield Uint8Array.of(byte);
}

/** All bytes in one piece. */
export function concatenate(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Bytes of hexadecimal digits; white space between them is for the reader. */
export function fromHex(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits.replace(/\s/g, ''), 'hex'));
}

/** Hexadecimal digits of bytes. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** What a parser made of a value that has to be right. */
export function must<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}

export const nick = (name: string): Nickname => must(parseNickname(name));
export const room = (name: string): RoomName => must(parseRoomName(name));
export const text = (words: string): MessageText => must(parseMessageText(words));
export const file = (name: string): FilePath => must(parseFilePath(name));
export const fileName = (name: string): FileName => must(parseFileName(name));
export const transfer = (number: number): TransferId => number as TransferId;
export const session = (number: number): SessionId => number as SessionId;
export const messageId = (first: number): ClientMessageId =>
  Uint8Array.from({ length: 16 }, (_, index) => first + index) as ClientMessageId;
