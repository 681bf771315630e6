import {
  type ClientNotification,
  describeSessionEnd,
  isTransferOver,
  type ParleyClient,
  type RoomInfo,
  type ServerInfo,
} from '@parley/client-core';
import { mentions } from '../text/mention.ts';
import type { Entry, EntryContent } from '../view/entry.ts';
import { type Line, span } from '../view/line.ts';
import type { PlaceView } from '../view/place.ts';
import { announcementWords, outcomeWords } from './announced-file.ts';
import { untilWords } from './moderation-commands.ts';

/** One entry of a room's log. */
export type LogEntry = Awaited<ReturnType<ParleyClient['history']>>[number];

/** What to show of something, and where that belongs. */
export interface Shown {
  readonly content: EntryContent;
  /** The server's time, where it gave one. */
  readonly time?: number;
  readonly room?: string | undefined;
  readonly sequence?: number | undefined;
  /** It is of no interest to somebody who looks at another room. */
  readonly isLocal?: boolean;
}

/** Who reads, and where. */
interface Reader {
  readonly ownNickname: string | undefined;
  readonly currentRoom: string | undefined;
  /** Each room has a page of its own, where its numbers mean something. */
  readonly hasPages: boolean;
}

/** What to show for a notification, if anything. */
export function presentNotification(
  notification: ClientNotification,
  { ownNickname, currentRoom, hasPages }: Reader,
): Shown | undefined {
  switch (notification.type) {
    case 'server-greeted':
      return { content: { type: 'notice', text: greeting(notification.server) } };
    case 'registered': {
      const text = `you are ${notification.nickname} in ${notification.room}; /help shows the commands`;
      return { content: { type: 'notice', text } };
    }
    case 'message': {
      const { from, isOwn, time, sequence, editedAt } = notification.message;
      const room = elsewhere(notification.message.room, currentRoom);
      const text = shownText(notification.message, hasPages || room === undefined);
      const isMention = !isOwn && ownNickname !== undefined && mentions(text, ownNickname);
      const isEdited = editedAt !== undefined;
      const content = { type: 'message', from, text, isOwn, isMention, room, isEdited } as const;
      return { content, time, room: notification.message.room, sequence };
    }
    case 'direct-message': {
      const { from, to, isOwn, time, room, sequence } = notification.message;
      const text = shownText(notification.message, hasPages || room === currentRoom);
      return { content: { type: 'direct', from, to, text, isOwn }, time, room, sequence };
    }
    case 'gap': {
      const { room, missing } = notification.gap;
      return { content: { type: 'gap', missing }, room };
    }
    case 'user-joined': {
      const { nickname, room, time } = notification;
      return { content: { type: 'joined', nickname }, time, room, isLocal: true };
    }
    case 'user-left': {
      const { nickname, room, time } = notification;
      return { content: { type: 'left', nickname, how: departure(notification) }, time, room, isLocal: true };
    }
    case 'transfer-changed': {
      const { transfer } = notification;
      return isTransferOver(transfer.state) ? { content: { type: 'transfer-over', transfer } } : undefined;
    }
    case 'server-draining':
      return { content: { type: 'notice', text: drainWords(notification) } };
    case 'topic-changed': {
      const { from, room, topic, time } = notification;
      const text = topicWords(from, room, topic);
      return { content: { type: 'notice', text }, time, room };
    }
    case 'message-changed': {
      const { from, room, sequence, text, time } = notification;
      const words =
        text === undefined
          ? `${from} took back message ${sequence}`
          : `${from} changed message ${sequence}: ${text}`;
      return { content: { type: 'notice', text: words }, time, room };
    }
    case 'removed':
    case 'muted':
    case 'invited':
      return { content: presentModeration(notification) };
    case 'progress-refused': {
      const { number, message } = notification;
      return { content: { type: 'error', text: `nobody is told of transfer ${number}: ${message}` } };
    }
    case 'connection-lost': {
      const seconds = Math.max(1, Math.round(notification.retryAfterMs / 1000));
      const text = `${describeSessionEnd(notification.end)}; trying again in ${seconds} s, what you say waits`;
      return { content: { type: 'error', text } };
    }
    case 'reconnected':
      return { content: { type: 'notice', text: 'back again' } };
    case 'room-entered':
    case 'room-left':
    case 'read-marker':
    case 'users-changed':
    case 'files-changed':
    case 'room-progress':
    case 'role-changed':
    case 'closed':
      return undefined;
  }
}

/** What somebody in charge did to the user. */
function presentModeration(
  notification: Extract<ClientNotification, { readonly type: 'removed' | 'muted' | 'invited' }>,
): EntryContent {
  switch (notification.type) {
    case 'removed': {
      const { room, by, reason, isBanned, until } = notification;
      const how = isBanned ? `banned you from ${room} ${untilWords(until)}` : `sent you out of ${room}`;
      return { type: 'error', text: `${by} ${how}${because(reason)}` };
    }
    case 'muted': {
      const { room, by, reason, isMuted, until } = notification;
      const where = room === undefined ? 'on the whole server' : `in ${room}`;
      const how = isMuted ? `muted you ${where} ${untilWords(until)}` : `lets you write ${where} again`;
      return { type: isMuted ? 'error' : 'notice', text: `${by} ${how}${because(reason)}` };
    }
    case 'invited': {
      const { room, by } = notification;
      return { type: 'notice', text: `${by} invites you: /join ${room}` };
    }
  }
}

function drainWords({
  endsWithinMs,
  message,
}: Extract<ClientNotification, { readonly type: 'server-draining' }>): string {
  const seconds = Math.ceil(endsWithinMs / 1000);
  return `the server stops in at most ${seconds} s, nothing new is transferred until it is back: ${message}`;
}

function because(reason: string): string {
  return reason === '' ? '' : `: ${reason}`;
}

/** What stands for a text that its author took back. */
const TAKEN_BACK = '(taken back)';

/** A text, or the words for what it announces; `isHere`: its number means something where the user reads it. */
function shownText(
  { text = TAKEN_BACK, sequence, isOwn }: { text?: string | undefined; sequence: number; isOwn: boolean },
  isHere: boolean,
): string {
  const number = isHere ? sequence : undefined;
  return announcementWords(text, { number, isOwn }) ?? outcomeWords(text) ?? text;
}

function topicWords(from: string, room: string, topic: string): string {
  return topic === ''
    ? `${from} took the topic of ${room} away`
    : `${from} set the topic of ${room}: ${topic}`;
}

/** The name of a room when it is not the one in front of the user. */
function elsewhere(room: string, current: string | undefined): string | undefined {
  return current === undefined || room === current ? undefined : room;
}

/** What to show for an entry of a room's log that was looked up. */
export function presentLogEntry(entry: LogEntry, room: RoomInfo, ownNickname: string | undefined): Entry {
  const { sequence, time, from, kind, editedAt } = entry;
  const isOwn = ownNickname !== undefined && from.toLowerCase() === ownNickname.toLowerCase();
  const place = { time, room: room.room, sequence };
  if (kind === 'topic') {
    const text = topicWords(from, room.room, entry.text ?? '');
    return { ...place, content: { type: 'notice', text } };
  }
  if (kind !== 'text') return { ...place, content: { type: 'unseen' } };
  const text = shownText({ text: entry.text, sequence, isOwn }, true);
  if (room.peer !== undefined) {
    const to = isOwn ? room.peer : (ownNickname ?? '');
    return { ...place, content: { type: 'direct', from, to, text, isOwn } };
  }
  const isMention = !isOwn && ownNickname !== undefined && mentions(text, ownNickname);
  const isEdited = editedAt !== undefined;
  return { ...place, content: { type: 'message', from, text, isOwn, isMention, isEdited } };
}

/** An entry whose author gave it another text, or took it back. */
export function revised(entry: Entry, text: string | undefined): Entry {
  const { content } = entry;
  if (content.type !== 'message' && content.type !== 'direct') return entry;
  const isEdited = text !== undefined;
  return {
    ...entry,
    content: { ...content, text: text ?? TAKEN_BACK, ...(content.type === 'message' && { isEdited }) },
  };
}

/** Who one is, where, with how many others, and what waits for the server. */
export function statusLine({ nickname, address, room, users, unsent }: PlaceView): Line {
  if (nickname === undefined) return [];
  const waiting = unsent.filter(({ problem }) => problem === undefined).length;
  const pending = waiting === 0 ? '' : ` - ${waiting} not sent yet`;
  const here = users.length === 0 ? '' : ` - ${users.length} here`;
  return [
    span(nickname, 'own-nickname'),
    span(` in ${room ?? 'no room'} at ${address}${here}${pending}`, 'dim'),
  ];
}

function greeting({ name, messageOfTheDay }: ServerInfo): string {
  const connected = name === '' ? 'connected' : `connected to ${name}`;
  return messageOfTheDay.trim() === '' ? connected : `${connected}\n${messageOfTheDay}`;
}

function departure({ cause, reason }: Extract<ClientNotification, { type: 'user-left' }>): string {
  const words = reason.trim() === '' ? '' : ` (${reason})`;
  switch (cause) {
    case 'connection-lost':
      return `lost the connection${words}`;
    case 'timed-out':
      return `stopped answering${words}`;
    case 'removed':
      return `was sent away${words}`;
    case 'disconnected':
      return `was disconnected${words}`;
    default:
      return `left${words}`;
  }
}
