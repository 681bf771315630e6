import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { runDriver } from './stream-driver.ts';

await runDriver(
  {
    async receive(host, port, accept) {
      const server = createServer(accept);
      server.listen(port, host);
      await once(server, 'listening');
    },
    send: (host, port) => connect(port, host),
  },
  process.argv.slice(2),
);
