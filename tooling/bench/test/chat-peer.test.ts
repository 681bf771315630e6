import { expect, test } from 'vitest';
import { chatPeerNames, findChatPeer } from '../src/chat/chat-peer.ts';

const SETTINGS = { port: 7001, folder: '/nowhere', modulesFolder: '/nowhere' };

test('a chat server that is not installed is named, with what it needs', () => {
  expect(findChatPeer('socket.io', SETTINGS)).toEqual({
    name: 'socket.io',
    missing: expect.stringContaining('npm i --prefix DIR socket.io'),
  });
});

test('a name that no chat server has is answered with those that there are', () => {
  expect(() => findChatPeer('slack', SETTINGS)).toThrow(/inspircd.*got slack/);
});

test('every chat server that is there listens on the port that it is told', () => {
  for (const name of chatPeerNames) {
    const peer = findChatPeer(name, SETTINGS);
    if ('missing' in peer) continue;
    expect([...peer.command, peer.configuration?.content].join(' ')).toContain('7001');
  }
});
