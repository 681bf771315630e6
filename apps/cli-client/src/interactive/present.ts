import {
  type ClientNotification,
  describeSessionEnd,
  isTransferOver,
  type ParleyClient,
  type ServerInfo,
} from '@parley/client-core';
import type { EntryContent } from '../view/entry.ts';
import { type Line, span } from '../view/line.ts';
import { untilWords } from './moderation-commands.ts';

/** What to show for a notification, if anything: the time is the server's where it gave one. */
export function presentNotification(
  notification: ClientNotification,
  ownNickname: string | undefined,
  currentRoom: string | undefined,
): { readonly content: EntryContent; readonly time?: number } | undefined {
  switch (notification.type) {
    case 'server-greeted':
      return { content: { type: 'notice', text: greeting(notification.server) } };
    case 'registered': {
      const text = `you are ${notification.nickname} in ${notification.room}; /help shows the commands`;
      return { content: { type: 'notice', text } };
    }
    case 'message': {
      const { from, isOwn, time } = notification.message;
      const text = notification.message.text ?? TAKEN_BACK;
      const isMention = !isOwn && ownNickname !== undefined && mentions(text, ownNickname);
      const room = elsewhere(notification.message.room, currentRoom);
      return { content: { type: 'message', from, text, isOwn, isMention, room }, time };
    }
    case 'direct-message': {
      const { from, to, isOwn, time } = notification.message;
      const text = notification.message.text ?? TAKEN_BACK;
      return { content: { type: 'direct', from, to, text, isOwn }, time };
    }
    case 'gap':
      return { content: { type: 'gap', missing: notification.gap.missing } };
    case 'user-joined':
      if (elsewhere(notification.room, currentRoom) !== undefined) return undefined;
      return { content: { type: 'joined', nickname: notification.nickname }, time: notification.time };
    case 'user-left': {
      const { nickname, time } = notification;
      if (elsewhere(notification.room, currentRoom) !== undefined) return undefined;
      return { content: { type: 'left', nickname, how: departure(notification) }, time };
    }
    case 'transfer-changed': {
      const { transfer } = notification;
      return isTransferOver(transfer.state) ? { content: { type: 'transfer-over', transfer } } : undefined;
    }
    case 'server-draining': {
      const { endsWithinMs, message } = notification;
      const seconds = Math.ceil(endsWithinMs / 1000);
      return {
        content: {
          type: 'notice',
          text: `the server stops in at most ${seconds} s, no new downloads until it is back: ${message}`,
        },
      };
    }
    case 'topic-changed': {
      const { from, room, topic, time } = notification;
      const text =
        topic === ''
          ? `${from} took the topic of ${room} away`
          : `${from} set the topic of ${room}: ${topic}`;
      return { content: { type: 'notice', text }, time };
    }
    case 'message-changed': {
      const { from, sequence, text, time } = notification;
      const words =
        text === undefined
          ? `${from} took back message ${sequence}`
          : `${from} changed message ${sequence}: ${text}`;
      return { content: { type: 'notice', text: words }, time };
    }
    case 'removed':
    case 'muted':
    case 'invited':
      return { content: presentModeration(notification) };
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
      const { room = 'the server', by, reason, isMuted, until } = notification;
      const how = isMuted ? `muted you in ${room} ${untilWords(until)}` : `lets you write in ${room} again`;
      return { type: isMuted ? 'error' : 'notice', text: `${by} ${how}${because(reason)}` };
    }
    case 'invited': {
      const { room, by } = notification;
      return { type: 'notice', text: `${by} invites you: /join ${room}` };
    }
  }
}

function because(reason: string): string {
  return reason === '' ? '' : `: ${reason}`;
}

/** What stands for a text that its author took back. */
const TAKEN_BACK = '(taken back)';

/** The name of a room when it is not the one in front of the user. */
function elsewhere(room: string, current: string | undefined): string | undefined {
  return current === undefined || room === current ? undefined : room;
}

/** Who one is, where, with how many others, and what waits for the server. */
export function statusLine(client: ParleyClient, address: string, room: string | undefined): Line {
  const { nickname, server } = client;
  if (nickname === undefined || !server) return [];
  const count = client.roomUsers(room).length;
  const waiting = client.outbox.length;
  const pending = waiting === 0 ? '' : ` - ${waiting} not sent yet`;
  const here = count === 0 ? '' : ` - ${count} here`;
  return [
    span(nickname, 'own-nickname'),
    span(` in ${room ?? server.room} at ${address}${here}${pending}`, 'dim'),
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

/** The nickname stands in the text as a word. */
function mentions(text: string, nickname: string): boolean {
  const escaped = nickname.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, 'iu').test(text);
}
