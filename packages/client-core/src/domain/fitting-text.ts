import { cutToUtf8Bytes } from '@parley/protocol';

/** What can be sent of a text that may be cut: half of a character is nothing that can. */
export function fittingText(text: string, bytesMax: number): string {
  return cutToUtf8Bytes(text.replace(/\p{Surrogate}/gu, '\ufffd'), bytesMax);
}
