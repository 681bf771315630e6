import type { ParleyClient } from '@parley/client-core';
import { expect, test } from 'vitest';
import { CHAT_COMMANDS } from '../src/interactive/chat-commands.ts';
import type { ChatContext } from '../src/interactive/chat-context.ts';
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
