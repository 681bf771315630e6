// Those who are turned away at the door, on real sockets that seem to come from elsewhere. No time goes by.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DEFAULT_DOOR_LIMITS } from '../../src/domain/sessions/door.ts';
import { createSelfSignedIdentity } from '../../src/index.ts';
import { ConnectionDoor, type TlsIdentity } from '../../src/node/connections/connection-door.ts';
import { SocketClient } from '../support/socket-client.ts';

let server: Server;
let door: ConnectionDoor;
let refused: string[] = [];

async function open(tls?: TlsIdentity): Promise<number> {
  refused = [];
  door = new ConnectionDoor({
    transferPort: () => undefined,
    limits: { ...DEFAULT_DOOR_LIMITS, arrivalsPerAddress: { burst: 1, perSecond: 0.001 } },
    tls,
    events: {
      onConnection: (socket, address) => {
        socket.on('error', () => {});
        socket.on('close', () => door.settle(address));
        socket.resume();
      },
      onRefused: (code) => refused.push(code),
    },
  });
  server = createServer((socket) => {
    Object.defineProperty(socket, 'remoteAddress', { value: '192.0.2.1' });
    door.handleSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(async () => {
  vi.useRealTimers();
  await door.close(0);
  await new Promise((resolve) => server.close(resolve));
  expect(door.waitingCount).toBe(0);
});

// CHAT-DOOR-1
test('who comes too fast is told so in a message on plain TCP', async () => {
  const port = await open();
  const first = new SocketClient(port);
  await first.connected();
  const second = new SocketClient(port);
  expect(await second.next('goodbye')).toMatchObject({
    code: 'connection-rate',
    message: 'connections come too fast from this address',
    reconnectAfterMs: expect.any(Number),
  });
  await second.closed;
  expect(first.socket.destroyed).toBe(false);
  first.socket.destroy();
});

// CHAT-TLS-4
test('who comes too fast is told so with an alert on TLS', async () => {
  const port = await open(createSelfSignedIdentity(new Date()));
  const first = new SocketClient(port);
  await first.connected();
  const second = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false });
  const [error] = await once(second, 'error');
  expect(error.code).toBe('ERR_SSL_TLSV1_ALERT_ACCESS_DENIED');
  expect(refused).toEqual(['connection-rate']);
  first.socket.destroy();
});
