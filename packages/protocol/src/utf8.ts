/**
 * UTF-8 through the platform's own codec. `TextEncoder` and `TextDecoder` exist in every browser and in Node but not in
 * ECMAScript, so this one file declares the little that is used of them.
 */
interface Utf8Encoder {
  encode(text: string): Uint8Array;
  encodeInto(text: string, into: Uint8Array): { readonly read: number };
}
interface Utf8Decoder {
  decode(bytes: Uint8Array): string;
}
declare const TextEncoder: new () => Utf8Encoder;
declare const TextDecoder: new (
  label: string,
  options: { fatal: boolean; ignoreBOM: boolean },
) => Utf8Decoder;

const encoder = new TextEncoder();
// `ignoreBOM: true` keeps a leading U+FEFF as a character: what is encoded has to come back.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 of `text`. Lone surrogates become U+FFFD: ask `isWellFormed` first where that matters. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Puts a text into as many bytes as it has characters, when all of it is ASCII; otherwise returns false. */
export function encodeAsciiInto(text: string, into: Uint8Array): boolean {
  // Any other character takes more than one byte, so that not all of the text finds room.
  return encoder.encodeInto(text, into).read === text.length;
}

/** Text of well-formed UTF-8; `undefined` for anything else. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Whether every surrogate in `text` has its partner. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Bytes that `text` takes in UTF-8. */
export function utf8ByteLength(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    // Each half of a surrogate pair counts two of the four bytes.
    else if (unit >= 0xd800 && unit < 0xe000) bytes += 2;
    else bytes += 3;
  }
  return bytes;
}

/** The longest beginning of `text` that takes at most `bytesMax` bytes in UTF-8; cut between characters, never in one. */
export function cutToUtf8Bytes(text: string, bytesMax: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += utf8ByteLength(character);
    if (bytes > bytesMax) return text.slice(0, end);
    end += character.length;
  }
  return text;
}
