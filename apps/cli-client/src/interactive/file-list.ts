import { ClientError, type FileView, type ParleyClient } from '@parley/client-core';
import { FILE_SORTS, fileOrder } from '../commands/file-order.ts';
import type { ChatCommand } from './chat-context.ts';
import type { UserInterface } from './user-interface.ts';

/** Enough for the eye; whoever wants others says which. */
const FILES_SHOWN_MAX = 1_000;

/** Clients whose list is on its way: it is to be watched, though nobody sees it yet. */
const fetching = new WeakSet<ParleyClient>();

/** `/files`. */
export const files: ChatCommand = {
  name: 'files',
  aliases: ['ls'],
  arguments: [
    { name: 'order', kind: 'word', isOptional: true, keyword: 'by' },
    { name: 'pattern', kind: 'file', isOptional: true },
  ],
  summary: 'show the files on the server: size, time, SHA-256, name',
  details: [
    'PATTERN is part of a name, or a pattern such as *.iso or docs/**; ORDER is name, size or time.',
    `At most ${FILES_SHOWN_MAX} are shown. On a full screen the list follows what happens on the server.`,
  ],
  async run({ client, ui }, { order, pattern = '' }) {
    const sort = FILE_SORTS.find((one) => one === (order ?? 'name'));
    if (sort === undefined)
      throw new ClientError('text-invalid', `"${order}" is none of ${FILE_SORTS.join(', ')}`);
    const view = { pattern, order: fileOrder(sort, false), countMax: FILES_SHOWN_MAX };
    fetching.add(client);
    try {
      // What changes between the list and the wish to hear of changes would never be told.
      if (ui.workspace !== undefined) await client.watchFiles(true);
      ui.show({ type: 'files', files: await client.files(view), view });
    } finally {
      fetching.delete(client);
    }
  },
};

/** The files are others: a list of them that is before the user's eyes becomes another one, or nobody has to be told any more. */
export async function refreshFiles(client: ParleyClient, ui: UserInterface): Promise<void> {
  const view = ui.workspace?.listing?.view;
  try {
    if (view !== undefined) await show(client, ui, view);
    else if (!fetching.has(client)) await client.watchFiles(false);
  } catch (error) {
    // The next change tries again.
    if (!(error instanceof ClientError)) throw error;
  }
}

async function show(client: ParleyClient, ui: UserInterface, view: FileView): Promise<void> {
  const files = await client.files(view);
  // The user may have put the list away meanwhile.
  if (ui.workspace?.listing?.view === view) ui.show({ type: 'files', files, view });
}
