import type { DiskFaults } from './disk-faults.ts';
import type { SimulatedFileSystem } from './disk-file-system.ts';

const BLOCK_BYTES = 4_096;
/** More than anybody asks for. */
const FREE_BLOCKS = 2 ** 30;

/** What ours call of `node:fs/promises`. */
export type PromisedFiles = ReturnType<typeof promisedFiles>;

/** The functions of `node:fs/promises`, made of those that wait; `later` is where the other thread carries them out. */
export function promisedFiles(
  files: SimulatedFileSystem,
  { faults, later }: { readonly faults: DiskFaults; later<Value>(run: () => Value): Promise<Value> },
) {
  const handleOf = (descriptor: number) => ({
    stat: () => later(() => files.fstatSync(descriptor)),
    write: async (bytes: Uint8Array, offset: number, length: number, position: number) => {
      const bytesWritten = await later(() => files.writeSync(descriptor, bytes, offset, length, position));
      return { bytesWritten };
    },
    writeFile: async (text: string) => {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.byteLength; ) {
        at += await later(() => files.writeSync(descriptor, bytes, at));
      }
    },
    sync: () => later(() => files.fsyncSync(descriptor)),
    truncate: (size: number) => later(() => files.ftruncateSync(descriptor, size)),
    close: () => later(() => files.closeSync(descriptor)),
  });
  return {
    access: (path: string) => later(() => void files.statSync(path)),
    lstat: (path: string) => later(() => files.lstatSync(path)),
    /** For whoever may wait for the disk. */
    lstatSync: (path: string) => files.lstatSync(path),
    mkdir: (path: string) => later(() => makeFolder(files, path)),
    open: async (path: string, flags: string) => handleOf(await later(() => files.openSync(path, flags))),
    readFile: (path: string) => later(() => readWhole(files, path).toString()),
    readdir: (path: string, options?: { readonly withFileTypes?: boolean }) =>
      later(() => {
        const names = files.readdirSync(path);
        return options?.withFileTypes === true ? names.map((name) => entryOf(files, path, name)) : names;
      }),
    realpath: (path: string) => later(() => files.realpathSync(path)),
    rename: (from: string, to: string) => later(() => files.renameSync(from, to)),
    rm: (path: string) => later(() => removeIfThere(files, path)),
    stat: (path: string) => later(() => files.statSync(path)),
    statfs: (_path: string) => later(() => ({ bavail: faults.isFull ? 0 : FREE_BLOCKS, bsize: BLOCK_BYTES })),
    unlink: (path: string) => later(() => files.unlinkSync(path)),
  };
}

/** As with `recursive`: one that is there is as good. */
function makeFolder(files: SimulatedFileSystem, path: string): void {
  try {
    files.mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** As with `force`: one that is not there is as good. */
function removeIfThere(files: SimulatedFileSystem, path: string): void {
  if (files.lstatSync(path, { throwIfNoEntry: false }) !== undefined) files.rmSync(path, { recursive: true });
}

/** What a folder says of a name in it. */
function entryOf(files: SimulatedFileSystem, folder: string, name: string) {
  const stats = files.lstatSync(`${folder}/${name}`);
  return { name, isFile: () => stats.isFile(), isDirectory: () => stats.isDirectory() };
}

function readWhole(files: SimulatedFileSystem, path: string): Buffer {
  const descriptor = files.openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(files.fstatSync(descriptor).size);
    files.readSync(descriptor, bytes, 0, bytes.byteLength, 0);
    return bytes;
  } finally {
    files.closeSync(descriptor);
  }
}
