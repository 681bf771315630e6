import { expect, test } from 'vitest';
import { VirtualServer } from '../support/virtual-server.ts';

// CHAT-WATCH-1
test('who watches is told that files changed, until it wants no more or goes', () => {
  const server = new VirtualServer();
  const [ann, bob] = [server.user('ann'), server.observer()];
  ann.take();
  ann.send({ type: 'watch-files', requestId: 1, isWatching: 1 });
  bob.send({ type: 'watch-files', requestId: 2, isWatching: 1 });
  bob.send({ type: 'watch-files', requestId: 3, isWatching: 2 });
  expect(ann.take()).toEqual([{ type: 'done', requestId: 1 }]);
  expect(bob.take()).toEqual([
    { type: 'done', requestId: 2 },
    { type: 'done', requestId: 3 },
  ]);
  server.handle({ type: 'files-changed' });
  expect(ann.take()).toEqual([{ type: 'files-changed' }]);
  expect(bob.take()).toEqual([{ type: 'files-changed' }]);
  bob.send({ type: 'watch-files', requestId: 4, isWatching: 0 });
  bob.take();
  server.handle({ type: 'files-changed' });
  expect(bob.take()).toEqual([]);
  ann.send({ type: 'leave', reason: '' });
  ann.take();
  server.handle({ type: 'files-changed' });
  expect(ann.take()).toEqual([]);
  // The folder is looked at from the first one on until the last one.
  expect(server.fileWatches).toEqual([true, false]);
});

// CHAT-WATCH-1
test('a server that shares nothing has nothing to look at', () => {
  const server = new VirtualServer({ sharesFiles: false });
  const ann = server.observer();
  ann.send({ type: 'watch-files', requestId: 1, isWatching: 1 });
  expect(ann.take()).toMatchObject([{ type: 'done', requestId: 1 }]);
  expect(server.fileWatches).toEqual([]);
});
