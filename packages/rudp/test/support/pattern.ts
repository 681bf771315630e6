/** Stream bytes that can be checked at any offset without keeping the whole: no two near offsets look alike. */
export function patternAt(offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) {
    const at = offset + index;
    bytes[index] = (at * 31 + (at >>> 8) * 17 + (at >>> 16) * 7) & 0xff;
  }
  return bytes;
}
