import { connect, listen } from '@parley/rudp';
import { runDriver } from './peers/stream-driver.ts';

// INSECURE, to measure what packet protection costs: our own transport without it, all other settings at their defaults.
const unprotected = { dangerouslyWithoutPacketProtection: true };

await runDriver(
  {
    async receive(host, port, received) {
      const listener = await listen({ host, port, ...unprotected });
      listener.on('connection', (connection) => {
        connection.on('data', (chunk: Uint8Array) => received(chunk.length));
        connection.on('error', (error: Error) => process.stderr.write(`recv: ${error.message}\n`));
      });
      listener.on('error', (error: Error) => process.stderr.write(`recv: ${error.message}\n`));
    },
    send: (host, port) => connect({ host, port, ...unprotected }),
  },
  process.argv.slice(2),
);
