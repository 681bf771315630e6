import type { Transfer } from '@parley/client-core';

/** What stands before the name of a file that was sent to one user. */
// CHAT-SEND-1
export const SENT_PREFIX = /^@[0-9a-f]{32}\//;

/** What people call a file that moves: without the way to one that was sent, and with who sent it. */
export function transferName({ name, from }: Pick<Transfer, 'name' | 'from'>): string {
  const own = name.replace(SENT_PREFIX, '');
  return from === undefined ? own : `${own} from ${from}`;
}
