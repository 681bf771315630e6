import { cutToUtf8Bytes } from '@parley/protocol';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it replaces
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;

/** Makes any text fit to be shown on one line (CHAT-TEXT-2): control characters become spaces, the rest is cut to `bytesMax`. */
// CHAT-LEAVE-1
export function toShownText(text: string, bytesMax: number): string {
  const clean = text
    .replace(CONTROL, ' ')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .trim();
  return cutToUtf8Bytes(clean, bytesMax);
}
