// Clients that begin and do not go on, on real sockets; the limits are short so that nothing waits long.
import { once } from 'node:events';
import { connect } from 'node:net';
import { clientMessages } from '@parley/protocol';
import { expect, test } from 'vitest';
import { createParleyServer, type ServerNote } from '../../src/index.ts';

const hello = clientMessages.encode({ type: 'hello', versionMin: 1, versionMax: 1, agent: 'slow' });
const half = hello.subarray(0, hello.length - 1);

/** Everything that a client gets who sends these bytes and then nothing, and how its session ended. */
async function endOf(
  bytes: Uint8Array,
): Promise<{ readonly code: string | undefined; readonly last: number }> {
  const limits = { helloTimeoutMs: 20, pingAfterMs: 10, silenceMaxMs: 20 };
  const server = createParleyServer({ host: '127.0.0.1', port: 0, limits });
  const codes: (string | undefined)[] = [];
  server.on('note', (note: ServerNote) => {
    if (note.name === 'session-ended') codes.push(note.code);
  });
  const { port } = await server.start();
  const socket = connect(port, '127.0.0.1');
  const received: Buffer[] = [];
  socket.on('data', (chunk) => received.push(chunk));
  socket.write(bytes);
  await once(socket, 'close');
  await server.stop();
  expect(server.statistics()).toMatchObject({ connections: 0, sessions: 0 });
  return { code: codes[0], last: Buffer.concat(received).length };
}

// CHAT-HELLO-4
test.each([
  ['nothing', new Uint8Array(0)],
  ['half of hello', half],
  ['half of a length', half.subarray(0, 2)],
])('%s is no hello, however long it takes', async (_, bytes) => {
  expect(await endOf(bytes)).toMatchObject({ code: 'hello-timeout' });
});

// CHAT-PING-2
test('half a message is no sign of life', async () => {
  expect(await endOf(Buffer.concat([hello, half]))).toMatchObject({ code: 'peer-silent' });
});
