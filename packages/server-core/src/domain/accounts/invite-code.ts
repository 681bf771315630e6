import { toHex } from '../hex.ts';

/** What is kept of an invite code: the code cannot be found from it. Codes are made of ASCII; others have no id that is kept. */
export function codeIdOf(code: string, hash: (bytes: Uint8Array) => Uint8Array): string {
  const isAscii = /^[\x21-\x7e]+$/.test(code);
  const bytes = Uint8Array.from(isAscii ? code : '', (character) => character.charCodeAt(0));
  return toHex(hash(bytes));
}
