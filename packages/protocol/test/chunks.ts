import type { MessageDecoder } from '../src/index.ts';

/** All messages in `chunks`, fed in that order. */
export function decodeAll<Message extends { readonly type: string }>(
  decoder: MessageDecoder<Message>,
  chunks: Iterable<Uint8Array>,
): Message[] {
  const messages: Message[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let message = decoder.next(); message !== undefined; message = decoder.next()) messages.push(message);
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
