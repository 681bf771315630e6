import {
  CLIENT_MESSAGE_ID_BYTES,
  type ClientMessageId,
  type FileName,
  formatFileAnnouncement,
  type MessageText,
  sentFilePath,
} from '@parley/protocol';
import type { EffectList } from '../effect-list.ts';
import { writeEntry } from '../rooms/append-entry.ts';
import type { Room } from '../rooms/room.ts';
import type { ServerState } from '../server-state.ts';
import type { Membership } from '../sessions/session.ts';
import type { SentFile, UploadAnnouncement } from './upload-description.ts';
import { troubleInTelling } from './withdrawn-rights.ts';

/** What an upload is called in the log of a room and in the list of uploads. */
// CHAT-SEND-1, CHAT-FOLDER-8
export function uploadPath({
  name,
  sent,
  isFolder,
}: {
  readonly name: string;
  readonly sent: SentFile | undefined;
  readonly isFolder: boolean;
}): string {
  const place = sent === undefined ? name : sentFilePath(sent.id, name as FileName);
  return isFolder ? `${place}/` : place;
}

/** What a room will read of an upload: decided when it is asked for, so that a server that dies meanwhile can be asked what it was. */
// CHAT-UPLOAD-6
export function announcementOf(
  state: ServerState,
  room: Room,
  { userId, nickname }: Membership,
  upload: {
    readonly name: string;
    readonly size: number;
    readonly sent: SentFile | undefined;
    /** Of a folder: how many files it has. */
    readonly files: number | undefined;
  },
): UploadAnnouncement {
  const { name, size, sent, files } = upload;
  const path = uploadPath({ name, sent, isFolder: files !== undefined });
  const text = formatFileAnnouncement({ path, size, files }) as MessageText;
  const clientMessageId = state.options.randomBytes(CLIENT_MESSAGE_ID_BYTES) as ClientMessageId;
  return { path, roomKey: room.key, userId, nickname, text, clientMessageId };
}

/**
 * Tells a room of a file that was uploaded: an entry of its log, by who uploaded it. The store knows the entry by its id, so that
 * nobody reads it twice when the server died before it heard that it was written.
 */
// CHAT-UPLOAD-6, CHAT-UPLOAD-8, CHAT-SAY-4
export function announceUpload(
  state: ServerState,
  effects: EffectList,
  announcement: UploadAnnouncement,
  now: number,
): void {
  const { path, roomKey, userId, nickname, text, clientMessageId } = announcement;
  const room = state.rooms.byKey(roomKey);
  const time = state.timeAt(now);
  const trouble = room && troubleInTelling(state, userId, room, time);
  if (room === undefined || trouble !== undefined) {
    const detail = trouble ?? 'there is no such room any more';
    effects.note({ name: 'upload-not-announced', path, detail });
    effects.add({ type: 'settle-upload', path });
    return;
  }
  if (state.writer.isFull) {
    effects.note({ name: 'upload-not-announced', path, detail: 'too many writes wait for the disk: later' });
    return;
  }
  const author = { userId, nickname };
  const entry = { author, kind: 'text', target: 0, text, clientMessageId, time } as const;
  writeEntry(state, room, entry, (result, later) => {
    if (result.type === 'failed')
      later.note({ name: 'upload-not-announced', path, detail: `${result.message}: later` });
    else later.add({ type: 'settle-upload', path });
  });
  // CHAT-SLOW-2
  if (state.accounts.settingsOf(room.key).slowModeMs === 0) return;
  room.wroteAt.delete(userId);
  room.wroteAt.set(userId, now);
}
