import { writeSync } from 'node:fs';
import { connect, listen, type RudpConnection } from '@parley/rudp';
import { nanosecondsNow, runDriver } from './peers/stream-driver.ts';

const statisticsIntervalMs = 50;

// Our own transport, as a program that uses it would: a stream in, a stream out, all settings at their defaults.
await runDriver(
  {
    async receive(host, port, received) {
      const listener = await listen({ host, port });
      listener.on('connection', (connection) => {
        connection.on('data', (chunk: Uint8Array) => received(chunk.length));
        connection.on('error', (error: Error) => process.stderr.write(`recv: ${error.message}\n`));
      });
      listener.on('error', (error: Error) => process.stderr.write(`recv: ${error.message}\n`));
    },
    send(host, port) {
      const connection = connect({ host, port });
      if (process.env.STATISTICS === 'print') printStatistics(connection);
      return connection;
    },
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
