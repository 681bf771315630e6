import {
  findFileReference,
  type ParleyClient,
  parseFileAnnouncement,
  parseSentOutcome,
} from '@parley/client-core';
import { quoted } from '../commands/tokens.ts';
import { formatExtent } from '../view/format.ts';
import { SENT_PREFIX } from '../view/transfer-name.ts';

/** The words for a text that tells what came of something that was sent; undefined for any other. */
export function outcomeWords(text: string): string | undefined {
  const { path, outcome } = parseSentOutcome(text) ?? {};
  if (path === undefined || !SENT_PREFIX.test(path)) return undefined;
  return `has ${outcome} ${path.replace(SENT_PREFIX, '')}`;
}

/** The words for a text that announces a file, with how to fetch it; undefined for any other. */
export function announcementWords(
  text: string,
  {
    number,
    isOwn,
  }: {
    /** The number by which it can be fetched, where that is typed in the room of the message. */
    readonly number: number | undefined;
    readonly isOwn: boolean;
  },
): string | undefined {
  const announcement = parseFileAnnouncement(text);
  if (announcement === undefined) return undefined;
  const { path } = announcement;
  const extent = formatExtent(announcement);
  if (!SENT_PREFIX.test(path)) return `has uploaded ${path}, ${extent}: /get ${number ?? quoted(path)}`;
  const what = `${path.replace(SENT_PREFIX, '')}, ${extent}`;
  if (isOwn) return `${what} waits to be accepted`;
  const which = number === undefined ? '' : ` ${number}`;
  return `sends ${what}: /accept${which} or /decline${which}`;
}

/** The file that the message of a number names, when what was typed is the number of such a message. */
export async function fileOfMessage(
  client: ParleyClient,
  room: string | undefined,
  typed: string,
): Promise<string | undefined> {
  const [, digits] = /^#?(\d{1,15})$/.exec(typed) ?? [];
  if (digits === undefined || room === undefined) return undefined;
  const number = Number(digits);
  const message =
    client.message(room, number) ??
    (await client.history(room, number + 1)).find(({ sequence }) => sequence === number);
  return findFileReference(message?.text ?? '');
}
