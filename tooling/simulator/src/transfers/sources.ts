import { createHash } from 'node:crypto';
import { dirname } from 'node:path/posix';
import type { Random } from '@parley/netsim';
import type { World } from '../chat/world.ts';
import type { Disk } from './disk/disk.ts';
import type { SourceEdit } from './plan/plan.ts';

/** What a file was, and until when. */
export interface Version {
  readonly bytes: Buffer;
  untilMs: number;
}

/** Files that are there to be fetched or sent: whoever edits them, and what they have been. */
export class Sources {
  readonly #world: World;
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #random: Random;
  readonly #versions = new Map<string, Version[]>();
  #patterns = 0;

  constructor(world: World, disk: Disk, folder: string, random: Random) {
    this.#world = world;
    this.#disk = disk;
    this.#folder = folder;
    this.#random = random;
  }

  /** Makes a folder. */
  addFolder(name: string): void {
    this.#disk.makeFolder(this.pathOf(name));
    this.#disk.syncFolder(dirname(this.pathOf(name)));
  }

  /** Makes a folder with files of these sizes; every second one stands in a folder inside. */
  addTree(name: string, sizes: readonly number[]): void {
    this.addFolder(name);
    this.addFolder(`${name}/inner`);
    for (const [index, size] of sizes.entries())
      this.add(`${name}/${index % 2 === 0 ? '' : 'inner/'}file${index}.bin`, size);
  }

  /** Files that have been below a folder. */
  namesIn(folder: string): string[] {
    return [...this.#versions.keys()].filter((name) => name.startsWith(`${folder}/`));
  }

  /** Puts a new file there. */
  add(name: string, size: number): void {
    this.#disk.put(this.pathOf(name), this.#newBytes(size));
    this.#note(name);
  }

  /** Puts a file there that somebody else has too. */
  addCopy(name: string, bytes: Uint8Array): void {
    this.#disk.put(this.pathOf(name), bytes);
    this.#note(name);
  }

  pathOf(name: string): string {
    return `${this.#folder}/${name}`;
  }

  isThere(name: string): boolean {
    return this.#disk.find(this.pathOf(name)) !== undefined;
  }

  /** All that the file has been, the last one last. */
  versionsOf(name: string): readonly Version[] {
    return this.#versions.get(name) ?? [];
  }

  /** Names of files that are not what whoever edits them has made of them. */
  get spoiled(): string[] {
    return [...this.#versions.keys()].filter((name) => {
      const bytes = this.#disk.bytesOf(this.pathOf(name));
      return bytes !== undefined && this.versionsOf(name).at(-1)?.bytes.equals(bytes) !== true;
    });
  }

  /** Bytes of the largest version. */
  largestOf(name: string): number {
    return Math.max(0, ...this.versionsOf(name).map(({ bytes }) => bytes.byteLength));
  }

  edit(name: string, edit: SourceEdit, bytes: number): void {
    const path = this.pathOf(name);
    const inode = this.#disk.find(path);
    if (inode === undefined) {
      if (edit === 'return') this.add(name, this.#random.integer(0, bytes));
      return;
    }
    switch (edit) {
      case 'grow':
        this.#disk.write(inode, this.#newBytes(bytes), inode.size);
        break;
      case 'shrink':
        this.#disk.resize(inode, Math.max(0, inode.size - bytes));
        break;
      case 'rewrite':
        if (inode.size > 0) {
          const position = this.#random.integer(0, inode.size - 1);
          this.#disk.write(inode, this.#newBytes(Math.min(bytes, inode.size - position)), position);
        }
        break;
      case 'replace':
        this.#disk.setName(path, undefined);
        this.#disk.put(path, this.#newBytes(this.#random.chance(0.5) ? inode.size : bytes));
        break;
      case 'vanish':
        this.#disk.setName(path, undefined);
        break;
      case 'touch':
      case 'return':
        break;
      default:
        edit satisfies never;
    }
    // No two versions of the same millisecond: what looks alike to the system is one file to everybody.
    inode.modifiedAtMs += 1;
    this.#disk.syncFile(inode);
    this.#disk.syncFolder(dirname(path));
    this.#note(name);
  }

  #note(name: string): void {
    const versions = this.#versions.get(name) ?? [];
    this.#versions.set(name, versions);
    const last = versions.at(-1);
    if (last !== undefined) last.untilMs = Math.min(last.untilMs, this.#world.now);
    const bytes = this.#disk.bytesOf(this.pathOf(name));
    if (bytes === undefined) return;
    versions.push({ bytes: Buffer.from(bytes), untilMs: Number.POSITIVE_INFINITY });
    this.#world.log(() => {
      const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
      return `source ${name}: ${bytes.byteLength} bytes, ${digest}`;
    });
  }

  /** Bytes that no other file has. */
  #newBytes(size: number): Buffer {
    this.#patterns += 1;
    const block = this.#random.fork(`bytes ${this.#patterns}`).bytes(Math.min(size, 4_093));
    const bytes = Buffer.alloc(size);
    // The block is no divisor of a chunk: no two chunks are alike.
    for (let offset = 0; offset < size; offset += block.byteLength)
      bytes.set(block.subarray(0, size - offset), offset);
    return bytes;
  }
}
