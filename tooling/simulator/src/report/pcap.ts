import type { Address } from '@parley/netsim';

/** One UDP datagram at a time. */
export interface CapturedDatagram {
  readonly atMs: number;
  readonly source: Address;
  readonly target: Address;
  readonly payload: Uint8Array;
}

const GLOBAL_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const IP_HEADER_BYTES = 20;
const UDP_HEADER_BYTES = 8;
const SNAPSHOT_BYTES_MAX = 262_144;
/** LINKTYPE_RAW of https://www.tcpdump.org/linktypes.html: the packet begins with its IP header. */
const RAW_IP_LINK_TYPE = 101;
const UDP_PROTOCOL = 17;
const TIME_TO_LIVE = 64;

/** A capture file (the classic libpcap format, microseconds) that Wireshark opens. */
export function encodePcap(datagrams: readonly CapturedDatagram[]): Uint8Array {
  const header = Buffer.alloc(GLOBAL_HEADER_BYTES);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(SNAPSHOT_BYTES_MAX, 16);
  header.writeUInt32LE(RAW_IP_LINK_TYPE, 20);
  return Buffer.concat([header, ...datagrams.map(encodeRecord)]);
}

function encodeRecord({ atMs, source, target, payload }: CapturedDatagram): Buffer {
  const ipBytes = IP_HEADER_BYTES + UDP_HEADER_BYTES + payload.length;
  const record = Buffer.alloc(RECORD_HEADER_BYTES + IP_HEADER_BYTES + UDP_HEADER_BYTES);
  const microseconds = Math.floor(atMs * 1000);
  record.writeUInt32LE(Math.floor(microseconds / 1e6), 0);
  record.writeUInt32LE(microseconds % 1e6, 4);
  record.writeUInt32LE(ipBytes, 8);
  record.writeUInt32LE(ipBytes, 12);
  const ip = record.subarray(RECORD_HEADER_BYTES);
  ip[0] = 0x45;
  ip.writeUInt16BE(ipBytes, 2);
  ip[8] = TIME_TO_LIVE;
  ip[9] = UDP_PROTOCOL;
  ip.set(hostBytes(source), 12);
  ip.set(hostBytes(target), 16);
  ip.writeUInt16BE(checksum(ip.subarray(0, IP_HEADER_BYTES)), 10);
  // A UDP checksum of zero means that there is none (RFC 768).
  ip.writeUInt16BE(source.port, 20);
  ip.writeUInt16BE(target.port, 22);
  ip.writeUInt16BE(UDP_HEADER_BYTES + payload.length, 24);
  return Buffer.concat([record, payload]);
}

function hostBytes({ host }: Address): number[] {
  return host.split('.').map(Number);
}

/** The Internet checksum of RFC 1071. */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < bytes.length; index += 2) {
    sum += ((bytes[index] as number) << 8) | (bytes[index + 1] as number);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
