import { writeSync } from 'node:fs';
import { connect, listen, prepare, type RudpConnection, type UdpSocketStatistics } from '@parley/rudp';
import { nanosecondsNow, runDriver } from './peers/stream-driver.ts';

const statisticsIntervalMs = 50;

// Our own transport, as a program that uses it would: a stream in, a stream out, all settings at their defaults unless the
// environment names another way to the system, or a packet size that the search is not to exceed, or forgoes packet protection:
// insecure, to measure what that costs.
const { PARLEY_IO, PARLEY_DATAGRAM_BYTES_MAX, PARLEY_PROTECTION } = process.env;
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
    async receive(host, port, received) {
      const listener = await listen({ host, port, ...options });
      socketStatistics = () => listener.socketStatistics();
      listener.on('connection', (connection) => {
        connection.on('data', (chunk: Uint8Array) => received(chunk.length));
        connection.on('error', (error: Error) => process.stderr.write(`recv: ${error.message}\n`));
      });
      listener.on('error', (error: Error) => process.stderr.write(`recv: ${error.message}\n`));
    },
    send(host, port) {
      const connection = connect({ host, port, ...options });
      if (process.env.STATISTICS === 'print') printStatistics(connection);
      return connection;
    },
    report: () => ({ backend: socketStatistics()?.backend }),
  },
  process.argv.slice(2),
);

/** For a timeline: at SIGTERM the sender tells what its congestion control believed. */
function printStatistics(connection: RudpConnection): void {
  const statistics: [number, number, number, number][] = [];
  setInterval(() => {
    const now = connection.statistics();
    if (now !== undefined)
      statistics.push([nanosecondsNow(), now.congestionWindow, now.smoothedRttMs, now.pacingRate]);
  }, statisticsIntervalMs);
  process.on('SIGTERM', () => {
    writeSync(1, `${JSON.stringify({ statistics })}\n`);
    process.exit(0);
  });
}
