export { localFileName, type TargetFileSystem } from '@parley/folders';
export { ChatClient, type ChatClientOptions } from './domain/chat-client.ts';
export type { Credential, KeyCredential } from './domain/credential.ts';
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
export type { OutboxEntry } from './domain/outbox.ts';
export type { RoomProgress } from './domain/room-progress.ts';
export type { RoomGap, RoomMessage } from './domain/room-view.ts';
export type { SentItem } from './domain/sent-item.ts';
export { type ConnectionTrouble, describeSessionEnd, type SessionEnd } from './domain/session-end.ts';
export type { SessionState } from './domain/session-state.ts';
export type { Transfer, TransferFailure, TransferPriority } from './domain/transfer.ts';
export { isTransferOver, type TransferState } from './domain/transfer-state.ts';
export type { AccountCommands } from './node/account-commands.ts';
export { formatAddress } from './node/chat-connection.ts';
export {
  createParleyClient,
  type ParleyClient,
  type ParleyClientEvents,
} from './node/client.ts';
export type { ParleyClientOptions } from './node/client-options.ts';
export { resolveDownloadTarget } from './node/download-target.ts';
export type { IncomingStream, OpenStream } from './node/incoming-stream.ts';
export {
  createLoginKey,
  formatLoginToken,
  parseLoginKey,
  parseLoginToken,
} from './node/login-key.ts';
export type { ModerationCommands } from './node/moderation-commands.ts';
export { isPartFileName } from './node/part-file-name.ts';
export type { QueuedTransfer } from './node/queued-transfer.ts';
export { type CheckServer, type Distrust, type ServerIdentity, trustRoots } from './node/server-identity.ts';
export { SessionEndedError } from './node/session-ended-error.ts';
export type { SourceFileSystem } from './node/source-file.ts';
export { TransferEngine, type TransferEngineOptions } from './node/transfer-engine.ts';
export type { UploadOptions } from './node/upload-source.ts';
export { createWorkerTransferHost, type WorkerTransferHostOptions } from './node/worker-transfer-host.ts';
export type {
  Download,
  DownloadListener,
  DownloadOffer,
  DownloadTask,
  HostFailureCode,
  RunningTransfer,
  TransferEnd,
  TransferHost,
  TransferPhase,
  TransferPolicy,
  TransferProgress,
  TransferRoute,
  TransferTrouble,
  WantedBytes,
  Wish,
} from './transfers/transfer-host.ts';
export type {
  Upload,
  UploadListener,
  UploadOffer,
  UploadTask,
  WantedUpload,
} from './transfers/upload-host.ts';
