import { ClientError, isTransferOver, type ParleyClient } from '@parley/client-core';
import { expandHome } from '../text/expand-home.ts';
import { type FileOffer, offersOf } from './announced-file.ts';
import type { ChatCommand } from './chat-context.ts';

/** What was declined in this session: the words about it are still in the conversation. */
const declined = new WeakMap<ParleyClient, Set<string>>();

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
    const offer = await newestOffer(client, nick);
    const to = path === undefined ? undefined : expandHome(path);
    const { transfer, finished } = await client.download(offer.path, to);
    const { number, targetPath } = transfer;
    ui.show({ type: 'notice', text: `download ${number}: from ${offer.from} to ${targetPath}` });
    const { state } = await finished;
    // It is here: the server need not keep it. Somebody who left in between leaves it to the server's clock.
    if (state === 'completed') await client.discardFile(offer.path).catch(() => undefined);
  },
};

const decline: ChatCommand = {
  name: 'decline',
  arguments: [{ name: 'nick', kind: 'nickname', isOptional: true }],
  summary: 'remove what NICK, or who sent something last, has sent',
  async run({ client, ui }, { nick }) {
    const offer = await newestOffer(client, nick);
    const all = declined.get(client) ?? new Set();
    declined.set(client, all.add(offer.path));
    await client.discardFile(offer.path);
    const name = offer.path.slice(offer.path.indexOf('/') + 1);
    ui.show({ type: 'notice', text: `${name} from ${offer.from} is removed` });
  },
};

/** Files from one user to another. */
export const SEND_COMMANDS: readonly ChatCommand[] = [send, accept, decline];

/** The newest file from somebody that was not accepted or declined in this session. */
async function newestOffer(client: ParleyClient, nick: string | undefined): Promise<FileOffer> {
  const taken = new Set(declined.get(client));
  for (const { name, state } of client.transfers) {
    if (!isTransferOver(state) || state === 'completed') taken.add(name);
  }
  const offers = await offersOf(client);
  const isIt = ({ from, path }: FileOffer) =>
    !taken.has(path) && (nick === undefined || from.toLowerCase() === nick.toLowerCase());
  const offer = offers.find(isIt);
  if (offer !== undefined) return offer;
  const who = nick === undefined ? 'nobody' : `${nick} is not one who`;
  throw new ClientError('file-not-found', `${who} has sent you a file that waits`);
}
