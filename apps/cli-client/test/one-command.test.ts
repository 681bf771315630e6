import type { ParleyClient } from '@parley/client-core';
import { expect, test } from 'vitest';
import { CHAT_COMMANDS } from '../src/interactive/chat-commands.ts';
import type { ChatContext } from '../src/interactive/chat-context.ts';
import type { EntryContent } from '../src/view/entry.ts';
import { transfer } from './support/transfers.ts';

test('/resume goes on with what was paused before the server had answered', async () => {
  const resumed: number[] = [];
  const transfers = [
    transfer({ number: 1, state: 'requested' }),
    transfer({ number: 2, state: 'paused' }),
    transfer({ number: 3, state: 'completed' }),
  ];
  const client = {
    transfers,
    resumeTransfer: async (number: number) => void resumed.push(number),
  } as unknown as ParleyClient;
  await CHAT_COMMANDS.find(({ name }) => name === 'resume')?.run({ client } as ChatContext, {});
  expect(resumed).toEqual([1, 2]);
});

test('/progress outside of any room says so', async () => {
  const client = { transfers: [transfer({ number: 1, state: 'running' })] } as unknown as ParleyClient;
  const context = { client, room: () => undefined } as unknown as ChatContext;
  const told = CHAT_COMMANDS.find(({ name }) => name === 'progress')?.run(context, {});
  await expect(told).rejects.toThrow('you are in no room; /join ROOM');
});

test('/goto takes the name of a room in any case', async () => {
  const shown: EntryContent[] = [];
  const entry = { sequence: 7, time: 1, from: 'ann', text: 'here', kind: 'text' };
  const context = {
    client: {
      room: (name: string) => (name.toLowerCase() === 'den' ? { room: 'Den' } : undefined),
      history: async () => [entry],
    },
    ui: { workspace: undefined, show: (content: EntryContent) => shown.push(content) },
    room: () => 'lobby',
  };
  await CHAT_COMMANDS.find(({ name }) => name === 'goto')?.run(context as unknown as ChatContext, {
    number: '7',
    room: 'DEN',
  });
  expect(shown).toMatchObject([{ type: 'past', heading: 'Den: 1 message' }]);
});
