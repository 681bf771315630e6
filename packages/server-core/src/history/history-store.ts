import type {
  ClientMessageId,
  EntryKind,
  LogEntry,
  MessageText,
  Nickname,
  ReadDirection,
  RoomKind,
  RoomName,
  SearchHit,
} from '@parley/protocol';

/** What a user is known by inside the server: 32 hexadecimal digits that nobody else is ever told. */
export type UserId = string & { readonly userId: unique symbol };

/** A room as the store keeps it. */
export interface StoredRoom {
  readonly name: RoomName;
  /** What the names of one room have in common (`roomNameKey`). */
  readonly key: string;
  readonly kind: RoomKind;
  /** The two of a conversation, with the names that they had last; empty for a public room. */
  readonly users: readonly { readonly userId: UserId; readonly nickname: Nickname }[];
  readonly topic: string;
  readonly epoch: number;
  /** Sequence of the oldest entry that is kept; one more than `lastSequence` when none is. */
  readonly firstSequence: number;
  /** Sequence of the newest entry there ever was; 0 before the first. */
  readonly lastSequence: number;
}

/** A room that does not exist yet. */
export type NewRoom = Omit<StoredRoom, 'firstSequence' | 'lastSequence'> & { readonly createdAt: number };

/** An entry that has no place yet. */
export interface NewEntry {
  readonly roomKey: string;
  readonly userId: UserId;
  readonly from: Nickname;
  readonly kind: EntryKind;
  /** Sequence of the entry that an `edit` or `delete` changes; 0 otherwise. */
  readonly target: number;
  /** Absent for `delete`, and for a topic that was taken away. */
  readonly text: MessageText | undefined;
  readonly clientMessageId: ClientMessageId;
  /** Wall-clock time in milliseconds since 1970. */
  readonly time: number;
}

/** One thing that a store writes. */
export type StoreOperation =
  | { readonly type: 'create-room'; readonly room: NewRoom }
  | { readonly type: 'append'; readonly entry: NewEntry }
  | {
      readonly type: 'mark-read';
      readonly roomKey: string;
      readonly userId: UserId;
      readonly sequence: number;
    }
  /** Somebody who is in conversations has another name. */
  | { readonly type: 'name-user'; readonly userId: UserId; readonly nickname: Nickname }
  | { readonly type: 'forget'; readonly retention: Retention; readonly now: number };

/** What becomes of old entries. The id of a message is remembered longer (CHAT-SAY-4), whatever becomes of the message. */
export interface Retention {
  /** Entries older than this are forgotten; `undefined` keeps them. */
  readonly ageMsMax: number | undefined;
  /** Entries of a room beyond this many, the newest, are forgotten; `undefined` keeps them. */
  readonly entriesPerRoomMax: number | undefined;
}

/** What came of one operation. */
export type StoreResult =
  | { readonly type: 'room-created' }
  /** A room of this name is there already. */
  | { readonly type: 'room-exists' }
  /** The entry has its place. */
  | { readonly type: 'appended'; readonly sequence: number; readonly time: number }
  /** The same user sent this id before: that one's place. */
  | { readonly type: 'repeated'; readonly sequence: number; readonly time: number }
  | { readonly type: 'refused'; readonly reason: 'room-not-found' | 'message-not-found' | 'not-author' }
  | { readonly type: 'marked'; readonly sequence: number }
  | { readonly type: 'named' }
  | {
      readonly type: 'forgotten';
      readonly firsts: readonly { readonly roomKey: string; readonly firstSequence: number }[];
      /** Whether there is more to forget than one write should take: ask again. */
      readonly hasMore: boolean;
    };

/** Which part of a log is asked for. */
export interface HistoryQuery {
  readonly roomKey: string;
  readonly direction: ReadDirection;
  /** The place after or before which to read; it is not part of the answer. */
  readonly sequence: number;
  readonly limit: number;
}

/** Part of a log, in ascending order, whichever way it was read. */
export interface HistoryPage {
  readonly entries: readonly LogEntry[];
  /** As `StoredRoom` has them, at the moment of reading. */
  readonly firstSequence: number;
  readonly lastSequence: number;
}

/** What a search looks for: everything given has to fit. */
export interface SearchQuery {
  /** Words that all have to be in the text. */
  readonly words: readonly string[];
  /** Nickname key of the author. */
  readonly from: string | undefined;
  /** Keys of the rooms where to look. */
  readonly roomKeys: readonly string[];
  /** Wall-clock times, milliseconds since 1970: at or after, and before. */
  readonly after: number | undefined;
  readonly before: number | undefined;
  /** Only entries that name a file. */
  readonly hasFile: boolean;
  /** Number of hits to skip. */
  readonly offset: number;
  readonly limit: number;
}

/** Why a store cannot do what it should. */
export type StoreErrorCode =
  /** No room on the disk. */
  | 'disk-full'
  /** Another program holds the file. */
  | 'busy'
  /** The file is damaged, or is no history of ours. */
  | 'corrupt'
  /** A newer program wrote the file. */
  | 'too-new'
  /** The store was closed. */
  | 'closed'
  /** The disk or the system refused. */
  | 'io';

/** A store that failed. Nothing of the write that failed is in the log. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Where the logs of rooms are kept. The store gives every entry its place: within a room 1, 2, 3 … without a gap, in the
 * order of the writes.
 */
// CHAT-LOG-1
export interface HistoryStore {
  /** Whether what was written is still there after the end of the process. */
  readonly isDurable: boolean;
  /** All rooms. Rejects with `StoreError` when the store cannot be used; its message says what to do. */
  open(): Promise<readonly StoredRoom[]>;
  /**
   * Writes all of it or nothing, and resolves when it is durable, with one result for each operation. Writes take
   * effect in the order of the calls. Rejects with `StoreError`: then nothing of it is in the log.
   */
  write(operations: readonly StoreOperation[]): Promise<readonly StoreResult[]>;
  /** Reads at most `limit` entries; an unknown room has none. */
  read(query: HistoryQuery): Promise<HistoryPage>;
  /** The newest first, which is the one that was written last, whatever the clock said. */
  search(query: SearchQuery): Promise<readonly SearchHit[]>;
  /** Up to where a user has read each of these rooms, in their order; 0 for never. */
  readMarkers(userId: UserId, roomKeys: readonly string[]): Promise<readonly number[]>;
  /** Resolves when everything that was asked for is done and the file is closed. */
  close(): Promise<void>;
}
