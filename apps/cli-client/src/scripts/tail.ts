import { type ParleyClient, type RoomMessage, SessionEndedError } from '@parley/client-core';
import { waitingWords } from '../interactive/send-commands.ts';
import { columnText, jsonLine } from './json-line.ts';
import { DONE, enterRoom, type ScriptContext, type ScriptResult, withClient } from './script.ts';

/** What of the rooms is wanted. */
export interface TailOptions {
  readonly nickname: string;
  /** None: the server's first room. */
  readonly rooms: readonly string[];
  /** Everything behind this number comes first. */
  readonly since: number | undefined;
  /** So many messages of the past come first, when there is no `since`. */
  readonly lines: number;
  readonly follows: boolean;
  readonly isJson: boolean;
}

type Message = Pick<RoomMessage, 'room' | 'sequence' | 'time' | 'from' | 'text'>;

/** Messages that may come in while the past is read. */
const WAITING_MAX = 100_000;

/** Pages of a log in which messages are looked for: a thousand entries that are none are not the past of a conversation. */
const PAGES_MAX = 20;

/** Prints what is said in rooms, first from the past and then as it comes. */
export async function tail(context: ScriptContext, options: TailOptions): Promise<ScriptResult> {
  const { output } = context;
  const print = (message: Message) => output.print(lineOf(message, options.isJson));
  /** The newest number that was printed of the past of each room. */
  const printed = new Map<string, number>();
  const onGap = (room: string, missing: number | undefined) => {
    // Another log begins, with numbers of its own.
    if (missing === undefined && printed.has(room)) printed.set(room, 0);
    if (options.isJson) output.print(jsonLine({ type: 'gap', room, missing: missing ?? null }));
    else output.note(`${missing ?? 'some'} messages of ${room} were missed`);
  };
  await withClient(context, options.nickname, async (client) => {
    const waiting: Message[] = [];
    let take = (message: Message) => {
      if (waiting.length < WAITING_MAX) waiting.push(message);
    };
    const words = await waitingWords(client);
    if (words !== undefined) output.note(words);
    client.on('message', ({ message }) => take(message));
    client.on('gap', ({ gap }) => onGap(gap.room, gap.missing));
    const names = options.rooms.length > 0 ? options.rooms : [client.server?.room ?? ''];
    for (const name of names) {
      const room = await enterRoom(client, name);
      printed.set(room, await printPast(client, room, options, { print, onGap }));
    }
    if (!options.follows) return;
    take = (message) => {
      const last = printed.get(message.room);
      if (last !== undefined && message.sequence > last) print(message);
    };
    for (const message of waiting) take(message);
    const end = await client.closed;
    if (end.kind !== 'left' && end.kind !== 'abandoned') throw new SessionEndedError(end);
  });
  return DONE;
}

interface Printer {
  readonly print: (message: Message) => void;
  readonly onGap: (room: string, missing: number | undefined) => void;
}

/** Prints the past of a room, and what of it is not there any more; gives the number of the newest entry that was looked at. */
// CHAT-LOG-4, CHAT-LOG-5
async function printPast(
  client: ParleyClient,
  room: string,
  { since, lines }: TailOptions,
  { print, onGap }: Printer,
): Promise<number> {
  if (since === undefined) {
    const { newest, messages } = await readBack(client, room, lines);
    for (const message of messages) print({ ...message, room });
    return newest;
  }
  const isSameLog = since <= (await newestOf(client, room));
  if (!isSameLog) onGap(room, undefined);
  let last = isSameLog ? since : 0;
  for (let isFirst = isSameLog; ; isFirst = false) {
    const page = await client.historyAfter(room, last);
    const missing = (page[0]?.sequence ?? last + 1) - last - 1;
    if (isFirst && missing > 0) onGap(room, missing);
    for (const entry of page) if (entry.kind === 'text') print({ ...entry, room });
    const end = page.at(-1)?.sequence;
    if (end === undefined) return last;
    last = end;
  }
}

/** The number of the newest entry of a log, 0 when there is none. */
async function newestOf(client: ParleyClient, room: string): Promise<number> {
  return (await client.history(room)).at(-1)?.sequence ?? 0;
}

/** The last messages of a room, oldest first, and the number of its newest entry: what else is in the log is no message. */
async function readBack(client: ParleyClient, room: string, lines: number) {
  let page = await client.history(room);
  const newest = page.at(-1)?.sequence ?? 0;
  const found: (typeof page)[number][] = [];
  for (let pages = 1; ; pages += 1) {
    found.unshift(...page.filter(({ kind }) => kind === 'text'));
    const oldest = page[0]?.sequence;
    if (found.length >= lines || oldest === undefined || pages === PAGES_MAX) break;
    page = await client.history(room, oldest);
  }
  return { newest, messages: lines === 0 ? [] : found.slice(-lines) };
}

function lineOf({ room, sequence, time, from, text }: Message, isJson: boolean): string {
  if (isJson) return jsonLine({ type: 'message', room, sequence, time, from, text: text ?? null });
  return [new Date(time).toISOString(), room, from, columnText(text ?? '(taken back)')].join('\t');
}
