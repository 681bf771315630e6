import {
  type ClientNotification,
  isTransferOver,
  type ParleyClient,
  type ServerInfo,
} from '@parley/client-core';
import type { EntryContent } from '../view/entry.ts';
import { type Line, span } from '../view/line.ts';

/** What to show for a notification, if anything: the time is the server's where it gave one. */
export function presentNotification(
  notification: ClientNotification,
  ownNickname: string | undefined,
): { readonly content: EntryContent; readonly time?: number } | undefined {
  switch (notification.type) {
    case 'server-greeted':
      return { content: { type: 'notice', text: greeting(notification.server) } };
    case 'registered': {
      const text = `you are ${notification.nickname} in ${notification.room}; /help shows the commands`;
      return { content: { type: 'notice', text } };
    }
    case 'message': {
      const { from, text, isOwn, time } = notification.message;
      const isMention = !isOwn && ownNickname !== undefined && mentions(text, ownNickname);
      return { content: { type: 'message', from, text, isOwn, isMention }, time };
    }
    case 'direct-message': {
      const { from, to, text, isOwn, time } = notification.message;
      return { content: { type: 'direct', from, to, text, isOwn }, time };
    }
    case 'gap':
      return { content: { type: 'gap', missing: notification.gap.missing } };
    case 'user-joined':
      return { content: { type: 'joined', nickname: notification.nickname }, time: notification.time };
    case 'user-left': {
      const { nickname, time } = notification;
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
    case 'users-changed':
    case 'closed':
      return undefined;
  }
}

/** Who one is, where, with how many others. */
export function statusLine(client: ParleyClient, address: string): Line {
  const { nickname, server } = client;
  if (nickname === undefined || !server) return [];
  const count = client.roomUsers.length;
  const here = count === 0 ? '' : ` - ${count} here`;
  return [span(nickname, 'own-nickname'), span(` in ${server.room} at ${address}${here}`, 'dim')];
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
