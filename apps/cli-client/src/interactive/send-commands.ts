import { ClientError, isTransferOver, type ParleyClient, type SentItem } from '@parley/client-core';
import { expandHome } from '../text/expand-home.ts';
import { formatExtent } from '../view/format.ts';
import { transferName } from '../view/transfer-name.ts';
import { fileOfMessage } from './announced-file.ts';
import type { ChatCommand } from './chat-context.ts';

/** So many of those that wait are named; the others are counted. */
const NAMED_MAX = 3;

const send: ChatCommand = {
  name: 'send',
  arguments: [
    { name: 'nick', kind: 'nickname' },
    { name: 'file', kind: 'path' },
    { name: 'name', kind: 'word', isOptional: true, keyword: 'as' },
  ],
  summary: 'send a file or a folder to one user only, who is here or has an account',
  details: [
    'The server keeps it until the other one has accepted or declined it, for a week at most.',
    'A folder goes with all that is in it; what is hidden or leads out of it stays here, and is named.',
    'What broke goes on where it was when the same file or folder is sent again.',
  ],
  async run({ client, ui }, { nick = '', file = '', name }) {
    const { transfer } = await client.send(nick, expandHome(file), name);
    ui.show({ type: 'notice', text: `upload ${transfer.number}: ${transfer.sourcePath} for ${nick}` });
  },
};

const accept: ChatCommand = {
  name: 'accept',
  arguments: [
    { name: 'what', kind: 'nickname', isOptional: true },
    { name: 'path', kind: 'path', isOptional: true, keyword: 'to' },
  ],
  summary: 'download what was sent to you last, or last by a nickname, or by the message of a number',
  details: [
    'It goes into this folder or to PATH, as with /get.',
    'A folder is fetched as one; after a crash the same command goes on with the files that are missing.',
  ],
  async run({ client, ui, room }, { what, path }) {
    const { name, from } = await waiting(client, room(), what);
    const to = path === undefined ? undefined : expandHome(path);
    const { transfer, finished } = await client.download(name, to, from);
    ui.show({ type: 'transfer-begun', transfer });
    const { state } = await finished;
    // It is here: the server need not keep it. Somebody who left in between leaves it to the server's clock.
    if (state === 'completed') await client.sent.close({ name, from }, 'accepted').catch(() => undefined);
  },
};

const decline: ChatCommand = {
  name: 'decline',
  arguments: [{ name: 'what', kind: 'nickname', isOptional: true }],
  summary: 'remove what was sent to you last, or last by a nickname, or by the message of a number',
  async run({ client, ui, room }, { what }) {
    const item = await waiting(client, room(), what);
    await client.sent.close(item, 'declined');
    ui.show({ type: 'notice', text: `${transferName(item)} is removed` });
  },
};

/** Files and folders from one user to another. */
export const SEND_COMMANDS: readonly ChatCommand[] = [send, accept, decline];

/** What waits for the user, in words; undefined for nothing, and where the server does not say: it waits on, and is told another time. */
// CHAT-SEND-4
export async function waitingWords(client: ParleyClient): Promise<string | undefined> {
  const items = await client.sent.list().catch((error: unknown) => {
    if (!(error instanceof ClientError)) throw error;
    return [];
  });
  if (items.length === 0) return undefined;
  const named = items.slice(0, NAMED_MAX).map((item) => `${transferName(item)}, ${formatExtent(item)}`);
  const others = items.length > NAMED_MAX ? `; and ${items.length - NAMED_MAX} more` : '';
  return `sent to you while you were away: ${named.join('; ')}${others}`;
}

/** What waits and is meant: by the number of the message that tells of it, or the newest, from somebody, that is not on its way already. */
async function waiting(
  client: ParleyClient,
  room: string | undefined,
  what: string | undefined,
): Promise<SentItem> {
  const announced = what === undefined ? undefined : await fileOfMessage(client, room, what);
  const items = await client.sent.list();
  const numbered = items.find(({ name }) => name === announced);
  if (numbered !== undefined) return numbered;
  const taken = new Set(
    client.transfers
      .filter(({ state }) => !isTransferOver(state) || state === 'completed')
      .map(({ name }) => name),
  );
  const isFrom = ({ from }: SentItem) => what === undefined || from.toLowerCase() === what.toLowerCase();
  const newest = items.find((item) => !taken.has(item.name) && isFrom(item));
  if (newest !== undefined) return newest;
  const who = what === undefined ? 'nobody' : `${what} is not one who`;
  throw new ClientError('file-not-found', `${who} has sent you anything that waits`);
}
