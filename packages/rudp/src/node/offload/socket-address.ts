import { isIPv6 } from 'node:net';
import { endianness } from 'node:os';
import type { RemoteAddress } from '../../core/index.ts';
import { AddressFamily, type Libc } from './libc.ts';

/** Sizes of `struct sockaddr_in` and `struct sockaddr_in6`. */
const IPV4_BYTES = 16;
const IPV6_BYTES = 28;

/** Where their fields begin. */
const PORT_OFFSET = 2;
const IPV4_ADDRESS_OFFSET = 4;
const IPV6_ADDRESS_OFFSET = 8;
const IPV6_SCOPE_OFFSET = 24;
const IPV4_ADDRESS_BYTES = 4;
const IPV6_ADDRESS_BYTES = 16;

/** The family of a socket for this host. */
export function familyOf(host: string): number {
  return isIPv6(host) ? AddressFamily.ipv6 : AddressFamily.ipv4;
}

/** Bytes of an address of that family. */
export function addressBytesOf(family: number): number {
  return family === AddressFamily.ipv6 ? IPV6_BYTES : IPV4_BYTES;
}

/** An address as the C library wants it. Throws an error with the code ENOTFOUND when `host` is none. */
export function encodeSocketAddress(libc: Libc, { host, port }: RemoteAddress): Uint8Array {
  const family = familyOf(host);
  const bytes = new Uint8Array(addressBytesOf(family));
  const view = new DataView(bytes.buffer);
  const isLittleEndian = endianness() === 'LE';
  view.setUint16(0, family, isLittleEndian);
  view.setUint16(PORT_OFFSET, port);
  const [address = '', zone] = host.split('%');
  const target = bytes.subarray(family === AddressFamily.ipv6 ? IPV6_ADDRESS_OFFSET : IPV4_ADDRESS_OFFSET);
  if (!libc.parseAddress(family, address, target))
    throw Object.assign(new Error(`expected an IP address, got ${host}`), { code: 'ENOTFOUND' });
  // Link-local addresses say behind which interface they are.
  if (zone !== undefined) view.setUint32(IPV6_SCOPE_OFFSET, libc.interfaceIndex(zone), isLittleEndian);
  return bytes;
}

/** The address that the C library wrote, spelled as `node:dgram` does. */
export function decodeSocketAddress(libc: Libc, bytes: Uint8Array): RemoteAddress {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const isLittleEndian = endianness() === 'LE';
  const family = view.getUint16(0, isLittleEndian);
  const port = view.getUint16(PORT_OFFSET);
  if (family !== AddressFamily.ipv6) {
    const address = bytes.subarray(IPV4_ADDRESS_OFFSET, IPV4_ADDRESS_OFFSET + IPV4_ADDRESS_BYTES);
    return { host: address.join('.'), port };
  }
  const address = bytes.subarray(IPV6_ADDRESS_OFFSET, IPV6_ADDRESS_OFFSET + IPV6_ADDRESS_BYTES);
  const host = libc.formatAddress(AddressFamily.ipv6, address);
  const isLinkLocal = address[0] === 0xfe && ((address[1] as number) & 0xc0) === 0x80;
  if (!isLinkLocal) return { host, port };
  return { host: `${host}%${libc.interfaceName(view.getUint32(IPV6_SCOPE_OFFSET, isLittleEndian))}`, port };
}
