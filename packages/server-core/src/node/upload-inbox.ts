import { randomBytes } from 'node:crypto';
import { access, constants, lstat, readdir, realpath, stat, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileName, TransferId } from '@parley/protocol';
import { DISK_FREE_BYTES_MIN, UPLOAD_ORPHAN_AGE_MS, UPLOADS_AT_A_TIME_MAX } from './limits.ts';
import { TransferRefusal } from './transfer-refusal.ts';

/** Bounds of what is taken. */
export interface UploadLimits {
  /** Bytes of one file. */
  readonly fileBytesMax: number;
  /** Bytes of all files in the folder, those included that are on their way. */
  readonly folderBytesMax: number;
}

/** What the operator does not say otherwise. */
export const DEFAULT_UPLOAD_LIMITS: UploadLimits = {
  // A film, or the image of a system.
  fileBytesMax: 4_294_967_296,
  folderBytesMax: 68_719_476_736,
};

/** Hidden, so that it is never listed or served. */
const PART_NAME = /^\.parley-upload-[0-9a-f]{32}$/;

interface Reservation {
  readonly nameKey: string;
  readonly size: number;
}

/** Decides which files the shared folder has room for, and remembers those that are on their way. */
// CHAT-UPLOAD-2
export class UploadInbox {
  readonly #folder: string;
  readonly #limits: UploadLimits;
  readonly #freeBytes: (folder: string) => Promise<number>;
  readonly #reservations = new Map<TransferId, Reservation>();

  constructor(options: {
    readonly folder: string;
    readonly limits?: Partial<UploadLimits> | undefined;
    /** Stands in for the system's word. */
    readonly freeBytes?: (folder: string) => Promise<number>;
  }) {
    this.#folder = options.folder;
    this.#limits = { ...DEFAULT_UPLOAD_LIMITS, ...options.limits };
    this.#freeBytes = options.freeBytes ?? freeBytesOf;
  }

  /** Uploads that have room reserved. */
  get reservedCount(): number {
    return this.#reservations.size;
  }

  /** Reserves name and room; rejects with a `TransferRefusal` when there is none. `release` gives both back. */
  async reserve(
    transferId: TransferId,
    { name, size }: { readonly name: FileName; readonly size: number },
  ): Promise<{ readonly path: string; readonly partPath: string }> {
    const nameKey = keyOf(name);
    const { fileBytesMax, folderBytesMax } = this.#limits;
    if (size > fileBytesMax) {
      throw new TransferRefusal('file-too-large', `files may have at most ${fileBytesMax} bytes here`);
    }
    if (this.#reservations.size >= UPLOADS_AT_A_TIME_MAX) {
      throw new TransferRefusal('transfer-limit', 'too many files are being uploaded, try again later');
    }
    if ([...this.#reservations.values()].some((other) => other.nameKey === nameKey)) {
      throw new TransferRefusal('file-exists', `somebody is uploading a file called ${name} already`);
    }
    // Reserved before the first look at the disk, so that two who ask at once cannot both have the last room.
    this.#reservations.set(transferId, { nameKey, size });
    try {
      const root = await realpath(this.#folder);
      await access(root, constants.W_OK);
      const names = await readdir(root);
      if (names.some((one) => keyOf(one) === nameKey)) {
        throw new TransferRefusal(
          'file-exists',
          `the shared folder has a ${name} already, choose another name`,
        );
      }
      if ((await bytesIn(root, names)) + this.#reservedBytes > folderBytesMax) {
        throw new TransferRefusal('no-space', `the shared folder may hold ${folderBytesMax} bytes in all`);
      }
      if ((await this.#freeBytes(root)) < this.#reservedBytes + DISK_FREE_BYTES_MIN) {
        throw new TransferRefusal('no-space', 'the disk of the server has no room for this file');
      }
      const partName = `.parley-upload-${randomBytes(16).toString('hex')}`;
      return { path: join(root, name), partPath: join(root, partName) };
    } catch (error) {
      this.release(transferId);
      throw error;
    }
  }

  /** The upload is over, or there is none: name and room are free again. */
  release(transferId: TransferId): void {
    this.#reservations.delete(transferId);
  }

  /** Removes what uploads have left behind that ended with their server. */
  async removeOrphans(now: number): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (!PART_NAME.test(name)) continue;
      const path = join(this.#folder, name);
      const { mtimeMs } = await lstat(path);
      if (now - mtimeMs > UPLOAD_ORPHAN_AGE_MS) await unlink(path);
    }
  }

  get #reservedBytes(): number {
    let bytes = 0;
    for (const { size } of this.#reservations.values()) bytes += size;
    return bytes;
  }
}

/** The same for names that some file system takes for one. */
function keyOf(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}

/** What is on its way counts by its reservation. */
async function bytesIn(root: string, names: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const name of names) {
    if (PART_NAME.test(name)) continue;
    const stats = await stat(join(root, name)).catch(() => undefined);
    if (stats?.isFile() === true) bytes += stats.size;
  }
  return bytes;
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
