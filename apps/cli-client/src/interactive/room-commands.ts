import { ClientError, type ParleyClient } from '@parley/client-core';
import { searchWords } from '../text/search-words.ts';
import { counted } from '../view/format.ts';
import type { ChatCommand } from './chat-context.ts';
import { here } from './here.ts';
import { type LogEntry, presentLogEntry } from './present.ts';

/** How much of what follows a message is shown with it: half of a page of the log. */
const CONTEXT_AFTER = 30;

const join: ChatCommand = {
  name: 'join',
  aliases: ['j'],
  arguments: [{ name: 'room', kind: 'room' }],
  summary: 'go into a room, or to one where you are already',
  details: ['What you type goes to the room that you joined last. /create makes a new room.'],
  async run({ client, show }, { room = '' }) {
    try {
      show((await client.join(room)).room);
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== 'room-not-found') throw error;
      const words = `there is no room ${room}: /create ${room} makes one, /rooms shows those there are`;
      throw new ClientError(error.code, words, { cause: error });
    }
  },
};

const create: ChatCommand = {
  name: 'create',
  arguments: [{ name: 'room', kind: 'room' }],
  summary: 'make a room and go into it',
  async run({ client, show }, { room = '' }) {
    show((await client.createRoom(room)).room);
  },
};

const leave: ChatCommand = {
  name: 'leave',
  aliases: ['part'],
  arguments: [{ name: 'reason', kind: 'text', isOptional: true }],
  summary: 'go out of this room; out of the last one: leave',
  async run({ client, room, show, leave: quit }, { reason = '' }) {
    const current = room();
    const others = client.rooms.filter(({ room: name, isDirect }) => !isDirect && name !== current);
    const next = others[0];
    if (current === undefined || next === undefined) {
      quit(reason);
      return;
    }
    await client.leaveRoom(current, reason);
    show(next.room);
  },
};

const rooms: ChatCommand = {
  name: 'rooms',
  arguments: [],
  summary: 'show the rooms of the server',
  async run({ client, ui }) {
    const own = new Set(client.rooms.map(({ room }) => room));
    const list = await client.listRooms();
    ui.show({ type: 'rooms', rooms: list.map((one) => ({ ...one, isOwn: own.has(one.room) })) });
  },
};

const topic: ChatCommand = {
  name: 'topic',
  arguments: [{ name: 'topic', kind: 'text', isOptional: true }],
  summary: 'show the topic of this room, or set it; a dash takes it away',
  async run({ client, ui, room }, { topic: words }) {
    const name = here(room());
    if (words !== undefined) {
      await client.setTopic(name, words === '-' ? '' : words);
      return;
    }
    const now = client.room(name)?.topic ?? '';
    ui.show({ type: 'notice', text: now === '' ? `${name} has no topic` : `${name}: ${now}` });
  },
};

const history: ChatCommand = {
  name: 'history',
  aliases: ['back'],
  arguments: [{ name: 'before', kind: 'message', isOptional: true }],
  summary: 'show the messages of this room, the newest or those before number BEFORE',
  async run({ client, ui, room }, { before }) {
    const name = here(room());
    if (before !== undefined && !/^\d{1,15}$/.test(before)) {
      throw new ClientError('message-not-found', `"${before}" is no number of a message`);
    }
    const entries = await client.history(name, before === undefined ? undefined : Number(before));
    ui.show({ type: 'past', ...pastOf(name, entries) });
  },
};

const search: ChatCommand = {
  name: 'search',
  aliases: ['find'],
  arguments: [{ name: 'query', kind: 'text' }],
  summary: 'search in your rooms: words, from:, in:, before:, after:, has:file',
  details: [
    'All words have to be in the message. Days are written like 2026-11-27 (UTC).',
    'A found number shows its surroundings: /goto NUMBER ROOM',
  ],
  async run({ client, ui }, { query = '' }) {
    const hits = await client.search(query);
    ui.show({
      type: 'past',
      heading:
        hits.length === 0 ? 'nothing was found' : `${hits.length} found for ${query}, the newest first`,
      words: searchWords(query),
      entries: hits.map(({ room, sequence, time, from, text }) => ({
        place: `${label(client, room)}#${sequence}`,
        room,
        sequence,
        time,
        from,
        text: text ?? '',
      })),
    });
  },
};

const goTo: ChatCommand = {
  name: 'goto',
  arguments: [
    { name: 'number', kind: 'message' },
    { name: 'room', kind: 'room', isOptional: true },
  ],
  summary: 'show message NUMBER with what was said before and after',
  async run({ client, ui, room, show }, { number = '', room: other }) {
    const typed = here(other ?? room());
    const sequence = messageNumber(number);
    const entries = await client.history(typed, sequence + CONTEXT_AFTER);
    const info = client.room(typed);
    const name = info?.room ?? typed;
    const isThere = (entries[0]?.sequence ?? 0) <= sequence && sequence <= (entries.at(-1)?.sequence ?? -1);
    if (!isThere || info === undefined) {
      throw new ClientError('message-not-found', `${name} keeps no message ${sequence}`);
    }
    if (ui.workspace === undefined) {
      ui.show({ type: 'past', ...pastOf(name, entries) });
      return;
    }
    if (name !== room()) show(name);
    const shown = entries.map((entry) => presentLogEntry(entry, info, client.nickname));
    ui.workspace.showPast(name, shown, sequence);
    ui.placeChanged();
  },
};

const edit: ChatCommand = {
  name: 'edit',
  arguments: [
    { name: 'number', kind: 'message' },
    { name: 'text', kind: 'text' },
  ],
  summary: 'give your message NUMBER another text',
  async run({ client, room }, { number = '', text = '' }) {
    await client.edit(here(room()), messageNumber(number), text);
  },
};

const remove: ChatCommand = {
  name: 'delete',
  arguments: [{ name: 'number', kind: 'message' }],
  summary: 'take your message NUMBER back',
  async run({ client, room }, { number = '' }) {
    await client.deleteMessage(here(room()), messageNumber(number));
  },
};

/** The commands about rooms. */
export const ROOM_COMMANDS: readonly ChatCommand[] = [join, create, leave, rooms, topic];

/** The commands about what was said in them. */
export const LOG_COMMANDS: readonly ChatCommand[] = [history, search, goTo, edit, remove];

/** What is shown of a page of a log. */
function pastOf(room: string, entries: readonly LogEntry[]) {
  const shown = entries.filter(({ kind }) => kind === 'text');
  return {
    heading:
      shown.length === 0 ? 'nothing is kept before that' : `${room}: ${counted(shown.length, 'message')}`,
    entries: shown.map(({ sequence, time, from, text }) => ({
      place: `#${sequence}`,
      room,
      sequence,
      time,
      from,
      text: text ?? '(taken back)',
    })),
  };
}

function messageNumber(text: string): number {
  if (!/^#?\d{1,15}$/.test(text)) {
    throw new ClientError('message-not-found', `"${text}" is no number of a message; /history shows them`);
  }
  return Number(text.replace('#', ''));
}

/** A conversation is named by the other one. */
function label(client: ParleyClient, room: string): string {
  const peer = client.room(room)?.peer;
  return peer === undefined ? room : `@${peer}`;
}
