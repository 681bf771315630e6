import { type FileHandle, open } from 'node:fs/promises';

/** Writes bytes behind the end of a file, and resolves when they are durable. When that fails, the file ends where it did. */
export async function appendDurably(handle: FileHandle, end: number, bytes: Uint8Array): Promise<void> {
  try {
    // The system may take less than it is given.
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, end + at);
      at += bytesWritten;
    }
    await handle.sync();
  } catch (error) {
    // Half a line must not be what the next one is added to; writing at a place takes care of that where this fails.
    await handle.truncate(end).catch(() => {});
    throw error;
  }
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
