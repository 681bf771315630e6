import { dirname } from 'node:path/posix';
import type { UploadLimits } from '@parley/server-core';
import type { Violations } from '../../checkers/violations.ts';
import type { Disk, DiskWatcher, Inode } from '../disk/disk.ts';
import type { Version } from '../sources.ts';

const LEDGER_NAME = '.parley-uploads.jsonl';
const SENT_NAME = '.parley-sent';
const PART_PATTERN = /^\.parley-upload-[0-9a-f]{32}$/;
/** With the lists of their chunks. */
const REMAINS_PATTERN = /^\.parley-upload-[0-9a-f]{32}(\.list)?$/;

/** A file or a folder that came from a user, under its final name. */
interface Uploaded {
  readonly path: string;
  readonly size: number;
}

/**
 * What users have put on the server's disk, seen from outside. Watches it: what has a final name is, at every moment, one version
 * of the file that its sender has, whole; and all of it together stays within the bounds of the folder.
 */
export class Inbox implements DiskWatcher {
  readonly #violations: Violations;
  readonly #disk: Disk;
  readonly #folder: string;
  #limits: UploadLimits;
  /** What was there when the server was started, perhaps with smaller bounds than before. */
  #before = { all: 0, users: 0 };
  /** Files that had their names once. */
  readonly #named = new Set<Inode>();
  readonly #versionsOf: (name: string) => readonly Version[] | undefined;
  /** Names of files that are sent, by their ids. */
  readonly #sent = new Map<string, string>();
  readonly #discarded = new Set<string>();
  readonly #isTold: (name: string) => boolean | undefined;
  readonly #mayBeLost: () => boolean;
  /** Of users; each has a quota, and all guests together have one. */
  readonly #accountCount: number;
  /** Told when it may have come to where nothing stays. */
  readonly #mayBeGone = new Set<string>();
  /** How often a room was told of a file, by its path. */
  readonly #told = new Map<string, number>();

  constructor(
    violations: Violations,
    options: {
      readonly disk: Disk;
      readonly folder: string;
      readonly limits: UploadLimits;
      /** All that users have had under this name, which is put or sent; undefined for what is the server's own. */
      readonly versionsOf: (name: string) => readonly Version[] | undefined;
      /** Whether a room is to hear of the file of this name; undefined when nobody knows. */
      readonly isTold: (name: string) => boolean | undefined;
      readonly accountCount: number;
      /** What comes at the moment may come to where nothing stays. */
      readonly mayBeLost: () => boolean;
    },
  ) {
    this.#violations = violations;
    this.#disk = options.disk;
    this.#folder = options.folder;
    this.#limits = options.limits;
    this.#versionsOf = options.versionsOf;
    this.#isTold = options.isTold;
    this.#mayBeLost = options.mayBeLost;
    this.#accountCount = options.accountCount;
  }

  /** The server is started, and takes no more than this. */
  setLimits(limits: UploadLimits): void {
    this.#limits = limits;
    this.#before = this.#bytes;
  }

  /** The server makes room for a file that somebody sends. */
  noteSending(id: string, name: string): void {
    this.#sent.set(id, name);
  }

  /** One of the two has asked the server to discard it. */
  noteDiscarding(id: string): void {
    this.#discarded.add(id);
  }

  /** An entry of a room's log names a path. */
  noteTold(path: string): void {
    if (this.#mayBeLost()) this.#mayBeGone.add(path);
    this.#told.set(path, (this.#told.get(path) ?? 0) + 1);
  }

  isFolderShared(name: string): boolean {
    return this.#disk.isFolder(`${this.#folder}/${name}`);
  }

  findShared(name: string): Inode | undefined {
    return this.#disk.find(`${this.#folder}/${name}`);
  }

  bytesOfShared(name: string): Buffer | undefined {
    return this.#disk.bytesOf(`${this.#folder}/${name}`);
  }

  /** Ids under which files of this name have been sent, also those that were discarded since. */
  sentIdsOf(name: string): string[] {
    return [...this.#sent.keys()].filter((id) => this.#sent.get(id) === name && !this.isSentLost(id));
  }

  /** Ids of what has been sent under names of which that is true. */
  sentIdsWhere(isMeant: (name: string) => boolean): string[] {
    return [...this.#sent].filter(([, name]) => isMeant(name)).map(([id]) => id);
  }

  /** What came of broken uploads and begins so. */
  remainsLike(prefix: string): string[] {
    return this.#disk.list(this.#folder).filter((name) => name.startsWith(prefix));
  }

  isSentThere(id: string): boolean {
    const path = this.#sentPath(id);
    return this.#disk.find(path) !== undefined || this.#disk.isFolder(path);
  }

  /** What stands below a folder that was sent. */
  findSent(id: string, below: string): Inode | undefined {
    return this.#disk.at(`${this.#sentPath(id)}/${below}`);
  }

  /** It is not there, and nobody has wanted that. */
  isSentLost(id: string): boolean {
    return !this.isSentThere(id) && !this.#discarded.has(id);
  }

  /** Whether what is there leaves room for so many more bytes, for a user who has put all of it there. */
  hasRoomFor(bytes: number): boolean {
    const { userBytesMax, folderBytesMax } = this.#limits;
    const remains = this.#filesLike(REMAINS_PATTERN);
    return (
      sum([...this.#uploaded, ...remains]) + bytes <= userBytesMax &&
      sum([...this.#shared, ...remains]) + bytes <= folderBytesMax
    );
  }

  onNamed(path: string): void {
    const inode = this.#disk.find(path);
    const name = this.#nameOf(path);
    const versions = name === undefined ? undefined : this.#versionsOf(name);
    // Names of a folder's files come with that of the folder.
    if (inode === undefined || name === undefined || versions === undefined) return;
    const bytes = this.#disk.bytesOf(path) as Buffer;
    const isRight = versions.some((version) => bytes.equals(version.bytes));
    this.#violations.require(isRight, 'right bytes', () => {
      return `the server's ${path} has ${bytes.byteLength} bytes that ${name} never had`;
    });
    const { fileBytesMax } = this.#limits;
    const isSmall = bytes.byteLength <= fileBytesMax || this.#named.has(inode);
    this.#violations.require(isSmall, 'quota', () => `${path} has more than ${fileBytesMax} bytes`);
    this.#named.add(inode);
  }

  onChanged(inode: Inode): void {
    for (const path of this.#disk.pathsOf(inode)) {
      if (PART_PATTERN.test(path.slice(this.#folder.length + 1))) this.#checkRoom();
      const name = this.#nameOf(path);
      if (name === undefined || this.#versionsOf(name) === undefined) continue;
      this.#violations.add('right bytes', `the server's ${path} was written to after it had its name`);
    }
  }

  /** What is noted of the files is what is there. */
  auditLedger(): void {
    const noted = this.#notedSizes();
    for (const { path, size } of this.#uploaded) {
      const isNoted = noted.get(this.#ledgerKeyOf(path)) === size;
      this.#violations.require(isNoted, 'quota', () => `${path} counts for nobody`);
    }
  }

  /** Rooms were told of what is there, and of nothing twice. */
  // CHAT-UPLOAD-6
  auditTold(): void {
    for (const [path, count] of this.#told) {
      const isRight = count === 1 || this.#mayBeGone.has(path);
      this.#violations.require(isRight, 'announced once', () => `${path} is announced ${count} times`);
    }
    for (const { path } of this.#uploaded) {
      const isTold = this.#isTold(this.#nameOf(path) ?? '');
      const isRight = isTold === undefined || this.#told.has(this.#ledgerKeyOf(path)) === isTold;
      this.#violations.require(
        isRight,
        'announced once',
        () => `nobody was told of ${path}, or should not be`,
      );
    }
  }

  /** Everything is over for long: nothing is left that was on its way, and of what was sent nothing at all. */
  auditFolder(): void {
    const hidden = this.#disk.list(this.#folder).filter((name) => name.startsWith('.'));
    const left = hidden.filter((name) => name !== LEDGER_NAME && name !== SENT_NAME);
    const sent = this.#disk.list(this.#sentFolder);
    this.#violations.require(left.length + sent.length === 0, 'orphans', () => {
      return `the server: ${[...left, ...sent].join(' ')}`;
    });
  }

  get #sentFolder(): string {
    return `${this.#folder}/${SENT_NAME}`;
  }

  #sentPath(id: string): string {
    return `${this.#sentFolder}/${id}`;
  }

  /** What a path is the final name of, for its sender. */
  #nameOf(path: string): string | undefined {
    if (path.startsWith(`${this.#sentFolder}/`)) {
      const [id = '', ...inside] = path.slice(this.#sentFolder.length + 1).split('/');
      const sent = this.#sent.get(id);
      return sent && [sent, ...inside].join('/');
    }
    const below = path.slice(this.#folder.length + 1);
    return path.startsWith(`${this.#folder}/`) && !below.startsWith('.') ? below : undefined;
  }

  #ledgerKeyOf(path: string): string {
    const name = `${this.#nameOf(path)}${this.#disk.isFolder(path) ? '/' : ''}`;
    return dirname(path) === this.#folder ? name : `@${path.slice(this.#sentFolder.length + 1)}/${name}`;
  }

  get #uploaded(): Uploaded[] {
    const paths = [
      ...this.#disk.list(this.#folder).map((name) => `${this.#folder}/${name}`),
      ...this.#disk.list(this.#sentFolder).map(this.#sentPath.bind(this)),
    ];
    const found: Uploaded[] = [];
    for (const path of paths) {
      const name = this.#nameOf(path);
      if (name === undefined || this.#versionsOf(name) === undefined) continue;
      const size = this.#disk.isFolder(path) ? this.#bytesBelow(path) : this.#disk.find(path)?.size;
      if (size !== undefined) found.push({ path, size });
    }
    return found;
  }

  #bytesBelow(folder: string): number {
    return this.#disk.list(folder).reduce((bytes, name) => {
      const path = `${folder}/${name}`;
      return (
        bytes + (this.#disk.isFolder(path) ? this.#bytesBelow(path) : (this.#disk.find(path)?.size ?? 0))
      );
    }, 0);
  }

  #filesLike(pattern: RegExp): Inode[] {
    const names = this.#disk.list(this.#folder).filter((name) => pattern.test(name));
    const found = names.map((name) => this.#disk.find(`${this.#folder}/${name}`));
    return found.filter((inode) => inode !== undefined);
  }

  /** All files that have their final names, the server's own included. */
  get #shared(): Inode[] {
    const sent = this.#disk.list(this.#sentFolder).map((id) => this.#disk.find(this.#sentPath(id)));
    return [...this.#filesLike(/^[^.]/), ...sent.filter((inode) => inode !== undefined)];
  }

  get #bytes() {
    const parts = this.#filesLike(PART_PATTERN);
    return { all: sum([...this.#shared, ...parts]), users: sum([...this.#uploaded, ...parts]) };
  }

  // CHAT-UPLOAD-2, CHAT-UPLOAD-7
  #checkRoom(): void {
    const bytes = this.#bytes;
    const allMax = Math.max(this.#limits.folderBytesMax, this.#before.all);
    this.#violations.require(bytes.all <= allMax, 'quota', () => {
      return `the shared folder holds ${bytes.all} bytes, and may hold ${allMax}`;
    });
    const usersMax = Math.max(this.#limits.userBytesMax * (1 + this.#accountCount), this.#before.users);
    this.#violations.require(bytes.users <= usersMax, 'quota', () => {
      return `all users together have ${bytes.users} bytes, and may have ${usersMax}`;
    });
  }

  /** Sizes in the ledger, by what it calls the files. */
  #notedSizes(): Map<string, number> {
    const sizes = new Map<string, number>();
    const text = this.#disk.bytesOf(`${this.#folder}/${LEDGER_NAME}`)?.toString() ?? '';
    for (const line of text.split('\n')) {
      try {
        const { name, size } = JSON.parse(line) as { readonly name: string; readonly size: number };
        sizes.set(name, size);
      } catch {
        // A line that a killed server left half.
      }
    }
    return sizes;
  }
}

/** Bytes of some files; one that has two names counts once. */
function sum(inodes: readonly { readonly size: number }[]): number {
  return [...new Set(inodes)].reduce((bytes, { size }) => bytes + size, 0);
}
