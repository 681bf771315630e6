import type {
  AuditEntry,
  BanEntry,
  ClientMessage,
  CredentialEntry,
  EmergencyLevel,
  FailureCode,
  FileEntry,
  FileOrder,
  LeaveCause,
  LogEntry,
  LoginToken,
  ModerationAction,
  Nickname,
  PublicKey,
  RoleEntry,
  RoleName,
  RoomEntry,
  RoomEntryName,
  RoomName,
  SearchHit,
  ServerMessage,
  UserEntry,
} from '@parley/protocol';
import type { WantedBytes } from '../transfers/download.ts';
import type { TransferEnd, TransferProgress } from '../transfers/running-transfer.ts';
import type { WantedUpload } from '../transfers/upload.ts';
import type { ClientError } from './errors.ts';
import type { RoomProgress } from './rooms/room-progress.ts';
import type { RoomGap, RoomMessage } from './rooms/room-view.ts';
import type { Credential } from './session/credential.ts';
import type { ConnectionTrouble, SessionEnd } from './session/session-end.ts';
import type { SentItem } from './transfers/sent-item.ts';
import type { Transfer, TransferPriority, TransferStep } from './transfers/transfer.ts';

/** What a user of the client can ask for. */
export type ClientCommand =
  | { readonly type: 'register'; readonly nickname: string }
  | { readonly type: 'login'; readonly nickname: string; readonly credential: Credential }
  /** Without a nickname: of the one that the client has. */
  | {
      readonly type: 'create-account';
      readonly nickname: string | undefined;
      readonly password: string;
      readonly invite: string | undefined;
    }
  | { readonly type: 'add-key'; readonly name: string; readonly publicKey: PublicKey }
  | { readonly type: 'create-token'; readonly name: string }
  | { readonly type: 'list-credentials' }
  | { readonly type: 'revoke-credential'; readonly name: string }
  | { readonly type: 'delete-account'; readonly password: string }
  | { readonly type: 'set-password'; readonly current: string; readonly password: string }
  /** Without a room: to the room where the client is at home. */
  | { readonly type: 'say'; readonly text: string; readonly room?: string | undefined }
  | { readonly type: 'join'; readonly room: string }
  | { readonly type: 'create-room'; readonly room: string; readonly topic: string }
  | { readonly type: 'leave-room'; readonly room: string; readonly reason: string }
  | { readonly type: 'set-topic'; readonly room: string; readonly topic: string }
  | { readonly type: 'list-rooms' }
  | {
      readonly type: 'read-history';
      readonly room: string;
      readonly direction: 'before' | 'after';
      /** The place in the log; `undefined` for its end. */
      readonly sequence: number | undefined;
    }
  | { readonly type: 'search'; readonly query: string }
  | { readonly type: 'edit'; readonly room: string; readonly sequence: number; readonly text: string }
  | { readonly type: 'delete'; readonly room: string; readonly sequence: number }
  | { readonly type: 'mark-read'; readonly room: string; readonly sequence: number }
  | { readonly type: 'direct'; readonly nickname: string; readonly text: string }
  | { readonly type: 'open-direct'; readonly nickname: string }
  /** One that was sent, to the user or by it. */
  | { readonly type: 'discard-file'; readonly name: string }
  | { readonly type: 'list-sent' }
  /** Without a room: in the whole server. */
  | {
      readonly type: 'moderate';
      readonly action: ModerationAction;
      readonly target: string;
      readonly room: string | undefined;
      readonly durationMs: number | undefined;
      readonly reason: string;
    }
  | {
      readonly type: 'set-role';
      readonly nickname: string;
      readonly role: RoleName;
      readonly room: string | undefined;
    }
  | {
      readonly type: 'configure-room';
      readonly room: string;
      readonly entry: RoomEntryName | undefined;
      readonly slowModeMs: number | undefined;
    }
  | { readonly type: 'invite-user'; readonly nickname: string; readonly room: string }
  | { readonly type: 'list-roles'; readonly room: string | undefined }
  | { readonly type: 'list-bans'; readonly room: string | undefined }
  | { readonly type: 'create-invite' }
  | { readonly type: 'set-emergency'; readonly level: EmergencyLevel }
  | {
      readonly type: 'read-audit';
      readonly room: string | undefined;
      readonly cursor: string | undefined;
    }
  | { readonly type: 'list-users'; readonly room?: string | undefined }
  | ({ readonly type: 'list-files' } & FileView)
  | { readonly type: 'watch-files'; readonly isWatching: boolean }
  | { readonly type: 'measure-round-trip' }
  | {
      readonly type: 'download';
      readonly name: string;
      readonly targetPath: string;
      readonly from?: string | undefined;
    }
  | {
      readonly type: 'upload';
      readonly name: string;
      readonly sourcePath: string;
      /** Who is told when it is there. */
      readonly room: string | undefined;
    }
  | { readonly type: 'pause-transfer'; readonly number: number }
  | { readonly type: 'resume-transfer'; readonly number: number }
  | { readonly type: 'cancel-transfer'; readonly number: number }
  | {
      readonly type: 'prioritize-transfer';
      readonly number: number;
      readonly priority: TransferPriority;
    }
  /** From now on the room is told how far it is. */
  | { readonly type: 'tell-progress'; readonly number: number; readonly room: string }
  | { readonly type: 'leave'; readonly reason: string };

/** What each command gives when it succeeds. */
export interface CommandResults {
  readonly register: { readonly nickname: Nickname; readonly room: RoomName };
  readonly login: CommandResults['register'];
  /** Nothing when the client had its nickname already. */
  readonly 'create-account': CommandResults['register'] | undefined;
  readonly 'set-password': undefined;
  readonly 'delete-account': undefined;
  readonly 'add-key': undefined;
  readonly 'create-token': LoginToken;
  readonly 'list-credentials': readonly CredentialEntry[];
  readonly 'revoke-credential': undefined;
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
  readonly 'open-direct': RoomInfo;
  readonly 'discard-file': undefined;
  readonly 'list-sent': readonly SentItem[];
  readonly moderate: undefined;
  readonly 'set-role': undefined;
  readonly 'configure-room': undefined;
  readonly 'invite-user': undefined;
  readonly 'list-roles': RoomRoles;
  readonly 'list-bans': readonly BanEntry[];
  readonly 'create-invite': InviteCode;
  readonly 'set-emergency': undefined;
  readonly 'read-audit': AuditPage;
  readonly 'list-users': readonly UserEntry[];
  readonly 'list-files': readonly FileEntry[];
  readonly 'watch-files': undefined;
  /** Milliseconds, through both ends' event loops. */
  readonly 'measure-round-trip': number;
  readonly download: Transfer;
  readonly upload: Transfer;
  readonly 'pause-transfer': Transfer;
  readonly 'resume-transfer': Transfer;
  readonly 'cancel-transfer': Transfer;
  readonly 'prioritize-transfer': Transfer;
  readonly 'tell-progress': Transfer;
  readonly leave: undefined;
}

/** Which of the shared files, and in which order (CHAT-LIST-8, CHAT-LIST-9). */
export interface FileView {
  /** Part of a path, or a pattern such as `*.iso` or `docs/**`; all files unless given. */
  readonly pattern?: string | undefined;
  /** By path unless given. */
  readonly order?: FileOrder | undefined;
  /** The first so many of them; all unless given. */
  readonly countMax?: number | undefined;
}

/** Who has which role, and how the room is kept. */
export interface RoomRoles {
  readonly entry: RoomEntryName;
  /** Between two messages of one user; 0 when there is no slow mode. */
  readonly slowModeMs: number;
  readonly roles: readonly RoleEntry[];
}

/** What those in charge have decided, the newest first. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** Asks for older ones; absent when there are none. */
  readonly nextCursor: string | undefined;
}

/** A code with which somebody may make an account. */
export interface InviteCode {
  readonly code: string;
  /** Milliseconds since 1970, by the server's clock. */
  readonly expiresAt: number;
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
  /** `fingerprint` is what the server showed of itself; absent on plain TCP. */
  | { readonly type: 'connected'; readonly fingerprint?: string | undefined }
  | { readonly type: 'received'; readonly message: ServerMessage }
  | { readonly type: 'connection-ended'; readonly trouble: ConnectionTrouble }
  /** `deadline` has come. */
  | { readonly type: 'deadline' }
  | { readonly type: 'command'; readonly commandId: number; readonly command: ClientCommand }
  | { readonly type: 'transfer-progress'; readonly number: number; readonly progress: TransferProgress }
  | { readonly type: 'download-wanted'; readonly number: number; readonly wanted: WantedBytes }
  | { readonly type: 'upload-wanted'; readonly number: number; readonly wanted: WantedUpload }
  | { readonly type: 'transfer-settled'; readonly number: number; readonly outcome: TransferEnd }
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
  | Exclude<
      TransferStep,
      { type: 'request-offer' | 'request-upload-offer' | 'decline-offer' | 'transfer-changed' }
    >
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
  /** Somebody in charge has taken this user out of a room; `room-left` follows. */
  | {
      readonly type: 'removed';
      readonly room: string;
      readonly by: string;
      readonly reason: string;
      readonly isBanned: boolean;
      /** When the user may come back, if ever. */
      readonly until: number | undefined;
    }
  /** This user may not write any more, or may again; without a room: anywhere. */
  | {
      readonly type: 'muted';
      readonly room: string | undefined;
      readonly by: string;
      readonly reason: string;
      readonly isMuted: boolean;
      readonly until: number | undefined;
    }
  /** This user may come into a room. */
  | { readonly type: 'invited'; readonly room: string; readonly by: string }
  /** Somebody has another role in a room now. */
  | {
      readonly type: 'role-changed';
      readonly room: string;
      readonly nickname: string;
      readonly role: RoleName | 'unknown';
    }
  /** The list of shared files is another one now; told after `watchFiles(true)`. */
  | { readonly type: 'files-changed' }
  /** The list of users is another one now. */
  | { readonly type: 'users-changed' }
  | { readonly type: 'transfer-changed'; readonly transfer: Transfer }
  /** Somebody in a room, this user included, wants it told how far a transfer is. */
  | { readonly type: 'room-progress'; readonly progress: RoomProgress }
  /** The room is not told of that transfer of this client. */
  | {
      readonly type: 'progress-refused';
      readonly number: number;
      readonly code: FailureCode;
      readonly message: string;
    }
  /** The server will stop within `endsWithinMs`, and may be back `returnAfterMs` after its goodbye. */
  | {
      readonly type: 'server-draining';
      readonly endsWithinMs: number;
      readonly returnAfterMs: number;
      readonly message: string;
    }
  /** The last one. */
  | { readonly type: 'closed'; readonly end: SessionEnd };
