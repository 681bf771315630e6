import { describeSessionEnd, type ParleyClient, type Transfer } from '@parley/client-core';
import { formatBytes } from '../view/format.ts';
import { ASCII_GLYPHS } from '../view/glyphs.ts';
import { RouteNews } from '../view/route-news.ts';
import { Theme } from '../view/theme.ts';
import { transferLine } from '../view/transfer-line.ts';
import type { ScriptContext } from './script.ts';

/** Where a source lies, and what becomes of it when it turns out to be another one than before. */
const CHANGED_WORDS: Readonly<Record<Transfer['direction'], string>> = {
  download: 'on the server: only what differs is fetched',
  upload: 'here: only what differs is sent',
};

/** Shows how far the transfers of a client are, and what happens to them and to its connection. */
export function followTransfers(
  client: ParleyClient,
  output: ScriptContext['output'],
  /** Whether a bar would be in the way now. */
  isHidden: () => boolean = () => false,
): void {
  const tellers = new Map<number, (transfer: Transfer) => void>();
  const routeNews = new RouteNews();
  client.on('transfer-changed', ({ transfer }) => {
    const tell = tellers.get(transfer.number) ?? createTeller(output);
    tellers.set(transfer.number, tell);
    tell(transfer);
    const news = routeNews.wordsOf(transfer);
    if (news !== undefined) output.note(news);
    if (!isHidden()) output.progress(progressText(transfer, output.progressColumns));
  });
  client.on('connection-lost', ({ end, retryAfterMs }) => {
    const words = describeSessionEnd(end);
    output.note(`${words}; trying again in ${Math.ceil(retryAfterMs / 1000)} s`);
  });
}

/** Tells what a bar does not show: where a transfer goes on, what interrupts it, and that the file is another one. */
// CHAT-RESUME-3
function createTeller(output: ScriptContext['output']): (transfer: Transfer) => void {
  let previous: Transfer | undefined;
  return (transfer) => {
    const { state, resumedBytes, changesSeen, size, failure, direction } = transfer;
    if (resumedBytes > (previous?.resumedBytes ?? 0)) {
      const total = size === undefined ? '' : ` of ${formatBytes(size)}`;
      output.note(
        `going on with what is ${direction === 'upload' ? 'there' : 'here'}: ${formatBytes(resumedBytes)}${total}`,
      );
    }
    if (changesSeen > (previous?.changesSeen ?? 0)) {
      output.note(`the file has changed ${CHANGED_WORDS[direction]}`);
    }
    if (state === 'interrupted' && previous?.state !== 'interrupted' && failure !== undefined) {
      output.note(`interrupted: ${failure.message}`);
    }
    previous = transfer;
  };
}

function progressText(transfer: Transfer, columns: number): string {
  return new Theme({ hasColors: false }).paint(transferLine(transfer, columns, ASCII_GLYPHS), columns);
}
