import { addAbortSignal } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { FileView } from '@parley/client-core';
import { formatHash } from '../view/format.ts';
import { columnText, jsonLine } from './json-line.ts';
import { DONE, enterRoom, type ScriptContext, type ScriptResult, withClient } from './script.ts';

/** How a script prints what it found. */
interface Form {
  /** One object of JSON a line, instead of text for people and `cut`. */
  readonly isJson: boolean;
}

/** Says one thing to a room; done when the server has it. A text of `-` is what comes in on stdin. */
export async function say(
  context: ScriptContext,
  options: Form & { readonly text: string; readonly nickname: string; readonly room: string | undefined },
): Promise<ScriptResult> {
  const { output } = context;
  const words = options.text === '-' ? await readInput(context) : options.text;
  await withClient(context, options.nickname, async (client) => {
    const room = await enterRoom(client, options.room ?? client.server?.room ?? '');
    const { epoch, sequence, time } = await client.say(words, room);
    if (options.isJson) output.print(jsonLine({ room, epoch, sequence, time }));
  });
  return DONE;
}

/** All that comes in on stdin, without the end of its last line. */
async function readInput({ openInput, signal }: ScriptContext): Promise<string> {
  const input = await text(addAbortSignal(signal, openInput()));
  return input.replace(/\r?\n$/, '');
}

/** Prints who is in a room, one nickname a line. */
export async function users(
  context: ScriptContext,
  { isJson, room }: Form & { readonly room: string | undefined },
): Promise<ScriptResult> {
  const list = await withClient(context, undefined, (client) => client.users(room));
  for (const { nickname, joinedAt } of list) {
    context.output.print(isJson ? jsonLine({ nickname, joinedAt }) : nickname);
  }
  return DONE;
}

/** Prints the public rooms: members, name and topic, separated by tabs. */
export async function rooms(context: ScriptContext, { isJson }: Form): Promise<ScriptResult> {
  const list = await withClient(context, undefined, (client) => client.listRooms());
  for (const { room, topic, members } of list) {
    const line = isJson ? jsonLine({ room, topic, members }) : `${members}\t${room}\t${columnText(topic)}`;
    context.output.print(line);
  }
  return DONE;
}

/** Prints the files: size in bytes, time of change (ISO 8601, UTC), name and SHA-256, separated by tabs. */
export async function files(
  context: ScriptContext,
  options: Form & { readonly view: FileView },
): Promise<ScriptResult> {
  const list = await withClient(context, undefined, (client) => client.files(options.view));
  for (const { name, size, modifiedAt, sha256: digest } of list) {
    const sha256 = digest === undefined ? null : formatHash(digest);
    const text = [size, new Date(modifiedAt).toISOString(), name, sha256 ?? '-'].join('\t');
    context.output.print(options.isJson ? jsonLine({ name, size, modifiedAt, sha256 }) : text);
  }
  return DONE;
}

/** Prints what a search finds, the newest first: room, number, time, author and text, separated by tabs. */
export async function search(
  context: ScriptContext,
  options: Form & { readonly query: string; readonly nickname: string; readonly rooms: readonly string[] },
): Promise<ScriptResult> {
  const hits = await withClient(context, options.nickname, async (client) => {
    for (const room of options.rooms) await enterRoom(client, room);
    return client.search(options.query);
  });
  for (const { room, sequence, time, from, text } of hits) {
    const words = [room, sequence, new Date(time).toISOString(), from, columnText(text ?? '')].join('\t');
    context.output.print(options.isJson ? jsonLine({ room, sequence, time, from, text }) : words);
  }
  return DONE;
}
