import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isTransferOver, type ParleyClient } from '@parley/client-core';
import type { CandidateSource } from '../commands/completion.ts';
import { emojiNames } from '../text/emoji.ts';
import { NOTIFY_RULES } from '../workspace/notifier.ts';
import { CHAT_COMMANDS } from './chat-commands.ts';
import { PRIORITIES } from './queue-commands.ts';

/** The server is asked for its files, and for its rooms, again when the list is older. */
const FRESH_MS = 10_000;

/** What Tab may offer in a conversation: users, the server's files, local paths, downloads, commands. */
export function createCandidates(client: ParleyClient, room: () => string | undefined): CandidateSource {
  const files = kept(async () => (await client.files()).map(({ name }) => name));
  const rooms = kept(async () => (await client.listRooms()).map(({ room: name }) => name));
  return async (kind, prefix) => {
    switch (kind) {
      case 'nickname': {
        const names = client.roomUsers(room()).map((user) => user.nickname);
        return names.filter((name) => name !== client.nickname).sort();
      }
      case 'file':
        return files();
      case 'path':
        return localPaths(prefix);
      case 'transfer':
        return client.transfers
          .filter(({ state }) => !isTransferOver(state))
          .map(({ number }) => String(number));
      case 'command':
        return CHAT_COMMANDS.map((command) => command.name);
      case 'room':
        return rooms();
      case 'notify-rule':
        return NOTIFY_RULES;
      case 'priority':
        return PRIORITIES;
      case 'emoji':
        return emojiNames();
      // The number of a message is typed from what is shown.
      case 'message':
      case 'word':
      case 'text':
        return [];
    }
  };
}

/** Names that the server was asked for lately; none when it does not say. */
function kept(ask: () => Promise<readonly string[]>): () => Promise<readonly string[]> {
  let last: { readonly names: Promise<readonly string[]>; readonly askedAt: number } | undefined;
  return () => {
    if (last === undefined || Date.now() - last.askedAt > FRESH_MS) {
      last = { names: ask().catch(() => []), askedAt: Date.now() };
    }
    return last.names;
  };
}

/** What begins like the path that is being typed, folders with a slash; hidden names only when a dot was typed. */
async function localPaths(prefix: string): Promise<readonly string[]> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const start = prefix.slice(folder.length);
  const place = folder.startsWith('~/') ? join(homedir(), folder.slice(2)) : folder;
  try {
    const entries = await readdir(place === '' ? '.' : place, { withFileTypes: true });
    return entries
      .filter((entry) => start.startsWith('.') || !entry.name.startsWith('.'))
      .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
      .sort();
  } catch {
    return [];
  }
}
