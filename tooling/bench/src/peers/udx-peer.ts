import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { runDriver } from './stream-driver.ts';

interface UdxStream extends Duplex {
  connect(socket: unknown, remoteId: number, port: number, host: string): void;
}

interface Udx {
  createSocket(): { bind(port: number, host: string): void };
  createStream(id: number): UdxStream;
}

// udx has no handshake: both ends know both ports and both stream ids. MODULES is where npm put it, PEER the sender's address.
const { MODULES = '.', PEER = '127.0.0.1' } = process.env;
const UdxConstructor: new () => Udx = createRequire(join(MODULES, 'package.json'))('udx-native');
const RECEIVER_ID = 2;
const SENDER_ID = 1;

function openStream(id: number, localPort: number): { udx: Udx; stream: UdxStream; socket: unknown } {
  const udx = new UdxConstructor();
  const socket = udx.createSocket();
  socket.bind(localPort, '0.0.0.0');
  return { udx, stream: udx.createStream(id), socket };
}

await runDriver(
  {
    async receive(_host, port, accept) {
      const { stream, socket } = openStream(RECEIVER_ID, port);
      stream.connect(socket, SENDER_ID, port + 1, PEER);
      accept(stream);
    },
    send(host, port) {
      const { stream, socket } = openStream(SENDER_ID, port + 1);
      stream.connect(socket, RECEIVER_ID, port, host);
      return stream;
    },
  },
  process.argv.slice(2),
);
