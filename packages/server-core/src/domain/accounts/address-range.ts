import type { Parsed } from '@parley/protocol';

/** Addresses that begin with the same bits. Of IPv6 the first 64 are looked at: one customer usually has all of the rest. */
export interface AddressRange {
  /** Four bytes of IPv4, or the first eight of IPv6. */
  readonly bytes: readonly number[];
  readonly prefixBits: number;
}

/** Wider ranges would ban a good part of the world by a slip of a finger. */
const PREFIX_BITS_MIN = { 4: 8, 8: 16 } as const;

/** Reads an address, a network such as `192.0.2.0/24` or `2001:db8::/48`, or a place as `addressKey` writes it. */
// CHAT-MODERATE-5
export function parseAddressRange(text: string): Parsed<AddressRange> {
  const [address = '', prefix, ...rest] = text.trim().toLowerCase().split('/');
  const mapped = address.replace(/^::ffff:(?=\d+\.)/, '');
  const bytes = mapped.includes(':') ? parseIpv6(mapped) : parseIpv4(mapped);
  if (bytes === undefined || rest.length > 0)
    return { ok: false, problem: `${text} is no IP address or network` };
  const bitsWritten = mapped.includes(':') ? 128 : 32;
  const bits = prefix === undefined ? bitsWritten : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (!(bits <= bitsWritten)) {
    return { ok: false, problem: `expected a prefix of at most ${bitsWritten} bits, got /${prefix}` };
  }
  const bitsMin = PREFIX_BITS_MIN[bytes.length as 4 | 8];
  if (bits < bitsMin) return { ok: false, problem: `a network of less than /${bitsMin} is too wide to ban` };
  return { ok: true, value: { bytes, prefixBits: Math.min(bits, bytes.length * 8) } };
}

/** Whether all of `other` lies in `range`. */
export function containsRange(range: AddressRange, other: AddressRange): boolean {
  if (range.bytes.length !== other.bytes.length || other.prefixBits < range.prefixBits) return false;
  for (let bit = 0; bit < range.prefixBits; bit += 8) {
    const mask = (0xff00 >> Math.min(8, range.prefixBits - bit)) & 0xff;
    const index = bit / 8;
    if ((((range.bytes[index] ?? 0) ^ (other.bytes[index] ?? 0)) & mask) !== 0) return false;
  }
  return true;
}

/** Text that is the same for the same range, however it was typed; of IPv6 as RFC 5952 writes it. */
export function formatAddressRange({ bytes, prefixBits }: AddressRange): string {
  const kept = bytes.map((byte, index) => {
    const bits = Math.max(0, Math.min(8, prefixBits - index * 8));
    return byte & (0xff00 >> bits) & 0xff;
  });
  if (kept.length === 4) return prefixBits === 32 ? kept.join('.') : `${kept.join('.')}/${prefixBits}`;
  const groups = [0, 2, 4, 6].map((at) => (((kept[at] ?? 0) << 8) | (kept[at + 1] ?? 0)).toString(16));
  // The second half is zeros: no other run of them is longer.
  return `${groups.join(':').replace(/(^|:)0(:0)*$/, '')}::/${prefixBits}`;
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

/** The first eight bytes. */
function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  if (![...head, ...tail].every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail].slice(0, 4);
  return groups.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
