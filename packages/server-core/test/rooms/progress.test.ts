// A room is told how far a transfer of one of its members is: by whom, how often, and who hears of it.
import type { ClientMessageOf, Nickname } from '@parley/protocol';
import { expect, test } from 'vitest';
import { type VirtualClient, VirtualServer } from '../support/virtual-server.ts';

type Words = ClientMessageOf<'tell-progress'>;

const words = (changes: Partial<Words> = {}): Words => ({
  type: 'tell-progress',
  line: 1,
  room: 'lobby',
  name: 'big.iso',
  state: 'moving',
  size: 1_000,
  bytes: 10,
  bytesPerSecond: 5,
  ...changes,
});

function fetching(client: VirtualClient, name = 'big.iso'): void {
  client.send({
    type: 'request-transfer',
    requestId: 90,
    name,
    chunkRoot: undefined,
    ranges: undefined,
    version: undefined,
  });
  client.take();
}

function scene() {
  const server = new VirtualServer({ uploads: 'all', operatorCode: 'c0de' });
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  fetching(ann);
  bob.take();
  return { server, ann, bob };
}

// CHAT-PROGRESS-2
test('all who are in the room, the teller too, hear of an open transfer what the server knows and the client says', () => {
  const { ann, bob } = scene();
  ann.send(words({ bytes: 2_000 }));
  const figures = { state: 'moving', size: 1_000, bytes: 1_000, bytesPerSecond: 5 };
  const told = {
    type: 'progress',
    room: 'lobby',
    nickname: 'ann',
    line: 1,
    direction: 'download',
    name: 'big.iso',
  };
  expect(bob.take()).toEqual([{ ...told, ...figures }]);
  expect(ann.take()).toEqual([{ ...told, ...figures }]);
});

// CHAT-PROGRESS-2
test('nothing is told of a transfer that is not open, and of the names of folders what is in them counts', () => {
  const { ann, bob } = scene();
  for (const name of ['other.iso', 'big', 'big.iso/part', '', '../x']) ann.send(words({ name }));
  expect(bob.take()).toEqual([]);
  fetching(ann, 'docs/deep/large.bin');
  ann.send(words({ name: 'docs', line: 2 }));
  expect(bob.take()).toMatchObject([{ name: 'docs', line: 2 }]);
});

// CHAT-PROGRESS-3
test('a line is told of once a second, however often its client tells', () => {
  const { server, ann, bob } = scene();
  for (const bytes of [1, 2]) ann.send(words({ bytes }));
  server.advance(999);
  ann.send(words({ bytes: 3 }));
  server.advance(1);
  ann.send(words({ bytes: 4 }));
  expect(bob.take().map((message) => (message as { bytes: number }).bytes)).toEqual([1, 4]);
});

// CHAT-PROGRESS-3
test('a room has so many lines at a time; those of which nothing is told make room', () => {
  const { server, ann, bob } = scene();
  for (let line = 1; line <= 17; line += 1) ann.send(words({ line }));
  expect(bob.take()).toHaveLength(16);
  expect(ann.takeOnly('progress-refused')).toMatchObject([{ line: 17, code: 'limit-reached' }]);
  server.advance(30_000);
  ann.send(words({ line: 17 }));
  expect(bob.takeOnly('progress')).toMatchObject([{ line: 17 }]);
});

// CHAT-PROGRESS-2, CHAT-PROGRESS-3
test('who is not in the room, or may not write there, is refused', () => {
  const { server, ann, bob } = scene();
  ann.send(words({ room: 'nowhere' }));
  expect(ann.take()).toMatchObject([{ type: 'progress-refused', line: 1, code: 'room-not-found' }]);
  bob.send({ type: 'create-room', requestId: 2, room: 'den', topic: '' });
  bob.take();
  ann.send(words({ room: 'den' }));
  expect(ann.take()).toMatchObject([{ type: 'progress-refused', line: 1, code: 'not-in-room' }]);
  bob.send({ type: 'open-direct', requestId: 3, nickname: 'bob' as Nickname });
  const room = bob.takeOnly('entered')[0]?.room as string;
  ann.send(words({ room }));
  expect(ann.take()).toMatchObject([{ type: 'progress-refused', code: 'room-not-found' }]);
  const ada = server.owner('ada', { invite: 'c0de' });
  const moderate = { type: 'moderate', requestId: 3, action: 'mute', target: 'ann', reason: '' } as const;
  ada.send({ ...moderate, room: 'lobby', durationMs: undefined });
  for (const one of [ann, bob]) one.take();
  ann.send(words());
  expect(ann.take()).toMatchObject([{ type: 'progress-refused', line: 1, code: 'muted' }]);
  expect(bob.take()).toEqual([]);
});

// CHAT-PROGRESS-4
test.each(['completed', 'stopped', 'failed'] as const)(
  'that a line has %s is told once, when the line was told',
  (state) => {
    const { ann, bob } = scene();
    ann.send(words({ state }));
    expect(bob.take()).toEqual([]);
    ann.send(words());
    // The transfer itself may be over by then, and its name is what it was.
    ann.send(words({ state, name: 'whatever' }));
    ann.send(words({ state }));
    expect(bob.take()).toMatchObject([{ state: 'moving' }, { state, name: 'big.iso' }]);
  },
);

// CHAT-PROGRESS-5
test('who reads slowly does not hear of it', () => {
  const { server, ann, bob } = scene();
  const { connectionId } = bob;
  server.handle({ type: 'connection-backlog', connectionId, queuedBytes: 65_537 });
  ann.send(words());
  expect(bob.take()).toEqual([]);
  expect(ann.takeOnly('progress')).toHaveLength(1);
});
