import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Writes bytes behind the end of a file, and resolves when they are durable. When that fails, the file ends where it did. */
export function appendDurably(handle: FileHandle, end: number, bytes: Uint8Array): Promise<void> {
  return append(handle, end, bytes, { isDurable: true });
}

/** The same; what need not be durable is with the system when it resolves, and outlives the process. */
export async function append(
  handle: FileHandle,
  end: number,
  bytes: Uint8Array,
  { isDurable }: { readonly isDurable: boolean },
): Promise<void> {
  try {
    // The system may take less than it is given.
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, end + at);
      at += bytesWritten;
    }
    if (isDurable) await handle.sync();
  } catch (error) {
    // Half a line must not be what the next one is added to; writing at a place takes care of that where this fails.
    await handle.truncate(end).catch(() => {});
    throw error;
  }
}

/**
 * Gives a file, which only its owner may read, another text: it appears whole or not at all, and is durable then. One at a time for each
 * file; what a killed process leaves unfinished goes the next time, or by `removeUnfinished`.
 */
export async function replaceDurably(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const unfinished = unfinishedOf(path);
  await removeUnfinished(path);
  try {
    const handle = await open(unfinished, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Removes what a process that was killed while it replaced a file has left. Never rejects: it is only in the way. */
export async function removeUnfinished(path: string): Promise<void> {
  await rm(unfinishedOf(path), { force: true }).catch(() => undefined);
}

function unfinishedOf(path: string): string {
  const name = basename(path);
  return join(dirname(path), `${name.startsWith('.') ? '' : '.'}${name}.unfinished`);
}

/** Makes the names in a folder durable; Windows has no way to ask for it. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
