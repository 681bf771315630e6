// Transfers that wait for their turn.
import type { FilePath, TransferId } from '@parley/protocol';
import { expect, test } from 'vitest';
import { type VirtualClient, VirtualServer } from '../support/virtual-server.ts';

/** Asks for as many files; their names and the numbers of the requests follow one another. */
function request(client: VirtualClient, ...requestIds: number[]): void {
  const wanted = { chunkRoot: undefined, ranges: undefined };
  for (const requestId of requestIds) {
    client.send({
      type: 'request-transfer',
      requestId,
      name: `file-${requestId}`,
      ...wanted,
      version: undefined,
    });
  }
}

const opened = (server: VirtualServer) => server.openings.map(({ name }) => name);

function end(server: VirtualServer, name: string): void {
  const transferId = server.openings.find((opening) => opening.name === name)?.transferId as TransferId;
  const ended = { outcome: 'completed', bytesSent: 1, message: '' } as const;
  server.handle({ type: 'transfer-ended', transferId, ...ended });
}

// CHAT-QUEUE-1
test('what is too much waits, is told so, and begins when another one ends', () => {
  const server = new VirtualServer({ limits: { transfersUnderWayMax: 2 } });
  const ann = server.user('ann');
  request(ann, 1, 2, 3);
  expect(opened(server)).toEqual(['file-1', 'file-2']);
  expect(ann.take()).toEqual([{ type: 'transfer-queued', request: 3, transferId: 3 }]);
  // Two are being opened: one that waits counts for no request that the disk has to answer.
  expect(server.server.statistics()).toMatchObject({ transfers: 3, pendingRequests: 2 });
  end(server, 'file-2');
  expect(opened(server)).toEqual(['file-1', 'file-2', 'file-3']);
});

// CHAT-QUEUE-1
test('the next turn is that of whoever has the fewest under way', () => {
  const server = new VirtualServer({ limits: { transfersUnderWayMax: 3 } });
  const [greedy, modest] = [server.user('greedy'), server.user('modest')];
  request(greedy, 1, 2, 3, 4, 5);
  request(modest, 6, 7);
  end(server, 'file-1');
  end(server, 'file-2');
  end(server, 'file-6');
  end(server, 'file-3');
  expect(opened(server)).toEqual(['file-1', 'file-2', 'file-3', 'file-6', 'file-4', 'file-7', 'file-5']);
});

// CHAT-QUEUE-1
test('a user has a limit for all connections, and others do not wait for it', () => {
  const server = new VirtualServer({ limits: { transfersPerUserMax: 1 } });
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  request(ann, 1, 2, 3);
  request(bob, 4);
  expect(opened(server)).toEqual(['file-1', 'file-4']);
  end(server, 'file-4');
  expect(opened(server)).toEqual(['file-1', 'file-4']);
  end(server, 'file-1');
  expect(opened(server)).toEqual(['file-1', 'file-4', 'file-2']);
});

test('a transfer that is refused makes room too', () => {
  const server = new VirtualServer({ limits: { transfersUnderWayMax: 1 } });
  const ann = server.user('ann');
  request(ann, 1, 2);
  const code = 'file-not-found';
  server.handle({ type: 'transfer-refused', transferId: 1 as TransferId, code, message: 'gone' });
  expect(opened(server)).toEqual(['file-1', 'file-2']);
});

// CHAT-TRANSFER-8
test('those that wait count for what a connection may have', () => {
  const server = new VirtualServer({ limits: { transfersUnderWayMax: 1, transfersMax: 2 } });
  const ann = server.user('ann');
  request(ann, 1, 2, 3);
  expect(ann.take().at(-1)).toMatchObject({ type: 'failed', requestId: 3, code: 'transfer-limit' });
});

// CHAT-QUEUE-2
test('one that waits can be cancelled, and never begins', () => {
  const server = new VirtualServer({ limits: { transfersUnderWayMax: 1 } });
  const ann = server.user('ann');
  request(ann, 1, 2);
  ann.take();
  ann.send({ type: 'cancel-transfer', requestId: 9, transferId: 2 as TransferId });
  expect(ann.take()).toMatchObject([
    { type: 'done', requestId: 9 },
    { type: 'failed', requestId: 2, code: 'transfer-not-found' },
  ]);
  end(server, 'file-1');
  expect(opened(server)).toEqual(['file-1' as FilePath]);
  expect(server.server.statistics()).toMatchObject({ transfers: 0, pendingRequests: 0 });
});

// CHAT-QUEUE-2
test('what waits goes with its connection', () => {
  const server = new VirtualServer({ limits: { transfersUnderWayMax: 1 } });
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  request(ann, 1);
  request(bob, 2);
  server.handle({ type: 'connection-closed', connectionId: bob.connectionId, detail: 'gone' });
  expect(server.cancellations).toEqual([]);
  end(server, 'file-1');
  expect(opened(server)).toEqual(['file-1']);
  expect(server.server.statistics()).toMatchObject({ transfers: 0 });
});

// CHAT-QUEUE-2, CHAT-DRAIN-2
test('a server that drains begins nothing that waits', () => {
  const server = new VirtualServer({ limits: { transfersUnderWayMax: 1 } });
  const ann = server.user('ann');
  request(ann, 1, 2);
  ann.take();
  const back = { reconnectAfterMs: 5_000, reconnectSpreadMs: 0 };
  server.handle({ type: 'drain', message: 'an update', endsWithinMs: 9, ...back });
  expect(ann.take()).toMatchObject([
    { type: 'server-draining' },
    { type: 'failed', requestId: 2, code: 'server-draining', retryAfterMs: 5_000 },
  ]);
  end(server, 'file-1');
  expect(opened(server)).toEqual(['file-1']);
  expect(server.server.statistics()).toMatchObject({ transfers: 0 });
});
