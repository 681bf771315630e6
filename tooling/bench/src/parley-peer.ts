import { openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { connect, listen, prepare, type RudpConnection, type UdpSocketStatistics } from '@parley/rudp';
import { nanosecondsNow, runDriver } from './peers/stream-driver.ts';

const STATISTICS_INTERVAL_MS = 50;
const BLOCK_BYTES = 262_144;

// Our own transport, as a program that uses it would: a stream in, a stream out, all settings at their defaults unless the
// environment names another way to the system, or a packet size that the search is not to exceed, or forgoes packet protection:
// insecure, to measure what that costs.
const { FILES, PARLEY_IO, PARLEY_DATAGRAM_BYTES_MAX, PARLEY_PROTECTION } = process.env;
const options = {
  io: PARLEY_IO === 'portable' || PARLEY_IO === 'offload' ? PARLEY_IO : 'auto',
  dangerouslyWithoutPacketProtection: PARLEY_PROTECTION === 'none',
  ...(PARLEY_DATAGRAM_BYTES_MAX ? { config: { datagramBytesMax: Number(PARLEY_DATAGRAM_BYTES_MAX) } } : {}),
} as const;
// As a program does at its start, before anybody waits: the other peers load what they need when they are imported.
await prepare(options);
let socketStatistics: () => UdpSocketStatistics | undefined = () => undefined;

await runDriver(
  {
    async receive(host, port, accept, written) {
      const listener = await listen({ host, port, ...options });
      socketStatistics = () => listener.socketStatistics();
      listener.on('connection', (connection) => {
        if (FILES === undefined) accept(connection);
        else {
          const sink = new FileSink(join(FILES, 'target'), written);
          connection.receiveInto(sink);
          connection.on('end', () => sink.end());
        }
      });
      listener.on('error', (error: Error) => process.stderr.write(`recv: ${error.message}\n`));
    },
    send: open,
    sendFile(host, port, path) {
      const connection = open(host, port);
      fillFrom(path, connection);
      return connection;
    },
    report: () => ({ backend: socketStatistics()?.backend }),
  },
  process.argv.slice(2),
);

function open(host: string, port: number): RudpConnection {
  const connection = connect({ host, port, ...options });
  if (process.env.STATISTICS === 'print') printStatistics(connection);
  return connection;
}

/** Fills a connection from a file, as the programs do: read when it can leave, into the memory that packets are made from. */
function fillFrom(path: string, connection: RudpConnection): void {
  const file = openSync(path, 'r');
  connection.sendFrom({ read: (target) => readSync(file, target) || undefined });
}

/** Puts what arrives into its place in a file, in whole blocks where it comes in order. */
class FileSink {
  readonly #file: number;
  readonly #written: (byteLength: number) => void;
  readonly #block = new Uint8Array(BLOCK_BYTES);
  #start = 0;
  #length = 0;

  constructor(path: string, written: (byteLength: number) => void) {
    this.#file = openSync(path, 'w');
    this.#written = written;
  }

  write(offset: number, bytes: Uint8Array): void {
    if (offset !== this.#start + this.#length || bytes.length > BLOCK_BYTES - this.#length)
      this.#flush(offset);
    this.#block.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  end(): void {
    this.#flush(0);
  }

  #flush(nextStart: number): void {
    writeSync(this.#file, this.#block, 0, this.#length, this.#start);
    this.#written(this.#length);
    this.#start = nextStart;
    this.#length = 0;
  }
}

/** For a timeline: at SIGTERM the sender tells what its congestion control believed. */
function printStatistics(connection: RudpConnection): void {
  const statistics: [number, number, number, number][] = [];
  setInterval(() => {
    const now = connection.statistics();
    if (now !== undefined)
      statistics.push([nanosecondsNow(), now.congestionWindow, now.smoothedRttMs, now.pacingRate]);
  }, STATISTICS_INTERVAL_MS);
  process.on('SIGTERM', () => {
    writeSync(1, `${JSON.stringify({ statistics })}\n`);
    process.exit(0);
  });
}
