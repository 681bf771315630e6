import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the bytes of a run went, by the logs of both ends: UDP payload bytes. What a killed program had not yet written down is missing. */
interface Account {
  /** Sent by the server: each byte of a stream for the first time, and again. */
  readonly streamBytesSent: number;
  readonly streamBytesSentAgain: number;
  /** What packets with stream bytes have around them, and packets without any. */
  readonly headerBytesSent: number;
  readonly controlBytesSent: number;
  /** Packets that the server gave up, and those of them that had arrived after all. */
  readonly packetsLost: number;
  readonly packetsLostThatArrived: number;
  /** Stream bytes that came to a living client more than once. */
  readonly streamBytesArrivedTwice: number;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

interface Packet {
  readonly bytes: number;
  readonly number: number | undefined;
  readonly ranges: readonly Range[];
}

/** What one log tells. */
interface Log {
  readonly sent: Packet[];
  readonly received: Packet[];
  readonly lost: number[];
}

/** The fields of qlog that count here. */
interface QlogEvent {
  readonly name?: string;
  readonly data?: {
    readonly header?: { readonly packet_number?: number };
    readonly raw?: { readonly length?: number };
    readonly frames?: readonly {
      readonly frame_type: string;
      readonly offset?: number;
      readonly length?: number;
    }[];
  };
}

const ENDINGS = { server: '_server.sqlog', client: '_client.sqlog' };

/** Reads the logs that both ends have left in a folder. */
export function accountOf(folder: string): Account {
  const sum = {
    streamBytesSent: 0,
    streamBytesSentAgain: 0,
    headerBytesSent: 0,
    controlBytesSent: 0,
    packetsLost: 0,
    packetsLostThatArrived: 0,
    streamBytesArrivedTwice: 0,
  };
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(ENDINGS.server)) continue;
    const server = readLog(join(folder, name));
    const client = readLog(join(folder, name.replace(ENDINGS.server, ENDINGS.client)));
    const sent = coverage(server.sent);
    const arrived = coverage(client.received);
    const arrivedNumbers = new Set(client.received.map(({ number }) => number));
    sum.streamBytesSent += sent.distinctBytes;
    sum.streamBytesSentAgain += sent.streamBytes - sent.distinctBytes;
    sum.headerBytesSent += sent.headerBytes;
    sum.controlBytesSent += sent.controlBytes;
    sum.packetsLost += server.lost.length;
    sum.packetsLostThatArrived += server.lost.filter((number) => arrivedNumbers.has(number)).length;
    sum.streamBytesArrivedTwice += arrived.streamBytes - arrived.distinctBytes;
  }
  return sum;
}

function coverage(packets: readonly Packet[]) {
  const sum = { streamBytes: 0, distinctBytes: 0, headerBytes: 0, controlBytes: 0 };
  for (const { bytes, ranges } of packets) {
    const streamBytes = ranges.reduce((total, { start, end }) => total + end - start, 0);
    sum.streamBytes += streamBytes;
    if (streamBytes > 0) sum.headerBytes += bytes - streamBytes;
    else sum.controlBytes += bytes;
  }
  let covered = 0;
  const ranges = packets.flatMap((packet) => packet.ranges).sort((left, right) => left.start - right.start);
  for (const { start, end } of ranges) {
    sum.distinctBytes += Math.max(0, end - Math.max(start, covered));
    covered = Math.max(covered, end);
  }
  return sum;
}

/** The log of a program that was killed ends anywhere, or was never begun. */
function readLog(path: string): Log {
  const log: Log = { sent: [], received: [], lost: [] };
  for (const record of textOf(path).split('\u001e')) {
    const event = parse(record);
    if (event?.name === 'transport:packet_sent') log.sent.push(packetOf(event));
    else if (event?.name === 'transport:packet_received') log.received.push(packetOf(event));
    else if (event?.name === 'recovery:packet_lost') log.lost.push(event.data?.header?.packet_number ?? -1);
  }
  return log;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function parse(record: string): QlogEvent | undefined {
  try {
    return JSON.parse(record) as QlogEvent;
  } catch {
    return undefined;
  }
}

function packetOf({ data }: QlogEvent): Packet {
  const frames = (data?.frames ?? []).filter(({ frame_type }) => frame_type === 'stream');
  const ranges = frames.map(({ offset = 0, length = 0 }) => ({ start: offset, end: offset + length }));
  return { bytes: data?.raw?.length ?? 0, number: data?.header?.packet_number, ranges };
}
