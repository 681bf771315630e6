/** The parts with sockets and disks, for whoever gives them others. Inside this repository only: not published. */

export type { SharedFile } from '@parley/folders';
export type { FileDigests } from './node/chunk-hasher.ts';
export { HashError } from './node/file-hasher.ts';
export { hashFile } from './node/hash-file.ts';
export { TransferDesk } from './node/transfer-desk.ts';
export { UploadInbox } from './node/upload-inbox.ts';
