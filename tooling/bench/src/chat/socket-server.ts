import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/*
 * Rooms as programs on Node mostly have them, with the packages that were installed for comparison (`--modules`).
 *   socket-server ws PORT MODULES           the package ws: one `send` to each
 *   socket-server socket.io PORT MODULES    socket.io over WebSocket: one `emit` to all
 */
const [kind, port, modulesFolder = '.'] = process.argv.slice(2);
const requirePeer = createRequire(join(modulesFolder, 'package.json'));
const http = createServer();

/** As much of the two packages as is used here. */
interface Peer {
  on(event: string, listener: (...values: unknown[]) => void): void;
  send(data: unknown, options: object): void;
  readonly broadcast: { emit(event: string, data: unknown): void };
}
interface PeerServer {
  on(event: 'connection', listener: (peer: Peer) => void): void;
  readonly clients: Set<Peer>;
}

if (kind === 'ws') {
  const { WebSocketServer } = requirePeer('ws') as { WebSocketServer: new (options: object) => PeerServer };
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  server.on('connection', (peer) => {
    peer.on('error', () => {});
    peer.on('message', (data, isBinary) => {
      for (const other of server.clients) if (other !== peer) other.send(data, { binary: isBinary });
    });
  });
} else {
  const { Server } = requirePeer('socket.io') as {
    Server: new (http: object, options: object) => PeerServer;
  };
  const server = new Server(http, { pingInterval: 120_000, transports: ['websocket'] });
  server.on('connection', (peer) => peer.on('m', (data) => peer.broadcast.emit('m', data)));
}
http.listen({ port: Number(port), host: '127.0.0.1', backlog: 1024 }, () => process.stdout.write('READY\n'));
