import { constants } from 'node:fs';
import { dirname } from 'node:path/posix';
import type { FolderFileSystem } from '@parley/folders';
import type { TransferEngineOptions } from '@parley/server-core';
import { ProcessDeath, type SimulatedProcess } from '../host/simulated-process.ts';
import type { Disk, Inode } from './disk.ts';
import type { DiskFaults } from './disk-faults.ts';
import { meant, placed, type TroubledFolder } from './folder-places.ts';
import { type PromisedFiles, promisedFiles } from './promised-files.ts';
import { systemError } from './system-error.ts';

/** What both ends need of `node:fs`. */
export type SimulatedFileSystem = FolderFileSystem & NonNullable<TransferEngineOptions['fileSystem']>;

interface OpenFile {
  readonly path: string;
  /** Undefined for a folder. */
  readonly inode: Inode | undefined;
  /** Where a write without a position goes. */
  position: number;
}

type Callback<Value = number | undefined> = (error: Error | null, value?: Value) => void;

const PLACE_PATTERN = /^\/proc\/self\/fd\/(\d+)$/;

/** `node:fs`, as one process sees it: its descriptors, on the disk of its machine, with the faults of that. */
export class DiskFileSystem {
  readonly #process: SimulatedProcess;
  readonly #disk: Disk;
  readonly #faults: DiskFaults;
  readonly #flipsIn: (path: string) => boolean;
  readonly #onTouched: (path: string) => void;
  readonly #folder: TroubledFolder;
  readonly #log: (text: () => string) => void;
  readonly #open = new Map<number, OpenFile>();
  #lastDescriptor = 10;

  constructor(options: {
    readonly process: SimulatedProcess;
    readonly disk: Disk;
    readonly faults: DiskFaults;
    /** Of which files bits are read wrong, if of any. */
    readonly flipsIn: (path: string) => boolean;
    /** The folder that is not always what it is. */
    readonly folder: string;
    /** Hears of every path that is looked at. */
    readonly onTouched: (path: string) => void;
    readonly log: (text: () => string) => void;
  }) {
    this.#process = options.process;
    this.#disk = options.disk;
    this.#faults = options.faults;
    this.#flipsIn = options.flipsIn;
    this.#folder = { path: options.folder, faults: options.faults };
    this.#onTouched = (path) => options.onTouched(meant(path, this.#folder));
    this.#log = options.log;
    // The system closes what a process has open when it ends.
    this.#process.atEnd(() => this.#open.clear());
  }

  /** Paths that are open. */
  get openPaths(): readonly string[] {
    return Array.from(this.#open.values(), ({ path }) => path);
  }

  /** The functions of `node:fs`. */
  get functions(): SimulatedFileSystem {
    const functions = {
      openSync: (path: string, flags: number | string) => this.#openFile(path, flags),
      closeSync: (descriptor: number) => this.#close(descriptor),
      fstatSync: (descriptor: number) => {
        const { path, inode } = this.#opened(descriptor);
        return this.#call(`fstat ${path}`, () => statsOf(inode));
      },
      lstatSync: (path: string, options?: { throwIfNoEntry?: boolean }) => this.#stat(path, options),
      statSync: (path: string, options?: { throwIfNoEntry?: boolean }) => this.#stat(path, options),
      readlinkSync: (path: string) => this.#placeOf(path),
      readdirSync: (path: string) => {
        return this.#at('readdir', path, () => {
          if (!this.#disk.isFolder(path)) throw systemError('ENOENT', path);
          return this.#disk.list(path);
        });
      },
      mkdirSync: (path: string) => {
        this.#at('mkdir', path, () => {
          this.#faults.room(1, 1);
          this.#disk.makeFolder(path);
        });
      },
      rmSync: (path: string) => this.#remove(path),
      rmdirSync: (path: string) => this.#at('rmdir', path, () => this.#disk.removeFolder(path)),
      chmodSync: (path: string, mode: number) => {
        this.#at('chmod', path, () => {
          const inode = this.#disk.at(path);
          if (inode !== undefined) inode.mode = mode;
        });
      },
      utimesSync: (path: string, _accessed: number, modified: number) => {
        this.#at('touch', path, () => {
          const inode = this.#disk.at(path);
          if (inode !== undefined) inode.modifiedAtMs = modified * 1_000;
        });
      },
      readSync: (...call: [number, Uint8Array, number, number, number]) => {
        const [descriptor, bytes, offset] = call;
        const count = this.#read(...call);
        // Not when the server hashes a file: what it is said to be stays wrong until somebody changes it.
        if (this.#flipsIn(this.#opened(descriptor).path))
          this.#faults.flip(bytes.subarray(offset, offset + count));
        return count;
      },
      read: (...call: [number, Uint8Array, number, number, number, Callback]) => {
        const [descriptor, bytes, offset, length, position, callback] = call;
        this.#later(callback, () => this.#read(descriptor, bytes, offset, length, position));
      },
      writeSync: (...call: [number, Uint8Array, number, number?, number?]) => this.#write(...call),
      ftruncateSync: (descriptor: number, size: number) => this.#truncate(descriptor, size),
      futimesSync: (descriptor: number, _accessed: number, modified: number) => {
        const { path, inode } = this.#opened(descriptor);
        this.#call(`touch ${path}`, () => {
          if (inode !== undefined) inode.modifiedAtMs = modified * 1_000;
        });
      },
      fsync: (descriptor: number, callback: Callback) => {
        this.#later(callback, () => {
          this.#sync(descriptor);
          return undefined;
        });
      },
      fsyncSync: (descriptor: number) => this.#sync(descriptor),
      openSyncBarrier: () => ({
        sync: () =>
          new Promise<void>((resolve, reject) => {
            const settle = (error: Error | null) => (error ? reject(error) : resolve());
            this.#later(settle, () => this.#call('sync everything', () => this.#disk.syncAll()));
          }),
        close: () => undefined,
      }),
      linkSync: (from: string, to: string) => this.#link(from, to),
      renameSync: (from: string, to: string) => this.#rename(from, to),
      unlinkSync: (path: string) => {
        this.#at('unlink', path, () => {
          if (this.#disk.find(path) === undefined) throw systemError('ENOENT', path);
          this.#disk.setName(path, undefined);
        });
      },
    };
    return placed(functions, this.#folder) as unknown as SimulatedFileSystem;
  }

  #openFile(path: string, flags: number | string): number {
    return this.#at('open', path, () => {
      const mustCreate = flags === 'wx' || (typeof flags === 'number' && (flags & constants.O_CREAT) !== 0);
      let inode = this.#disk.find(path);
      if (mustCreate && inode !== undefined) throw systemError('EEXIST', path);
      if (mustCreate || (flags === 'a' && inode === undefined)) {
        this.#faults.room(1, 1);
        inode = this.#disk.create(path);
      }
      if (inode === undefined && !this.#disk.isFolder(path)) throw systemError('ENOENT', path);
      this.#lastDescriptor += 1;
      this.#open.set(this.#lastDescriptor, { path, inode, position: 0 });
      return this.#lastDescriptor;
    });
  }

  /** Whatever the disk says, the descriptor is gone. */
  #close(descriptor: number): void {
    const { path } = this.#opened(descriptor);
    this.#process.step();
    this.#open.delete(descriptor);
    this.#call(`close ${path}`, () => undefined);
  }

  #stat(path: string, options: { throwIfNoEntry?: boolean } = {}) {
    this.#onTouched(path);
    return this.#call(`stat ${path}`, () => {
      const inode = this.#disk.at(path);
      if (inode !== undefined || this.#disk.isFolder(path)) return statsOf(inode);
      if (options.throwIfNoEntry === false) return undefined;
      throw systemError('ENOENT', path);
    });
  }

  #placeOf(path: string): string {
    this.#process.step();
    const inode = this.#opened(Number(PLACE_PATTERN.exec(path)?.[1])).inode as Inode;
    const [place = '(deleted)'] = this.#disk.pathsOf(inode);
    return meant(place, this.#folder);
  }

  #read(descriptor: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    const { path, inode } = this.#opened(descriptor);
    return this.#call(`read ${path}`, () => {
      if (inode === undefined) throw systemError('EISDIR', path);
      const piece = inode.store.subarray(position, Math.min(inode.size, position + length));
      bytes.set(piece, offset);
      return piece.byteLength;
    });
  }

  #write(
    descriptor: number,
    bytes: Uint8Array,
    offset: number,
    length = bytes.byteLength - offset,
    at?: number,
  ): number {
    const open = this.#opened(descriptor);
    const { path, inode } = open;
    const position = at ?? open.position;
    return this.#call(`write ${path} at ${position}`, () => {
      if (inode === undefined) throw systemError('EISDIR', path);
      const growth = Math.max(0, position + length - inode.size);
      const count = this.#faults.room(length, growth);
      this.#disk.write(inode, bytes.subarray(offset, offset + count), position);
      if (at === undefined) open.position += count;
      return count;
    });
  }

  #truncate(descriptor: number, size: number): void {
    const { path, inode } = this.#opened(descriptor);
    this.#call(`truncate ${path}`, () => this.#disk.resize(inode as Inode, size));
  }

  #sync(descriptor: number): void {
    const { path, inode } = this.#opened(descriptor);
    this.#call(`sync ${path}`, () => {
      if (inode === undefined) this.#disk.syncFolder(path);
      else this.#disk.syncFile(inode);
    });
  }

  #link(from: string, to: string): void {
    this.#onTouched(from);
    this.#at(`link ${from}`, to, () => {
      const inode = this.#disk.find(from);
      if (inode === undefined) throw systemError('ENOENT', from);
      if (this.#disk.find(to) !== undefined) throw systemError('EEXIST', to);
      this.#faults.name(true);
      this.#disk.setName(to, inode);
    });
  }

  #rename(from: string, to: string): void {
    this.#onTouched(from);
    this.#at(`rename ${from}`, to, () => {
      this.#faults.name(false);
      if (this.#disk.at(from)?.kind === 'folder') {
        this.#disk.moveFolder(from, to);
        return;
      }
      const inode = this.#disk.find(from);
      if (inode === undefined) throw systemError('ENOENT', from);
      this.#disk.setName(to, inode);
      this.#disk.setName(from, undefined);
    });
  }

  /** As with `recursive`. */
  #remove(path: string): void {
    this.#at('remove', path, () => {
      if (this.#disk.at(path) === undefined) throw systemError('ENOENT', path);
    });
    if (this.#disk.find(path) !== undefined) {
      this.#at('unlink', path, () => this.#disk.setName(path, undefined));
      return;
    }
    for (const name of this.#disk.list(path)) this.#remove(`${path}/${name}`);
    this.#at('rmdir', path, () => this.#disk.removeFolder(path));
  }

  #opened(descriptor: number): OpenFile {
    if (!this.#process.isAlive) throw new ProcessDeath(this.#process.name);
    const open = this.#open.get(descriptor);
    if (open === undefined) throw systemError('EBADF', `${descriptor}`);
    return open;
  }

  #at<Result>(what: string, path: string, run: () => Result): Result {
    this.#onTouched(path);
    return this.#call(`${what} ${path}`, () => {
      if (!this.#disk.isFolder(dirname(path))) throw systemError('ENOENT', path);
      return run();
    });
  }

  /** A system call: the process may die before it, and it may fail or take long. */
  #call<Result>(what: string, run: () => Result): Result {
    this.#process.step();
    try {
      this.#process.stall(this.#faults.call(what));
      const result = run();
      this.#log(() => `${this.#process.name}: ${what}`);
      return result;
    } catch (error) {
      this.#log(() => `${this.#process.name}: ${what}: ${(error as NodeJS.ErrnoException).code}`);
      throw error;
    }
  }

  /** The functions of `node:fs/promises`. */
  get promised(): PromisedFiles {
    return promisedFiles(this.functions, {
      faults: this.#faults,
      later: (run) =>
        new Promise((resolve, reject) => {
          this.#later((error, value) => (error ? reject(error) : resolve(value as never)), run);
        }),
    });
  }

  /** A call that another thread of the process carries out, at some moment of the time that it takes. */
  #later<Value>(callback: Callback<Value>, run: () => Value): void {
    this.#process.step();
    const latencyMs = this.#faults.latencyMs();
    this.#process.after(latencyMs / 2, () => {
      let value: Value;
      try {
        value = run();
      } catch (error) {
        callback(error as Error);
        return;
      }
      this.#process.after(latencyMs / 2, () => callback(null, value));
    });
  }
}

/** What the system says of a file or a folder; of a root, without an inode, little. */
function statsOf(inode: Inode | undefined) {
  const uid = process.getuid?.() ?? 0;
  const isFile = inode?.kind === 'file';
  return {
    ino: inode?.number ?? 0,
    dev: 1,
    size: inode?.size ?? 0,
    nlink: inode?.names ?? 1,
    uid,
    mode: inode?.mode ?? 0o755,
    mtimeMs: inode?.modifiedAtMs ?? 0,
    isFile: () => isFile,
    isDirectory: () => !isFile,
    isSymbolicLink: () => false,
  };
}
