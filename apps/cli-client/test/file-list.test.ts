import type { ParleyClient } from '@parley/client-core';
import { expect, test } from 'vitest';
import type { ChatContext } from '../src/interactive/chat-context.ts';
import { files, refreshFiles } from '../src/interactive/file-list.ts';
import type { UserInterface } from '../src/interactive/user-interface.ts';

// CHAT-WATCH-1
test('a list that is being fetched is watched, whatever becomes of the one before', async () => {
  const watches: boolean[] = [];
  let answer = () => {};
  const listed = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const client = {
    watchFiles: async (isWatching: boolean) => void watches.push(isWatching),
    files: async () => {
      await listed;
      return [];
    },
  } as unknown as ParleyClient;
  const ui = { workspace: { listing: undefined }, show: () => {} } as unknown as UserInterface;
  const showing = files.run({ client, ui } as ChatContext, {});
  await refreshFiles(client, ui);
  answer();
  await showing;
  expect(watches).toEqual([true]);
  await refreshFiles(client, ui);
  expect(watches).toEqual([true, false]);
});
