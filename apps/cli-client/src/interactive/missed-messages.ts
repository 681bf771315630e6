import { ClientError, type ParleyClient } from '@parley/client-core';
import type { Workspace } from '../workspace/workspace.ts';

/** Conversations that are looked into, one after the other: half of the pages that a server gives at once. */
const CONVERSATIONS_MAX = 50;

/** Counts what others said in conversations while the user was nowhere, up to a page of each. */
// CHAT-READ-1
export async function countMissed(client: ParleyClient, workspace: Workspace): Promise<void> {
  const conversations = client.rooms.filter(({ isDirect }) => isDirect).slice(-CONVERSATIONS_MAX);
  for (const { room } of conversations) {
    try {
      const entries = await client.history(room);
      const readUpTo = workspace.readMarkOf(room);
      const missed = entries.filter(
        ({ kind, text, from, sequence }) =>
          kind === 'text' && text !== undefined && from !== client.nickname && sequence > readUpTo,
      );
      workspace.handleMissed(room, missed.length);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      return;
    }
  }
}
