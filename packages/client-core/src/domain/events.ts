import type {
  ClientMessage,
  FileEntry,
  LeaveCause,
  LogEntry,
  Nickname,
  RoomEntry,
  RoomName,
  SearchHit,
  ServerMessage,
  UserEntry,
} from '@parley/protocol';
import type { DownloadOutcome, DownloadProgress } from '../transfers/download-host.ts';
import type { ClientError } from './errors.ts';
import type { RoomGap, RoomMessage } from './room-view.ts';
import type { ConnectionTrouble, SessionEnd } from './session-end.ts';
import type { Transfer, TransferStep } from './transfer-list.ts';

/** What a user of the client can ask for. */
export type ClientCommand =
  | { readonly type: 'register'; readonly nickname: string }
  /** Without a room: to the room where the client is at home. */
  | { readonly type: 'say'; readonly text: string; readonly room?: string | undefined }
  | { readonly type: 'join'; readonly room: string }
  | { readonly type: 'create-room'; readonly room: string; readonly topic: string }
  | { readonly type: 'leave-room'; readonly room: string }
  | { readonly type: 'set-topic'; readonly room: string; readonly topic: string }
  | { readonly type: 'list-rooms' }
  | { readonly type: 'read-history'; readonly room: string; readonly before: number | undefined }
  | { readonly type: 'search'; readonly query: string }
  | { readonly type: 'edit'; readonly room: string; readonly sequence: number; readonly text: string }
  | { readonly type: 'delete'; readonly room: string; readonly sequence: number }
  | { readonly type: 'mark-read'; readonly room: string; readonly sequence: number }
  | { readonly type: 'direct'; readonly nickname: string; readonly text: string }
  | { readonly type: 'list-users'; readonly room?: string | undefined }
  | { readonly type: 'list-files' }
  | { readonly type: 'measure-round-trip' }
  | { readonly type: 'download'; readonly name: string; readonly targetPath: string }
  | { readonly type: 'pause-transfer'; readonly number: number }
  | { readonly type: 'resume-transfer'; readonly number: number }
  | { readonly type: 'cancel-transfer'; readonly number: number }
  | { readonly type: 'leave'; readonly reason: string };

/** What each command gives when it succeeds. */
export interface CommandResults {
  readonly register: { readonly nickname: Nickname; readonly room: RoomName };
  readonly say: Acceptance;
  readonly join: RoomInfo;
  readonly 'create-room': RoomInfo;
  readonly 'leave-room': undefined;
  readonly 'set-topic': Acceptance;
  readonly 'list-rooms': readonly RoomEntry[];
  readonly 'read-history': readonly LogEntry[];
  readonly search: readonly SearchHit[];
  readonly edit: Acceptance;
  readonly delete: Acceptance;
  readonly 'mark-read': undefined;
  readonly direct: Acceptance;
  readonly 'list-users': readonly UserEntry[];
  readonly 'list-files': readonly FileEntry[];
  /** Milliseconds, through both ends' event loops. */
  readonly 'measure-round-trip': number;
  readonly download: Transfer;
  readonly 'pause-transfer': Transfer;
  readonly 'resume-transfer': Transfer;
  readonly 'cancel-transfer': Transfer;
  readonly leave: undefined;
}

/** A room that the client is in. */
export interface RoomInfo {
  readonly room: string;
  readonly isDirect: boolean;
  /** The other one of a conversation. */
  readonly peer: string | undefined;
  readonly topic: string;
  readonly members: number;
}

/** The server has the message. */
export interface Acceptance {
  readonly epoch: number;
  readonly sequence: number;
  readonly time: number;
}

/** What happens to a client. */
export type ClientEvent =
  /** The connection is being made from now on. */
  | { readonly type: 'started' }
  | { readonly type: 'connected' }
  | { readonly type: 'received'; readonly message: ServerMessage }
  | { readonly type: 'connection-ended'; readonly trouble: ConnectionTrouble }
  /** `deadline` has come. */
  | { readonly type: 'deadline' }
  | { readonly type: 'command'; readonly commandId: number; readonly command: ClientCommand }
  | { readonly type: 'download-progress'; readonly number: number; readonly progress: DownloadProgress }
  | { readonly type: 'download-ended'; readonly number: number; readonly outcome: DownloadOutcome }
  /** The owner gives up, now. */
  | { readonly type: 'abandoned' };

/** What a client wants done. */
export type ClientEffect =
  | { readonly type: 'send'; readonly message: ClientMessage }
  /** Make a new connection. */
  | { readonly type: 'connect' }
  /** Close the connection once what was sent is on its way. */
  | { readonly type: 'end-connection' }
  | { readonly type: 'command-succeeded'; readonly commandId: number; readonly result: unknown }
  | { readonly type: 'command-failed'; readonly commandId: number; readonly error: ClientError }
  | Exclude<TransferStep, { type: 'request-offer' | 'decline-offer' | 'transfer-changed' }>
  | { readonly type: 'notify'; readonly notification: ClientNotification };

/** Who answered. */
export interface ServerInfo {
  readonly name: string;
  readonly messageOfTheDay: string;
  readonly room: RoomName;
  readonly protocolVersion: number;
  /** Milliseconds since 1970, by the server's clock. */
  readonly time: number;
}

/** A message to one user. */
export interface DirectMessage {
  /** The conversation that it belongs to, and its number in the log of that. */
  readonly room: string;
  readonly sequence: number;
  readonly time: number;
  readonly from: string;
  readonly to: string;
  readonly text: string | undefined;
  /** Sent by this client. */
  readonly isOwn: boolean;
}

/** What the users of a client are told, in the order in which it happened. */
export type ClientNotification =
  | { readonly type: 'server-greeted'; readonly server: ServerInfo }
  | { readonly type: 'registered'; readonly nickname: string; readonly room: string }
  /** The connection broke; the client tries to come back in `retryAfterMs`. */
  | { readonly type: 'connection-lost'; readonly end: SessionEnd; readonly retryAfterMs: number }
  | { readonly type: 'reconnected' }
  | { readonly type: 'room-entered'; readonly room: RoomInfo }
  | { readonly type: 'room-left'; readonly room: string }
  | {
      readonly type: 'topic-changed';
      readonly room: string;
      readonly from: string;
      readonly topic: string;
      readonly time: number;
    }
  /** The author gave a message another text, or took it back. */
  | {
      readonly type: 'message-changed';
      readonly room: string;
      readonly from: string;
      readonly sequence: number;
      readonly text: string | undefined;
      readonly time: number;
    }
  /** Up to here the user has read, on whatever device. */
  | { readonly type: 'read-marker'; readonly room: string; readonly sequence: number }
  | { readonly type: 'message'; readonly message: RoomMessage }
  | { readonly type: 'direct-message'; readonly message: DirectMessage }
  | { readonly type: 'gap'; readonly gap: RoomGap }
  | { readonly type: 'user-joined'; readonly room: string; readonly nickname: string; readonly time: number }
  | {
      readonly type: 'user-left';
      readonly room: string;
      readonly nickname: string;
      readonly cause: LeaveCause;
      readonly reason: string;
      readonly time: number;
    }
  /** The list of users is another one now. */
  | { readonly type: 'users-changed' }
  | { readonly type: 'transfer-changed'; readonly transfer: Transfer }
  /** The server will stop within `endsWithinMs`, and may be back `returnAfterMs` after its goodbye. */
  | {
      readonly type: 'server-draining';
      readonly endsWithinMs: number;
      readonly returnAfterMs: number;
      readonly message: string;
    }
  /** The last one. */
  | { readonly type: 'closed'; readonly end: SessionEnd };
