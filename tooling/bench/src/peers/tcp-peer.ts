import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { runDriver } from './stream-driver.ts';

await runDriver(
  {
    async receive(host, port, received) {
      const server = createServer((socket) => {
        socket.on('data', (chunk) => received(chunk.length));
        socket.on('error', () => {});
      });
      server.listen(port, host);
      await once(server, 'listening');
    },
    send: (host, port) => connect(port, host),
  },
  process.argv.slice(2),
);
