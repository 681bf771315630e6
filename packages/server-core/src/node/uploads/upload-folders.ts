import { lstat, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { findEach, presence, STAGING_NAME } from '@parley/folders';
import { FOLDER_ENTRIES_MAX, FOLDER_MANIFEST_BYTES_MAX } from '@parley/protocol';
import type { UploadedFolder } from '../../domain/transfers/upload-description.ts';
import { TransferRefusal } from '../transfers/transfer-refusal.ts';
import type { FoundFile } from './found-files.ts';

/** What has come of a folder: its name says how much all of it will be, so that nobody has to look through it for that. */
const PART_FOLDER = /^(\.parley-upload-[0-9a-f]{32})-(\d{1,16})-(\d{1,6})$/;

/** Throws a `TransferRefusal` when what is announced of a folder cannot be. */
// CHAT-FOLDER-8
export function checkFolder({ entries, files, manifestBytes, largest }: UploadedFolder, size: number): void {
  if (entries > FOLDER_ENTRIES_MAX || manifestBytes > FOLDER_MANIFEST_BYTES_MAX) {
    const problem = `a folder may hold ${FOLDER_ENTRIES_MAX} files and folders here, and their paths ${FOLDER_MANIFEST_BYTES_MAX} bytes`;
    throw new TransferRefusal('folder-too-large', problem);
  }
  if (files > entries || largest > size) {
    throw new TransferRefusal(
      'folder-too-large',
      'the announced figures of the folder contradict each other',
    );
  }
}

/** Folders on their way, and what is left of others, among the names in the shared folder `root`; sizes are those that were announced. */
export function folderRemainsIn(root: string, names: readonly string[]): Promise<FoundFile[]> {
  return findEach(names, async (name) => {
    const [, , size, entries] = PART_FOLDER.exec(name) ?? [];
    if (size === undefined) return undefined;
    const inner = await presence(() => lstat(join(root, name, STAGING_NAME)));
    const stats = inner ?? (await presence(() => lstat(join(root, name))));
    if (stats?.isDirectory() !== true) return undefined;
    return { name, size: Number(size), entries: Number(entries), modifiedAt: stats.mtimeMs };
  });
}

/** The name of the folder in which an upload arrives; what an earlier attempt has left goes on under it. */
// CHAT-FOLDER-12
export async function takeFolderPart(
  root: string,
  partName: string,
  { size, entries }: { readonly size: number; readonly entries: number },
): Promise<string> {
  const name = `${partName}-${size}-${entries}`;
  for (const left of await readdir(root)) {
    if (PART_FOLDER.exec(left)?.[1] !== partName || left === name) continue;
    await rename(join(root, left), join(root, name));
  }
  return name;
}

/** Bytes that are there of files and folders that arrive. */
export async function arrivedOf(root: string, remains: readonly FoundFile[]): Promise<number> {
  const sizes = await findEach(remains, async ({ name, size, entries }) =>
    entries === undefined ? size : bytesBelow(join(root, name)),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Bytes of all files below a folder. */
async function bytesBelow(folder: string): Promise<number> {
  const entries = (await presence(() => readdir(folder, { withFileTypes: true }))) ?? [];
  const sizes = await findEach(entries, async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return bytesBelow(path);
    return presence(async () => (await lstat(path)).size);
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}
