// What one turn of the event loop sends, on a real socket.
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import type { ConnectionId, ServerEvent } from '../../src/domain/events.ts';
import { DEFAULT_DOOR_LIMITS } from '../../src/domain/sessions/door.ts';
import { ChatListener } from '../../src/node/connections/chat-listener.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** What a client reads until the server closes, when `act` is called as soon as it has come in. */
async function readAfter(act: (listener: ChatListener, id: ConnectionId) => void): Promise<string> {
  const listener: ChatListener = new ChatListener({
    connectionsMax: 10,
    doorLimits: DEFAULT_DOOR_LIMITS,
    tls: undefined,
    transferPort: () => undefined,
    onTurnEnd: () => {},
    onEvent: (event: ServerEvent) => {
      if (event.type === 'connection-opened') act(listener, event.connectionId);
    },
    onError: () => {},
    onRefused: () => {},
  });
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect({ host: '127.0.0.1', port });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await once(socket, 'close');
  await listener.stop(1_000);
  return Buffer.concat(chunks).toString();
}

test('what goes to a room and what goes to one member keep the order in which they were sent', async () => {
  const text = await readAfter((listener, id) => {
    const [tea, coffee] = [[id], [id]];
    listener.send(id, bytes('accepted '));
    listener.broadcast(tea, bytes('tea '));
    listener.broadcast(coffee, bytes('coffee '));
    listener.send(id, bytes('done '));
    listener.broadcast(tea, bytes('more tea'));
    setImmediate(() => listener.close(id));
  });
  expect(text).toBe('accepted tea coffee done more tea');
});

test('who gets something of its own among what its only room is told gets both in their order', async () => {
  const text = await readAfter((listener, id) => {
    const room = [id];
    listener.broadcast(room, bytes('tea '));
    listener.send(id, bytes('accepted '));
    listener.broadcast(room, bytes('more tea'));
    setImmediate(() => listener.close(id));
  });
  expect(text).toBe('tea accepted more tea');
});

test('what a room is told goes to a member who gets nothing else', async () => {
  const text = await readAfter((listener, id) => {
    const room = [id];
    setImmediate(() => listener.broadcast(room, bytes('tea ')));
    setImmediate(() => setImmediate(() => listener.broadcast(room, bytes('more tea'))));
    setImmediate(() => setImmediate(() => setImmediate(() => listener.close(id))));
  });
  expect(text).toBe('tea more tea');
});

test('who is sent away gets what its rooms were sent before, and nothing after it', async () => {
  const text = await readAfter((listener, id) => {
    const room = [id];
    listener.broadcast(room, bytes('message '));
    listener.send(id, bytes('goodbye'));
    listener.close(id);
    listener.broadcast(room, bytes(' too late'));
    listener.send(id, bytes(' too late'));
  });
  expect(text).toBe('message goodbye');
});

test('what is sent at the end of a turn goes out in that turn', async () => {
  let waiting: number | undefined;
  const text = await readAfter((listener, id) => {
    setImmediate(() => listener.send(id, bytes('written')));
    listener.awaitEndOfTurn();
    setImmediate(() => {
      waiting = listener.queuedBytes;
      listener.close(id);
    });
  });
  expect(waiting).toBe(0);
  expect(text).toBe('written');
});
