/** Times 31 is the same as minus one, in bytes: so many steps further on stands a byte that is larger by one. */
const STEPS_PER_ONE = 223;

/** The first 256 bytes, twice: those of every later 256 are the same from another one on. */
const TWICE = Uint8Array.from({ length: 512 }, (_, index) => index * 31);

/** Stream bytes that can be checked at any offset without keeping the whole: no two near offsets look alike. */
// Each is (at × 31 + (at >> 8) × 17 + (at >> 16) × 7) & 255. Tests need gigabytes of them, so they are copied, not calculated.
export function patternAt(offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; ) {
    const at = offset + index;
    const added = (at >>> 8) * 17 + (at >>> 16) * 7;
    const from = (at + added * STEPS_PER_ONE) & 0xff;
    const count = Math.min(256 - (at & 0xff), length - index);
    bytes.set(TWICE.subarray(from, from + count), index);
    index += count;
  }
  return bytes;
}
