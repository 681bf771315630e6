import { isIPv6 } from 'node:net';

/**
 * What counts as one place when connections are counted: an IPv4 address, the /64 of an IPv6 address (one customer
 * usually has a whole one), `undefined` for loopback.
 */
export function addressKey(remoteAddress: string | undefined): string | undefined {
  if (remoteAddress === undefined) return undefined;
  const address = remoteAddress.toLowerCase().replace(/^::ffff:(?=[\d.]+$)/, '');
  if (address === '::1' || /^127\./.test(address)) return undefined;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%')[0] as string).split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const tailGroups = tail === '' ? 0 : tail.split(':').length;
    while (groups.length + tailGroups < 8) groups.push('0');
  }
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
