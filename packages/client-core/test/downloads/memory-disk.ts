import { constants } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { TargetFileSystem } from '../../src/index.ts';
import { systemError } from './support.ts';

const PAGE_BYTES = 4_096;

interface Inode {
  readonly number: number;
  bytes: Buffer;
  /** What a loss of power cannot take away. */
  durableBytes: Buffer;
  linkCount: number;
  modifiedAtMs: number;
}

type NameChange = { readonly name: string; readonly inode: Inode | undefined };

/**
 * One folder of a disk that can be made to fail at any call, and that forgets at a loss of power what was not synced: each page
 * of a file by itself, and changes of names from some point on.
 */
export class MemoryDisk {
  /** Calls that change something, so far. */
  changes = 0;
  /** From this change on nothing works any more, as for a process that is dead. */
  diesAt = Number.POSITIVE_INFINITY;
  /** What this change fails with, once. */
  fault: { readonly at: number; readonly code: string } | undefined;
  readonly #random: () => number;
  readonly #inodes: Inode[] = [];
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #nameChanges: NameChange[] = [];
  readonly #open = new Map<number, Inode | undefined>();
  #lastDescriptor = 10;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Names in the folder. */
  get names(): string[] {
    return [...this.#names.keys()].sort();
  }

  /** What a file holds. */
  content(name: string): Buffer | undefined {
    return this.#names.get(name)?.bytes;
  }

  /** The process is dead, and its descriptors with it; another one finds what it wrote. */
  restart(): void {
    this.diesAt = Number.POSITIVE_INFINITY;
    this.changes = 0;
    this.fault = undefined;
    this.#open.clear();
  }

  /** The machine lost its power. */
  losePower(): void {
    this.restart();
    const survivors = Math.floor(this.#random() * (this.#nameChanges.length + 1));
    for (const change of this.#nameChanges.slice(0, survivors)) apply(this.#durableNames, change);
    this.#names = new Map(this.#durableNames);
    this.#nameChanges = [];
    for (const inode of this.#inodes) {
      inode.bytes = this.#afterPowerLoss(inode);
      inode.durableBytes = Buffer.from(inode.bytes);
      inode.linkCount = [...this.#names.values()].filter((one) => one === inode).length;
    }
  }

  /** Replaces a file, without a word to whoever has it open. */
  put(name: string, text: string): void {
    const inode = this.#create();
    inode.bytes = Buffer.from(text);
    this.#names.set(name, inode);
  }

  /** As if nobody had touched the file for so long. */
  age(name: string, ms: number): void {
    const inode = this.#names.get(name);
    if (inode !== undefined) inode.modifiedAtMs -= ms;
  }

  readonly fileSystem: TargetFileSystem = {
    openSync: (path: string, flags: number | string) => this.#openFile(path, flags),
    closeSync: (descriptor: number) => void this.#open.delete(descriptor),
    fstatSync: (descriptor: number) => this.#stats(this.#file(descriptor)),
    lstatSync: (path: string) => {
      this.#assertAlive();
      const inode = this.#names.get(basename(path));
      return inode && this.#stats(inode);
    },
    readSync: (...call: [number, Uint8Array, number, number, number]) => this.#read(...call),
    read: (...call: unknown[]) => {
      const [descriptor, bytes, offset, length, position, callback] = call as [
        number,
        Uint8Array,
        number,
        number,
        number,
        (error: Error | null, count?: number) => void,
      ];
      setImmediate(() => settle(callback, () => this.#read(descriptor, bytes, offset, length, position)));
    },
    writeSync: (...call: [number, Uint8Array, number, number, number]) => this.#write(...call),
    ftruncateSync: (descriptor: number, size: number) => {
      this.#change();
      const inode = this.#file(descriptor);
      inode.bytes = resized(inode.bytes, size);
    },
    futimesSync: () => this.#assertAlive(),
    fsync: (descriptor: number, callback: (error: Error | null) => void) => {
      setImmediate(() => settle(callback, () => this.#sync(descriptor)));
    },
    fsyncSync: (descriptor: number) => this.#sync(descriptor),
    linkSync: (from: string, to: string) => {
      this.#change();
      if (this.#names.has(basename(to))) throw systemError('EEXIST');
      this.#setName(basename(to), this.#names.get(basename(from)));
    },
    renameSync: (from: string, to: string) => {
      this.#change();
      this.#setName(basename(to), this.#names.get(basename(from)));
      this.#setName(basename(from), undefined);
    },
    unlinkSync: (path: string) => {
      this.#change();
      if (!this.#names.has(basename(path))) throw systemError('ENOENT');
      this.#setName(basename(path), undefined);
    },
    readdirSync: () => {
      this.#assertAlive();
      return this.names;
    },
  } as unknown as TargetFileSystem;

  #openFile(path: string, flags: number | string): number {
    this.#assertAlive();
    this.#lastDescriptor += 1;
    const name = basename(path);
    if (typeof flags === 'string' && dirname(path) !== '/') {
      this.#open.set(this.#lastDescriptor, undefined);
      return this.#lastDescriptor;
    }
    let inode = this.#names.get(name);
    if (typeof flags === 'number' && (flags & constants.O_CREAT) !== 0) {
      if (inode !== undefined) throw systemError('EEXIST');
      this.#change();
      inode = this.#create();
      this.#setName(name, inode);
    }
    // The folder itself is opened to be synced.
    if (inode === undefined && typeof flags === 'number') throw systemError('ENOENT');
    this.#open.set(this.#lastDescriptor, inode);
    return this.#lastDescriptor;
  }

  #create(): Inode {
    const inode: Inode = {
      number: this.#inodes.length + 1,
      bytes: Buffer.alloc(0),
      durableBytes: Buffer.alloc(0),
      linkCount: 1,
      modifiedAtMs: Date.now(),
    };
    this.#inodes.push(inode);
    return inode;
  }

  #file(descriptor: number): Inode {
    this.#assertAlive();
    const inode = this.#open.get(descriptor);
    if (inode === undefined) throw systemError('EBADF');
    return inode;
  }

  #read(descriptor: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    const piece = this.#file(descriptor).bytes.subarray(position, position + length);
    bytes.set(piece, offset);
    return piece.byteLength;
  }

  #write(descriptor: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    const inode = this.#file(descriptor);
    this.#change();
    // Now and then the system takes only a part.
    const count = this.#random() < 0.1 ? Math.ceil(length * this.#random()) || 1 : length;
    if (inode.bytes.byteLength < position + count) inode.bytes = resized(inode.bytes, position + count);
    inode.bytes.set(bytes.subarray(offset, offset + count), position);
    return count;
  }

  #sync(descriptor: number): void {
    this.#assertAlive();
    this.#change();
    if (!this.#open.has(descriptor)) throw systemError('EBADF');
    const inode = this.#open.get(descriptor);
    if (inode !== undefined) {
      inode.durableBytes = Buffer.from(inode.bytes);
      return;
    }
    this.#durableNames = new Map(this.#names);
    this.#nameChanges = [];
  }

  #setName(name: string, inode: Inode | undefined): void {
    const previous = this.#names.get(name);
    if (previous !== undefined) previous.linkCount -= 1;
    if (inode !== undefined && ![...this.#names.values()].includes(inode)) inode.linkCount = 1;
    else if (inode !== undefined) inode.linkCount += 1;
    const change = { name, inode };
    apply(this.#names, change);
    this.#nameChanges.push(change);
  }

  #stats({ number, bytes, linkCount, modifiedAtMs }: Inode) {
    const uid = process.getuid?.() ?? 0;
    const known = {
      ino: number,
      dev: 1,
      size: bytes.byteLength,
      nlink: linkCount,
      uid,
      mtimeMs: modifiedAtMs,
    };
    return { ...known, isFile: () => true };
  }

  #change(): void {
    this.#assertAlive();
    this.changes += 1;
    if (this.changes !== this.fault?.at) return;
    const { code } = this.fault;
    this.fault = undefined;
    throw systemError(code);
  }

  #assertAlive(): void {
    if (this.changes >= this.diesAt) throw systemError('EIO');
  }

  #afterPowerLoss({ bytes, durableBytes }: Inode): Buffer {
    const size = this.#random() < 0.5 ? bytes.byteLength : durableBytes.byteLength;
    const result = resized(durableBytes, size);
    for (let start = 0; start < size; start += PAGE_BYTES) {
      if (this.#random() < 0.5) bytes.copy(result, start, start, Math.min(start + PAGE_BYTES, size));
    }
    return result;
  }
}

function apply(names: Map<string, Inode>, { name, inode }: NameChange): void {
  if (inode === undefined) names.delete(name);
  else names.set(name, inode);
}

function resized(bytes: Buffer, size: number): Buffer {
  const result = Buffer.alloc(size);
  bytes.copy(result);
  return result;
}

function settle<Value>(callback: (error: Error | null, value?: Value) => void, run: () => Value): void {
  let value: Value;
  try {
    value = run();
  } catch (error) {
    callback(error as Error);
    return;
  }
  callback(null, value);
}
