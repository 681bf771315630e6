import type { ClientMessageId, MessageText, Nickname } from '@parley/protocol';
import type { UserId } from '../../history/history-store.ts';

/** A file, or a folder, for the two of a conversation. */
// CHAT-SEND-1
export interface SentFile {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly users: readonly UserId[];
  readonly sender: UserId;
}

/** What is announced of a folder that comes. */
// CHAT-FOLDER-8
export interface UploadedFolder {
  readonly files: number;
  /** Files and folders. */
  readonly entries: number;
  /** Bytes of the largest file. */
  readonly largest: number;
  /** Of its list. */
  readonly manifestBytes: number;
}

/** What a room is to read of an upload once it is there: the same entry, with the same id, however often the server dies before. */
// CHAT-UPLOAD-6, CHAT-UPLOAD-8
export interface UploadAnnouncement {
  /** By what the file is fetched: of a folder with a slash at its end, of a file that was sent with its id. */
  readonly path: string;
  readonly roomKey: string;
  /** Who uploaded it, and what that user was called. */
  readonly userId: UserId;
  readonly nickname: Nickname;
  readonly text: MessageText;
  readonly clientMessageId: ClientMessageId;
}
