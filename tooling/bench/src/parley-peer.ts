import { connect, listen } from '@parley/rudp';
import { runDriver } from './peers/stream-driver.ts';

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
    send: (host, port) => connect({ host, port }),
  },
  process.argv.slice(2),
);
