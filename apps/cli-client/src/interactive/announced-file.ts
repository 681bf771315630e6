import type { ParleyClient } from '@parley/client-core';
import { quoted } from '../commands/tokens.ts';
import { counted, formatBytes } from '../view/format.ts';
import { SENT_PREFIX } from '../view/transfer-name.ts';

/** How a text names a file: `file:NAME`, or `file:"NAME"` when there is a space in it. */
const REFERENCE = String.raw`file:(?:"([^"\n]+)"|([^\s"]+))`;

const FILE = new RegExp(String.raw`(?:^|\s)${REFERENCE}`, 'u');

/** What a server says of a file or a folder that somebody has uploaded, and nothing else. */
// CHAT-UPLOAD-6, CHAT-FOLDER-8
const ANNOUNCEMENT = new RegExp(String.raw`^${REFERENCE} \((?:(\d{1,6}) files, )?(\d{1,16}) bytes\)$`, 'u');

/** What a client says of something that was sent to its user, and nothing else. */
// CHAT-SEND-5
const OUTCOME = new RegExp(`^${REFERENCE} (accepted|declined)$`, 'u');

/** What came of something that was sent to the user. */
export type SentOutcome = 'accepted' | 'declined';

/** What tells the sender of it. */
// CHAT-SEND-5
export function outcomeText(name: string, outcome: SentOutcome): string {
  return `file:${/\s/.test(name) ? `"${name}"` : name} ${outcome}`;
}

/** The words for a text that tells what came of something that was sent; undefined for any other. */
export function outcomeWords(text: string): string | undefined {
  const [, spaced, plain, outcome] = OUTCOME.exec(text) ?? [];
  const name = spaced ?? plain;
  if (name === undefined || !SENT_PREFIX.test(name)) return undefined;
  return `has ${outcome} ${name.replace(SENT_PREFIX, '')}`;
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
  const [, spaced, plain, files, bytes] = ANNOUNCEMENT.exec(text) ?? [];
  const name = spaced ?? plain;
  if (name === undefined) return undefined;
  const count = files === undefined ? '' : `${counted(Number(files), 'file')}, `;
  const size = `${count}${formatBytes(Number(bytes))}`;
  if (!SENT_PREFIX.test(name)) return `has uploaded ${name}, ${size}: /get ${number ?? quoted(name)}`;
  const what = `${name.replace(SENT_PREFIX, '')}, ${size}`;
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
  const [, spaced, plain] = FILE.exec(message?.text ?? '') ?? [];
  return spaced ?? plain;
}
