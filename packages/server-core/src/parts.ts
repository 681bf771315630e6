/** The parts with sockets and disks, for whoever gives them others. Inside this repository only: not published. */

export type { SharedFile } from '@parley/folders';
export { folderContentFor } from './node/catalogue/folder-content.ts';
export type { FolderPlace } from './node/catalogue/look-up.ts';
export type { FileDigests } from './node/hashing/chunk-hasher.ts';
export { HashError } from './node/hashing/file-hasher.ts';
export { hashFile } from './node/hashing/hash-file.ts';
export { HashProgress } from './node/hashing/hash-progress.ts';
export { TransferDesk } from './node/transfers/transfer-desk.ts';
export { UploadInbox } from './node/uploads/upload-inbox.ts';
export { ownPartPrefix } from './node/uploads/upload-names.ts';
