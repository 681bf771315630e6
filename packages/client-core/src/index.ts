export type { TargetFileSystem } from '@parley/folders';
export {
  type FileAnnouncement,
  findFileReference,
  parseFileAnnouncement,
  parseSentOutcome,
  type SentOutcome,
} from '@parley/protocol';
export { ChatClient, type ChatClientOptions } from './domain/chat-client.ts';
export {
  ClientError,
  type ClientErrorCode,
  type LocalErrorCode,
  type TransferFailureCode,
} from './domain/errors.ts';
export type {
  Acceptance,
  AuditPage,
  ClientCommand,
  ClientEffect,
  ClientEvent,
  ClientNotification,
  CommandResults,
  DirectMessage,
  FileView,
  InviteCode,
  RoomInfo,
  RoomRoles,
  ServerInfo,
} from './domain/events.ts';
export { PROGRESS_SILENT_MS } from './domain/limits.ts';
export type { RoomProgress } from './domain/rooms/room-progress.ts';
export type { RoomGap, RoomMessage } from './domain/rooms/room-view.ts';
export type { Credential, KeyCredential } from './domain/session/credential.ts';
export type { OutboxEntry } from './domain/session/outbox.ts';
export { type ConnectionTrouble, describeSessionEnd, type SessionEnd } from './domain/session/session-end.ts';
export type { SessionState } from './domain/session/session-state.ts';
export type { SentItem } from './domain/transfers/sent-item.ts';
export type { Transfer, TransferFailure, TransferPriority } from './domain/transfers/transfer.ts';
export { isTransferOver, type TransferState } from './domain/transfers/transfer-state.ts';
export type { AccountCommands } from './node/account-commands.ts';
export {
  createParleyClient,
  type ParleyClient,
  type ParleyClientEvents,
} from './node/client.ts';
export type { ParleyClientOptions } from './node/client-options.ts';
export { formatAddress } from './node/connection/chat-connection.ts';
export {
  createLoginKey,
  formatLoginToken,
  parseLoginKey,
  parseLoginToken,
} from './node/connection/login-key.ts';
export {
  type CheckServer,
  type Distrust,
  type ServerIdentity,
  trustRoots,
} from './node/connection/server-identity.ts';
export type { ModerationCommands } from './node/moderation-commands.ts';
export { SessionEndedError } from './node/session-ended-error.ts';
export type { IncomingStream, OpenStream } from './node/transfers/incoming-stream.ts';
export type { QueuedTransfer } from './node/transfers/queued-transfer.ts';
export { TransferEngine, type TransferEngineOptions } from './node/transfers/transfer-engine.ts';
export {
  createWorkerTransferHost,
  type WorkerTransferHostOptions,
} from './node/transfers/worker-transfer-host.ts';
export type { SourceFileSystem } from './node/uploads/source-file.ts';
export type { UploadOptions } from './node/uploads/upload-source.ts';
export type {
  Download,
  DownloadListener,
  DownloadOffer,
  DownloadTask,
  WantedBytes,
} from './transfers/download.ts';
export type {
  HostFailureCode,
  RunningTransfer,
  TransferEnd,
  TransferPhase,
  TransferPolicy,
  TransferProgress,
  TransferRoute,
  TransferTrouble,
  Wish,
} from './transfers/running-transfer.ts';
export type { TransferHost } from './transfers/transfer-host.ts';
export type { Upload, UploadListener, UploadOffer, UploadTask, WantedUpload } from './transfers/upload.ts';
