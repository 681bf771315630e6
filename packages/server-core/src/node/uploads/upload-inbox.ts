import { access, constants, readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TransferId } from '@parley/protocol';
import { uploadPath } from '../../domain/transfers/upload-announcement.ts';
import type { UploadAnnouncement } from '../../domain/transfers/upload-description.ts';
import { syncFolder } from '../append-durably.ts';
import {
  DISK_FREE_BYTES_MIN,
  UPLOAD_ORPHAN_AGE_MS,
  UPLOAD_TAKEN_RETRY_MS,
  UPLOADED_ENTRIES_PER_USER_MAX,
  UPLOADED_FILES_PER_USER_MAX,
  UPLOADS_AT_A_TIME_MAX,
} from '../limits.ts';
import { TransferRefusal } from '../transfers/transfer-refusal.ts';
import { type AgeClocks, AgeWatch } from './age-watch.ts';
import { type FoundFile, filesIn, freeBytesOf, withoutOld } from './found-files.ts';
import { SentItems } from './sent-items.ts';
import { arrivedOf, checkFolder, folderRemainsIn, takeFolderPart } from './upload-folders.ts';
import { LEDGER_NAME, placeOfSent, UploadLedger, type UploadRecord } from './upload-ledger.ts';
import { keyOf, LIST_SUFFIX, ownPartPrefix, PART_NAME, partNameOf } from './upload-names.ts';
import type { UploadWish } from './upload-wish.ts';

/** Bounds of what is taken. */
export interface UploadLimits {
  /** Bytes of one file. */
  readonly fileBytesMax: number;
  /** Bytes of all files of one account that are in the folder or on their way; guests have one such quota together. */
  readonly userBytesMax: number;
  /** Bytes of all files in the folder, those included that are on their way. */
  readonly folderBytesMax: number;
}

/** What the operator does not say otherwise. */
export const DEFAULT_UPLOAD_LIMITS: UploadLimits = {
  // A film, or the image of a system.
  fileBytesMax: 4_294_967_296,
  // Two of them.
  userBytesMax: 8_589_934_592,
  folderBytesMax: 68_719_476_736,
};

interface Reservation {
  readonly transferId: TransferId;
  readonly nameKey: string;
  readonly partName: string;
  readonly wish: UploadWish;
  /** What the list of uploads has of it. */
  readonly record: UploadRecord;
  readonly released: Promise<void>;
  readonly onRelease: () => void;
}

/** The shared folder as uploads see it. */
interface FolderLook {
  /** All that is there. */
  readonly names: readonly string[];
  /** What the list of uploads had before, but for what was on its way then. */
  readonly known: ReadonlySet<UploadRecord>;
  /** Bytes of what is whole, by names or what stands for them. */
  readonly sizes: ReadonlyMap<string, number>;
  /** What has come of uploads that are under way, or were. */
  readonly remains: readonly FoundFile[];
}

/** Decides which files the shared folder has room for, and remembers those that are on their way. */
// CHAT-UPLOAD-2
export class UploadInbox {
  readonly #folder: string;
  readonly #limits: UploadLimits;
  readonly #freeBytes: (folder: string) => Promise<number>;
  readonly #ages: AgeWatch;
  readonly #ledger: UploadLedger;
  /** What is for two users alone. */
  readonly sent: SentItems;
  readonly #reservations = new Map<TransferId, Reservation>();
  /** Called with an upload whose place another attempt at the same file takes: it has to end. */
  onTakeover: (transferId: TransferId) => void = () => undefined;

  constructor(options: {
    readonly folder: string;
    readonly limits?: Partial<UploadLimits> | undefined;
    /** Stands in for the system's word. */
    readonly freeBytes?: (folder: string) => Promise<number>;
    /** Stand in for the system's clocks. */
    readonly clocks?: AgeClocks;
  }) {
    this.#folder = options.folder;
    this.#limits = { ...DEFAULT_UPLOAD_LIMITS, ...options.limits };
    this.#freeBytes = options.freeBytes ?? freeBytesOf;
    this.#ages = new AgeWatch(options.clocks);
    this.#ledger = new UploadLedger(options.folder);
    this.sent = new SentItems(options.folder, this.#ledger);
  }

  /** Uploads that have room reserved. */
  get reservedCount(): number {
    return this.#reservations.size;
  }

  /**
   * Reserves name and room, and notes whose the file will be; rejects with a `TransferRefusal` when there is no room. `release` gives name
   * and room back. What was noted of a file counts only while it is there: so whoever is told of one finds it noted, also when the
   * server is killed before it hears that it came.
   */
  // CHAT-UPLOAD-7, CHAT-UPLOAD-8
  async reserve(
    transferId: TransferId,
    wish: UploadWish,
  ): Promise<{ readonly path: string; readonly partPath: string }> {
    const { name, size, sent, folder } = wish;
    const { fileBytesMax } = this.#limits;
    if (folder !== undefined) checkFolder(folder, size);
    if ((folder?.largest ?? size) > fileBytesMax) {
      throw new TransferRefusal('file-too-large', `files may have at most ${fileBytesMax} bytes here`);
    }
    const nameKey = sent === undefined ? keyOf(name) : placeOfSent(sent.id);
    const partName = partNameOf(wish);
    // Who asks again for the same upload, from the same device, has lost the connection of the first time: that one makes room. Of two
    // devices each would end the other's upload for ever.
    for (
      let earlier = this.#attemptAt(partName);
      earlier !== undefined;
      earlier = this.#attemptAt(partName)
    ) {
      if (earlier.wish.device !== wish.device) throw underWay(name);
      this.onTakeover(earlier.transferId);
      await earlier.released;
    }
    if (this.#reservations.size >= UPLOADS_AT_A_TIME_MAX) {
      throw new TransferRefusal('transfer-limit', 'too many files are being uploaded, try again later');
    }
    if ([...this.#reservations.values()].some((other) => other.nameKey === nameKey)) throw takenBy(name);
    // Reserved before the first look at the disk, so that two who ask at once cannot both have the last room.
    let onRelease = () => {};
    const released = new Promise<void>((resolve) => {
      onRelease = resolve;
    });
    const record = recordOf(wish);
    const reservation = { transferId, nameKey, partName, wish, record, released, onRelease };
    this.#reservations.set(transferId, reservation);
    try {
      const root = await realpath(this.#folder);
      await access(root, constants.W_OK);
      await this.#checkRoom(root, nameKey, wish);
      const part =
        folder && (await takeFolderPart(root, partName, { size: bytesOf(wish), entries: folder.entries }));
      const partPath = join(root, part ?? partName);
      const path = sent === undefined ? join(root, name) : await this.sent.placeFor(root, sent.id);
      await this.#ledger.add(record);
      return { path, partPath };
    } catch (error) {
      this.release(transferId);
      throw error;
    }
  }

  /** The upload is there. Nobody but a room has to be told of it any more. */
  // CHAT-UPLOAD-8
  async complete(transferId: TransferId): Promise<void> {
    const reservation = this.#reservations.get(transferId);
    if (reservation === undefined) return;
    this.release(transferId);
    const { record } = reservation;
    // It was noted on another disk, when that of the folder was not mounted yet.
    await this.#ledger.addMissing(record);
    if (record.announcement === undefined) await this.settle(record.name);
  }

  /** Nobody has to be told of an upload any more. */
  // CHAT-UPLOAD-8
  async settle(path: string): Promise<void> {
    await this.#ledger.settle(path, Date.now());
  }

  /** The upload is over, or there is none: name and room are free again. */
  release(transferId: TransferId): void {
    this.#reservations.get(transferId)?.onRelease();
    this.#reservations.delete(transferId);
  }

  /**
   * Removes what nobody went on with, or fetched, for long, and forgets what is known of files that are gone. Gives what rooms are to read
   * of files that are there, and have not, as far as is known.
   */
  // CHAT-UPLOAD-5, CHAT-UPLOAD-8
  async tidy(): Promise<readonly UploadAnnouncement[]> {
    const root = await realpath(this.#folder);
    const look = await this.#look(root);
    await this.#ledger.compact(look.known, look.sizes);
    const unsettled = await this.#ledger.filter(
      (record) => record.isUnsettled === true && look.known.has(record),
    );
    if (unsettled.length === 0) return [];
    // A server that was killed may have named them in the last moment.
    await syncFolder(root);
    if (unsettled.some(({ users }) => users !== undefined)) await this.sent.makeDurable(root);
    const announcements: UploadAnnouncement[] = [];
    for (const { name, announcement, time } of unsettled) {
      if (announcement === undefined) await this.#ledger.settle(name, time);
      else announcements.push(announcement);
    }
    return announcements;
  }

  /**
   * An account is deleted: removes what came of its uploads and has no name, and what was sent to its user, when the uploads that this is
   * about have ended. What cannot be removed now gets too old like everything else.
   */
  // CHAT-WITHDRAWN-2
  async forget({ userId, account }: { readonly userId: string; readonly account: string }): Promise<void> {
    const ending = [...this.#reservations.values()].filter(
      ({ wish }) => wish.account === account || wish.sent?.users.some((user) => user === userId),
    );
    await Promise.all(ending.map(({ released }) => released));
    const root = await realpath(this.#folder);
    const prefix = ownPartPrefix(account);
    const names = (await readdir(root)).filter((name) => name.startsWith(prefix) && !this.#isReserved(name));
    for (const name of names) await rm(join(root, name), { recursive: true }).catch(() => undefined);
    await this.sent.discardFor(userId, account);
  }

  #attemptAt(partName: string): Reservation | undefined {
    return [...this.#reservations.values()].find((other) => other.partName === partName);
  }

  async #checkRoom(root: string, nameKey: string, wish: UploadWish): Promise<void> {
    const { name, account } = wish;
    const { names, sizes, remains, known } = await this.#look(root);
    await this.#ledger.compact(known, sizes);
    if (names.some((one) => keyOf(one) === nameKey)) {
      throw new TransferRefusal(
        'file-exists',
        `the shared folder has a ${name} already, choose another name`,
      );
    }
    const left = remains.filter(({ name: part }) => !this.#isReserved(part));
    await this.#checkQuota(account, sizes, left);
    const reservedBytes = sum([...this.#reservations.values()].map(({ wish }) => ({ size: bytesOf(wish) })));
    const { folderBytesMax } = this.#limits;
    const wholeBytes = [...sizes.values()].reduce((bytes, size) => bytes + size, 0);
    if (wholeBytes + sum(left) + reservedBytes > folderBytesMax) {
      throw new TransferRefusal('no-space', `the shared folder may hold ${folderBytesMax} bytes in all`);
    }
    // What came of them is on the disk already.
    const arrivedBytes = await arrivedOf(
      root,
      remains.filter(({ name: part }) => this.#isReserved(part)),
    );
    if ((await this.#freeBytes(root)) < reservedBytes - arrivedBytes + DISK_FREE_BYTES_MIN) {
      throw new TransferRefusal('no-space', 'the disk of the server has no room for this file');
    }
  }

  /** `left`: what broken uploads of anybody have left. */
  // CHAT-UPLOAD-7
  async #checkQuota(
    account: string | undefined,
    sizes: ReadonlyMap<string, number>,
    left: readonly FoundFile[],
  ): Promise<void> {
    const whole = await this.#ledger.usage(account, sizes);
    const ownLeft = left.filter(({ name }) => name.startsWith(ownPartPrefix(account)));
    const own = [...this.#reservations.values()]
      .map(({ wish }) => wish)
      .filter((wish) => wish.account === account);
    const whose = account === undefined ? 'all guests together' : 'you';
    const usedBytes = whole.bytes + sum(ownLeft);
    const { userBytesMax } = this.#limits;
    if (usedBytes + sum(own) > userBytesMax) {
      const problem = `${whose} may have ${userBytesMax} bytes in the shared folder, ${usedBytes} are used`;
      throw new TransferRefusal('quota-exceeded', problem);
    }
    const leftCount = ownLeft.filter(({ name }) => !name.endsWith(LIST_SUFFIX)).length;
    if (whole.files + leftCount + own.length > UPLOADED_FILES_PER_USER_MAX) {
      const problem = `${whose} may have ${UPLOADED_FILES_PER_USER_MAX} files in the shared folder`;
      throw new TransferRefusal('quota-exceeded', problem);
    }
    const leftEntries = ownLeft.reduce((count, { entries = 0 }) => count + entries, 0);
    const ownEntries = own.reduce((count, { folder }) => count + (folder?.entries ?? 0), 0);
    // CHAT-FOLDER-8
    if (whole.entries + leftEntries + ownEntries > UPLOADED_ENTRIES_PER_USER_MAX) {
      const problem = `the folders that ${whose} may have in the shared folder hold at most ${UPLOADED_ENTRIES_PER_USER_MAX} files and folders`;
      throw new TransferRefusal('quota-exceeded', problem);
    }
  }

  /** Looks through the folder, `root` without links, and removes what is too old. */
  async #look(root: string): Promise<FolderLook> {
    const isOlder = this.#ages.look();
    // What comes while the look is under way is not seen by it.
    const awaited = new Set([...this.#reservations.values()].map(({ record }) => record.name));
    const known = await this.#ledger.known((name) => !awaited.has(name));
    const names = await readdir(root);
    const whole = await filesIn(
      root,
      names.filter((name) => !PART_NAME.test(name) && name !== LEDGER_NAME),
    );
    const parts = await filesIn(
      root,
      names.filter((name) => PART_NAME.test(name)),
    );
    const isOld = ({ name, modifiedAt }: FoundFile) =>
      !this.#isReserved(name) && isOlder(modifiedAt, UPLOAD_ORPHAN_AGE_MS);
    const remains = await withoutOld(root, [...parts, ...(await folderRemainsIn(root, names))], isOld);
    const sizes = new Map(whole.map(({ name, size }) => [name, size]));
    for (const [place, size] of await this.sent.sizes(root, isOlder)) sizes.set(place, size);
    const there = new Set(names);
    for (const { name, size } of await this.#ledger.filter(({ entries }) => entries !== undefined)) {
      if (there.has(name.slice(0, -1))) sizes.set(name, size);
    }
    return { names, sizes, remains, known };
  }

  #isReserved(name: string): boolean {
    return [...this.#reservations.values()].some(({ partName }) => name.startsWith(partName));
  }
}

/** What is noted of an upload before it comes. */
function recordOf(wish: UploadWish): UploadRecord {
  const { size, account, nickname: by, sent, folder, announcement, now: time } = wish;
  const name = uploadPath({ name: wish.name, sent, isFolder: folder !== undefined });
  const { users, sender } = sent ?? {};
  const { entries, files } = folder ?? {};
  return { name, size, entries, files, account, by, users, sender, time, isUnsettled: true, announcement };
}

/** Bytes that an upload takes on the disk on its way. */
// CHAT-FOLDER-14
function bytesOf({ size, folder }: UploadWish): number {
  return size + (folder?.manifestBytes ?? 0);
}

function takenBy(name: string): TransferRefusal {
  return new TransferRefusal('file-exists', `somebody is uploading a file called ${name} already`);
}

/** The other device may be one that is gone without a word: then what came of it is there to go on with. */
function underWay(name: string): TransferRefusal {
  const problem = `this file is being uploaded as ${name} already`;
  return new TransferRefusal('file-exists', problem, UPLOAD_TAKEN_RETRY_MS);
}

function sum(parts: readonly { readonly size: number }[]): number {
  return parts.reduce((bytes, { size }) => bytes + size, 0);
}
