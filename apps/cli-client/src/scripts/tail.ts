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

/** Prints what is said in rooms, first from the past and then as it comes. */
export async function tail(context: ScriptContext, options: TailOptions): Promise<ScriptResult> {
  const { output } = context;
  const print = (message: Message) => output.print(lineOf(message, options.isJson));
  const onGap = (room: string, missing: number | undefined) => {
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
    const printed = new Map<string, number>();
    client.on('message', ({ message }) => take(message));
    client.on('gap', ({ gap }) => onGap(gap.room, gap.missing));
    const names = options.rooms.length > 0 ? options.rooms : [client.server?.room ?? ''];
    for (const name of names) {
      const room = await enterRoom(client, name);
      printed.set(room, await printPast(client, room, options, print));
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

/** Prints the past of a room; gives the number of the newest entry that was looked at. */
async function printPast(
  client: ParleyClient,
  room: string,
  { since, lines }: TailOptions,
  print: (message: Message) => void,
): Promise<number> {
  if (since === undefined) {
    const page = await client.history(room);
    const messages = page.filter(({ kind }) => kind === 'text');
    for (const message of lines === 0 ? [] : messages.slice(-lines)) print({ ...message, room });
    return page.at(-1)?.sequence ?? 0;
  }
  let last = since;
  for (;;) {
    const page = await client.historyAfter(room, last);
    for (const entry of page) if (entry.kind === 'text') print({ ...entry, room });
    const end = page.at(-1)?.sequence;
    if (end === undefined) return last;
    last = end;
  }
}

function lineOf({ room, sequence, time, from, text }: Message, isJson: boolean): string {
  if (isJson) return jsonLine({ type: 'message', room, sequence, time, from, text: text ?? null });
  return [new Date(time).toISOString(), room, from, columnText(text ?? '(taken back)')].join('\t');
}
