export { DEFAULT_PORT } from '@parley/protocol';
export type {
  AccountChange,
  AccountStore,
  AuditQuery,
  Emergency,
  NewAuditEntry,
  PasswordHash,
  Place,
  Role,
  StoredAccount,
  StoredAuditEntry,
  StoredBan,
  StoredCredential,
  StoredInvite,
  StoredMute,
  StoredRole,
  StoredRoomSettings,
} from './accounts/account-store.ts';
export { createMemoryAccountStore } from './accounts/memory-account-store.ts';
export type { Admission } from './domain/accounts/admission.ts';
export { DEFAULT_DOOR_LIMITS, type DoorLimits } from './domain/door.ts';
export type { ServerNote } from './domain/effects.ts';
export { type Allowance, DEFAULT_LIMITS, type ServerLimits } from './domain/limits.ts';
export type { UploadRule } from './domain/server-state.ts';
export type { ChatStatistics, Counters } from './domain/statistics.ts';
export {
  type HistoryPage,
  type HistoryQuery,
  type HistoryStore,
  type NewEntry,
  type NewRoom,
  type Retention,
  type SearchQuery,
  type StoredRoom,
  StoreError,
  type StoreErrorCode,
  type StoreOperation,
  type StoreResult,
  type UserId,
} from './history/history-store.ts';
export { createMemoryHistoryStore } from './history/memory-store.ts';
export type { ListenAddress } from './node/chat-listener.ts';
export { ChunkHasher, type FileDigests } from './node/chunk-hasher.ts';
export type { TlsIdentity } from './node/connection-door.ts';
export { createFileAccountStore } from './node/file-account-store.ts';
export { createSelfSignedIdentity, identityFingerprint } from './node/self-signed.ts';
export {
  createParleyServer,
  type ParleyServer,
  type ParleyServerOptions,
  type ServerEvents,
  type ServerStatistics,
  type StopOptions,
} from './node/server.ts';
export { ServerOptionError, type SharedFilesOptions } from './node/server-options.ts';
export type { SqliteDurability, SqliteWorkerData } from './node/sqlite/sqlite-messages.ts';
export { createSqliteHistoryStore, type SqliteHistoryOptions } from './node/sqlite/sqlite-store.ts';
export type { ThreadHandle } from './node/sqlite/sqlite-thread.ts';
export {
  openTransferEngine,
  type TransferEngine,
  type TransferEngineCounters,
  type TransferEngineOptions,
} from './node/transfer-engine.ts';
export { DEFAULT_UPLOAD_LIMITS, type UploadLimits } from './node/upload-inbox.ts';
export {
  openWorkerTransferHost,
  TransferHostError,
  type WorkerTransferHostOptions,
} from './node/worker-transfer-host.ts';
export type {
  FolderOffer,
  TransferFailure,
  TransferHost,
  TransferHostEvent,
  TransferOffer,
  TransferRates,
  UploadOffer,
} from './transfers/transfer-host.ts';
