import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { openPortableSocket } from '../../src/node/portable-socket.ts';
import { until } from './loopback.ts';

test('a datagram is a plain array, whose memory is given back when it has been dealt with', async () => {
  const during: number[][] = [];
  const received: Uint8Array[] = [];
  const socket = await openPortableSocket({
    bind: { host: '127.0.0.1', port: 0 },
    onDatagram: (_remote, bytes) => {
      received.push(bytes);
      during.push([...bytes]);
    },
    onError: (error) => expect.unreachable(error.message),
  });
  onTestFinished(() => socket.close());
  const sender = createSocket('udp4').bind();
  await once(sender, 'listening');
  onTestFinished(() => void sender.close());
  for (const bytes of [[], [1], [1, 2, 3]])
    sender.send(Uint8Array.from(bytes), socket.local.port, '127.0.0.1');
  await until(() => during.length === 3);
  expect(during).toEqual([[], [1], [1, 2, 3]]);
  // What comes behind the handler runs before the next turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  for (const bytes of received) {
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    expect(bytes.buffer.byteLength).toBe(0);
  }
});
