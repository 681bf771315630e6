/** Folders on a disk and in one stream. See README.md. */
export { ArrivingFiles } from './arriving-files.ts';
export { describeFolder } from './describe-folder.ts';
export { FileError, type FileErrorCode, fileErrorFrom } from './file-error.ts';
export { FolderContent, type OutgoingFile, type OutgoingFolder } from './folder-content.ts';
export { type FolderListing, FolderSizeError, readFolder } from './folder-listing.ts';
export { type EntryState, FolderProgress } from './folder-progress.ts';
export { type ExpectedFiles, FolderStream, type FolderStreamTaker, filesOfRanges } from './folder-stream.ts';
export {
  type FolderFileSystem,
  FolderTarget,
  folderFileSystem,
  STAGING_NAME,
} from './folder-target.ts';
export { type LeftOver, readLeftOvers } from './left-over.ts';
export { READ_BYTES_MAX } from './limits.ts';
export { localFileName } from './local-file-name.ts';
export { type OpeningFileSystem, openInPlace } from './open-in-place.ts';
export { PartLock } from './part-lock.ts';
export { findEach, type Look, lookHere, presence } from './presence.ts';
export { isSameFile } from './same-file.ts';
export { describeFile, describeFound, describePlainFile, type SharedFile } from './shared-file.ts';
export {
  type AnnouncedFile,
  SourceFile,
  SourceFileError,
  type SourceFileSystem,
} from './source-file.ts';
export {
  closeQuietly,
  closingOnError,
  codeOf,
  createFile,
  giveName,
  openOwnFile,
  readOwnFile,
  removeQuietly,
  syncFolder,
  type TargetFileSystem,
  writeFully,
} from './target-file-system.ts';
export { readEntries, walkFolder } from './walk-folder.ts';
export { filesAtPlaces, wantedPlaces } from './wanted-places.ts';
