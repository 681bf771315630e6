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
export type { ServerNote } from './domain/effects.ts';
export { type Allowance, DEFAULT_LIMITS, type ServerLimits } from './domain/limits.ts';
export type { UploadRule } from './domain/server-state.ts';
export { DEFAULT_DOOR_LIMITS, type DoorLimits } from './domain/sessions/door.ts';
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
export { createFileAccountStore } from './node/accounts/file-account-store.ts';
export type { ListenAddress } from './node/connections/chat-listener.ts';
export type { TlsIdentity } from './node/connections/connection-door.ts';
export { createSelfSignedIdentity, identityFingerprint } from './node/connections/self-signed.ts';
export { ChunkHasher, type FileDigests } from './node/hashing/chunk-hasher.ts';
export type { SqliteDurability, SqliteWorkerData } from './node/history/sqlite/sqlite-messages.ts';
export { createSqliteHistoryStore, type SqliteHistoryOptions } from './node/history/sqlite/sqlite-store.ts';
export type { ThreadHandle } from './node/history/sqlite/sqlite-thread.ts';
export {
  createParleyServer,
  type ParleyServer,
  type ParleyServerOptions,
  type ServerEvents,
  type ServerStatistics,
} from './node/server.ts';
export { ServerOptionError, type SharedFilesOptions, type StopOptions } from './node/server-options.ts';
export {
  openTransferEngine,
  type TransferEngine,
  type TransferEngineCounters,
  type TransferEngineOptions,
} from './node/transfers/transfer-engine.ts';
export {
  openWorkerTransferHost,
  TransferHostError,
  type WorkerTransferHostOptions,
} from './node/transfers/worker-transfer-host.ts';
export { DEFAULT_UPLOAD_LIMITS, type UploadLimits } from './node/uploads/upload-inbox.ts';
export type {
  FolderOffer,
  TransferFailure,
  TransferHost,
  TransferHostEvent,
  TransferOffer,
  TransferRates,
  UploadOffer,
} from './transfers/transfer-host.ts';
