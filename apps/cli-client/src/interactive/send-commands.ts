import { ClientError, isTransferOver, type ParleyClient } from '@parley/client-core';
import { expandHome } from '../text/expand-home.ts';
import { formatBytes } from '../view/format.ts';
import { transferName } from '../view/transfer-name.ts';
import type { ChatCommand } from './chat-context.ts';

/** A file that somebody sends. */
type SentFile = Awaited<ReturnType<ParleyClient['sent']['list']>>[number];

/** So many of the files that wait are named; the others are counted. */
const NAMED_MAX = 3;

const send: ChatCommand = {
  name: 'send',
  arguments: [
    { name: 'nick', kind: 'nickname' },
    { name: 'file', kind: 'path' },
    { name: 'name', kind: 'word', isOptional: true, keyword: 'as' },
  ],
  summary: 'send a file to one user only, who is here or has an account',
  details: [
    'The server keeps it until the other one has accepted or declined it, for a week at most.',
    'What broke goes on where it was when the same file is sent again.',
  ],
  async run({ client, ui }, { nick = '', file = '', name }) {
    const { transfer } = await client.send(nick, expandHome(file), name);
    ui.show({ type: 'notice', text: `upload ${transfer.number}: ${transfer.sourcePath} for ${nick}` });
  },
};

const accept: ChatCommand = {
  name: 'accept',
  arguments: [
    { name: 'nick', kind: 'nickname', isOptional: true },
    { name: 'path', kind: 'path', isOptional: true, keyword: 'to' },
  ],
  summary: 'download what NICK, or who sent something last, has sent, into this folder or to PATH',
  async run({ client, ui }, { nick, path }) {
    const { name, from } = await newestFile(client, nick);
    const to = path === undefined ? undefined : expandHome(path);
    const { transfer, finished } = await client.download(name, to, from);
    ui.show({ type: 'transfer-begun', transfer });
    const { state } = await finished;
    // It is here: the server need not keep it. Somebody who left in between leaves it to the server's clock.
    if (state === 'completed') await client.sent.discard(name).catch(() => undefined);
  },
};

const decline: ChatCommand = {
  name: 'decline',
  arguments: [{ name: 'nick', kind: 'nickname', isOptional: true }],
  summary: 'remove what NICK, or who sent something last, has sent',
  async run({ client, ui }, { nick }) {
    const file = await newestFile(client, nick);
    await client.sent.discard(file.name);
    ui.show({ type: 'notice', text: `${transferName(file)} is removed` });
  },
};

/** Files from one user to another. */
export const SEND_COMMANDS: readonly ChatCommand[] = [send, accept, decline];

/** What waits for the user, in words; undefined for nothing, and where the server does not say: it waits on, and is told another time. */
// CHAT-SEND-4
export async function waitingWords(client: ParleyClient): Promise<string | undefined> {
  const files = await client.sent.list().catch((error: unknown) => {
    if (!(error instanceof ClientError)) throw error;
    return [];
  });
  if (files.length === 0) return undefined;
  const named = files.slice(0, NAMED_MAX).map((file) => `${transferName(file)}, ${formatBytes(file.size)}`);
  const others = files.length > NAMED_MAX ? `; and ${files.length - NAMED_MAX} more` : '';
  return `sent to you while you were away: ${named.join('; ')}${others}`;
}

/** The newest file from somebody that waits and is not on its way already. */
async function newestFile(client: ParleyClient, nick: string | undefined): Promise<SentFile> {
  const taken = new Set(
    client.transfers
      .filter(({ state }) => !isTransferOver(state) || state === 'completed')
      .map(({ name }) => name),
  );
  const files = await client.sent.list();
  const isIt = ({ from, name }: SentFile) =>
    !taken.has(name) && (nick === undefined || from.toLowerCase() === nick.toLowerCase());
  const file = files.find(isIt);
  if (file !== undefined) return file;
  const who = nick === undefined ? 'nobody' : `${nick} is not one who`;
  throw new ClientError('file-not-found', `${who} has sent you a file that waits`);
}
