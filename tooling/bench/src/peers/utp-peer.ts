import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { runDriver } from './stream-driver.ts';

interface Utp {
  createServer(onConnection: (stream: Duplex) => void): NodeJS.EventEmitter & {
    listen(port: number, host: string): void;
  };
  connect(port: number, host: string): Duplex;
}

// MODULES is where npm put it.
const utp: Utp = createRequire(join(process.env.MODULES ?? '.', 'package.json'))('utp-native');

await runDriver(
  {
    async receive(host, port, accept) {
      const server = utp.createServer(accept);
      server.listen(port, host);
      await once(server, 'listening');
    },
    send: (host, port) => utp.connect(port, host),
  },
  process.argv.slice(2),
);
