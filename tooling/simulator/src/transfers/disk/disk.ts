import { dirname } from 'node:path/posix';
import type { Random } from '@parley/netsim';
import { systemError } from './system-error.ts';

const PAGE_BYTES = 4_096;

/** A file or a folder of a disk, whatever its names are. */
export interface Inode {
  readonly kind: 'file' | 'folder';
  readonly number: number;
  /** More than the file may hold, so that it can grow. */
  store: Buffer;
  size: number;
  /** What a loss of power cannot take away; undefined when all of it is that. */
  durable: Buffer | undefined;
  names: number;
  modifiedAtMs: number;
  /** Permissions. */
  mode: number;
}

interface NameChange {
  readonly path: string;
  readonly inode: Inode | undefined;
  /** A folder came from there, with all that is in it. */
  readonly from?: string;
}

/** What watches a disk. */
export interface DiskWatcher {
  /** A name leads to a file now. */
  onNamed(path: string): void;
  /** The bytes of a file are others now. */
  onChanged(inode: Inode): void;
}

/** Several watchers as one. */
export function watchedBy(watchers: readonly DiskWatcher[]): DiskWatcher {
  return {
    onNamed: (path) => {
      for (const watcher of watchers) watcher.onNamed(path);
    },
    onChanged: (inode) => {
      for (const watcher of watchers) watcher.onChanged(inode);
    },
  };
}

/**
 * The files of a machine: what the programs see, and what would be left of it if the power went. What was written and not
 * synced is lost page by page; names are lost from some change on, in each folder that was not synced since.
 */
export class Disk {
  watcher: DiskWatcher | undefined;
  readonly #random: Random;
  readonly #wallClock: () => number;
  readonly #roots: ReadonlySet<string>;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #changes: NameChange[] = [];
  #lastNumber = 0;

  constructor(options: {
    readonly random: Random;
    readonly wallClock: () => number;
    /** Folders that are there from the beginning, and stay. */
    readonly roots: readonly string[];
  }) {
    this.#random = options.random;
    this.#wallClock = options.wallClock;
    this.#roots = new Set(['/', ...options.roots]);
  }

  isFolder(path: string): boolean {
    return this.#roots.has(path) || this.#names.get(path)?.kind === 'folder';
  }

  /** The file of that name. */
  find(path: string): Inode | undefined {
    const inode = this.#names.get(path);
    return inode?.kind === 'file' ? inode : undefined;
  }

  /** The file or folder of that name; undefined for the roots too. */
  at(path: string): Inode | undefined {
    return this.#names.get(path);
  }

  /** Paths of an inode. */
  pathsOf(inode: Inode): string[] {
    return [...this.#names].filter(([, other]) => other === inode).map(([path]) => path);
  }

  /** Names in a folder. */
  list(folder: string): string[] {
    const paths = [...this.#names.keys()].filter((path) => dirname(path) === folder);
    return paths.map((path) => path.slice(folder.length + 1)).sort();
  }

  bytesOf(path: string): Buffer | undefined {
    const inode = this.find(path);
    return inode?.store.subarray(0, inode.size);
  }

  create(path: string, kind: Inode['kind'] = 'file'): Inode {
    if (!this.isFolder(dirname(path))) throw systemError('ENOENT', path);
    this.#lastNumber += 1;
    const inode: Inode = {
      kind,
      number: this.#lastNumber,
      store: Buffer.alloc(0),
      size: 0,
      durable: Buffer.alloc(0),
      names: 0,
      modifiedAtMs: this.#wallClock(),
      mode: kind === 'file' ? 0o644 : 0o755,
    };
    this.setName(path, inode);
    return inode;
  }

  makeFolder(path: string): void {
    if (this.isFolder(path) || this.#names.has(path)) throw systemError('EEXIST', path);
    this.create(path, 'folder');
  }

  removeFolder(path: string): void {
    if (this.#names.get(path)?.kind !== 'folder') throw systemError('ENOTDIR', path);
    if (this.list(path).length > 0) throw systemError('ENOTEMPTY', path);
    this.setName(path, undefined);
  }

  /** Gives a name to a file, or takes it away. */
  setName(path: string, inode: Inode | undefined): void {
    const previous = this.#names.get(path);
    if (previous !== undefined) previous.names -= 1;
    if (inode !== undefined) inode.names += 1;
    apply(this.#names, { path, inode });
    this.#changes.push({ path, inode });
    if (inode !== undefined) this.watcher?.onNamed(path);
  }

  /** Gives a folder another name; an empty one of that name makes room. Its own name changes nothing, as POSIX has it. */
  moveFolder(from: string, to: string): void {
    if (from === to) return;
    if (this.#roots.has(to) || this.find(to) !== undefined) throw systemError('ENOTDIR', to);
    if (this.list(to).length > 0) throw systemError('ENOTEMPTY', to);
    const inode = this.#names.get(from);
    // What changed inside and is not durable changed in the folder, whatever that is called by then.
    this.#changes = this.#changes.map((change) => {
      const isInside = change.path.startsWith(`${from}/`);
      return isInside ? { ...change, path: to + change.path.slice(from.length) } : change;
    });
    const change = { path: to, inode, from };
    apply(this.#names, change);
    this.#changes.push(change);
    for (const path of this.#names.keys()) {
      if (path === to || path.startsWith(`${to}/`)) this.watcher?.onNamed(path);
    }
  }

  write(inode: Inode, bytes: Uint8Array, position: number): void {
    this.#change(inode);
    const end = position + bytes.byteLength;
    if (end > inode.size) this.#grow(inode, end);
    inode.store.set(bytes, position);
    this.watcher?.onChanged(inode);
  }

  resize(inode: Inode, size: number): void {
    this.#change(inode);
    if (size > inode.size) this.#grow(inode, size);
    else inode.store.fill(0, size, inode.size);
    inode.size = size;
    this.watcher?.onChanged(inode);
  }

  /** Takes away all that stands below a folder. */
  empty(folder: string): void {
    const paths = [...this.#names.keys()].filter((path) => path.startsWith(`${folder}/`));
    for (const path of paths) this.setName(path, undefined);
  }

  syncFile(inode: Inode): void {
    inode.durable = undefined;
  }

  /** Makes the names in a folder durable. */
  syncFolder(folder: string): void {
    for (const change of this.#changes) {
      if (dirname(change.path) === folder) apply(this.#durableNames, change);
    }
    this.#changes = this.#changes.filter(({ path }) => dirname(path) !== folder);
  }

  /** Makes everything durable. */
  syncAll(): void {
    for (const inode of this.#names.values()) this.syncFile(inode);
    for (const change of this.#changes) apply(this.#durableNames, change);
    this.#changes = [];
  }

  /** Puts a file there for good, as somebody else would. */
  put(path: string, bytes: Uint8Array): void {
    const inode = this.create(path);
    this.write(inode, bytes, 0);
    this.syncFile(inode);
    this.syncFolder(dirname(path));
  }

  losePower(): void {
    const survivors = this.#random.integer(0, this.#changes.length);
    for (const change of this.#changes.slice(0, survivors)) apply(this.#durableNames, change);
    this.#names = new Map();
    // What stood in a folder that is gone is gone with it; a folder's path is shorter than what is in it.
    const durable = [...this.#durableNames].sort(([left], [right]) => left.length - right.length);
    for (const [path, inode] of durable) if (this.isFolder(dirname(path))) this.#names.set(path, inode);
    this.#durableNames = new Map(this.#names);
    this.#changes = [];
    for (const inode of new Set(this.#names.values())) {
      this.#forget(inode);
      inode.names = 0;
    }
    for (const inode of this.#names.values()) inode.names += 1;
    for (const path of this.#names.keys()) this.watcher?.onNamed(path);
  }

  #change(inode: Inode): void {
    inode.durable ??= Buffer.from(inode.store.subarray(0, inode.size));
    inode.modifiedAtMs = Math.max(inode.modifiedAtMs, this.#wallClock());
  }

  #grow(inode: Inode, size: number): void {
    if (size > inode.store.byteLength) {
      const store = Buffer.alloc(Math.max(size, Math.min(2 * inode.store.byteLength, size + 262_144)));
      inode.store.copy(store, 0, 0, inode.size);
      inode.store = store;
    }
    inode.size = size;
  }

  /** Each page is the old one or the new one, and so is the length. */
  #forget(inode: Inode): void {
    const { durable, store } = inode;
    if (durable === undefined) return;
    const size = this.#random.chance(0.5) ? inode.size : durable.byteLength;
    const bytes = Buffer.alloc(size);
    const kept = this.#random.pick([0, 0.5, 0.95]);
    for (let start = 0; start < size; start += PAGE_BYTES) {
      const isNew = this.#random.chance(kept);
      const source = isNew ? store.subarray(0, inode.size) : durable;
      bytes.set(source.subarray(start, Math.min(start + PAGE_BYTES, size)), start);
    }
    inode.store = bytes;
    inode.size = size;
    inode.durable = undefined;
  }
}

function apply(names: Map<string, Inode>, { path, inode, from }: NameChange): void {
  if (from !== undefined) {
    for (const [key, moved] of [...names]) {
      if (key !== from && !key.startsWith(`${from}/`)) continue;
      names.delete(key);
      names.set(path + key.slice(from.length), moved);
    }
    return;
  }
  if (inode === undefined) names.delete(path);
  else names.set(path, inode);
}
