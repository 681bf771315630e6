import {
  CLIENT_MESSAGE_ID_BYTES,
  type ClientMessageId,
  type FileName,
  type MessageText,
  sentFilePath,
} from '@parley/protocol';
import { standingOf } from './accounts/standing.ts';
import { writeEntry } from './append-entry.ts';
import type { EffectList } from './effect-list.ts';
import type { ServerState } from './server-state.ts';
import type { Transfer } from './transfer-registry.ts';

/** Tells a room of a file that was uploaded: an entry of its log, by who uploaded it. */
// CHAT-UPLOAD-6
export function announceUpload(
  state: ServerState,
  effects: EffectList,
  { transferId, name, announcement }: Transfer,
  size: number,
  now: number,
): void {
  if (announcement === undefined) return;
  const { room, author, sent, files } = announcement;
  const place = sent === undefined ? name : sentFilePath(sent.id, name as FileName);
  // CHAT-FOLDER-8
  const path = files === undefined ? place : `${place}/`;
  const extent = files === undefined ? `${size} bytes` : `${files} files, ${size} bytes`;
  const time = state.timeAt(now);
  const isMuted = standingOf(state, author.userId, room, time) === 'muted';
  if (isMuted || state.writer.isFull) {
    const detail = isMuted ? 'the user was muted meanwhile' : 'too many writes wait for the disk';
    effects.note({ name: 'upload-not-announced', transferId, detail });
    return;
  }
  const text = `file:${/\s/.test(path) ? `"${path}"` : path} (${extent})` as MessageText;
  const clientMessageId = state.options.randomBytes(CLIENT_MESSAGE_ID_BYTES) as ClientMessageId;
  writeEntry(
    state,
    room,
    { author, kind: 'text', target: 0, text, clientMessageId, time },
    (result, later) => {
      if (result.type !== 'failed') return;
      later.note({ name: 'upload-not-announced', transferId, detail: result.message });
    },
  );
  // CHAT-SLOW-2
  if (state.accounts.settingsOf(room.key).slowModeMs === 0) return;
  room.wroteAt.delete(author.userId);
  room.wroteAt.set(author.userId, now);
}
