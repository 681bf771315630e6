import { lstat, mkdir, readdir, realpath, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describePlainFile, findEach, presence, type SharedFile } from '@parley/folders';
import {
  FILES_PER_PAGE_MAX,
  type FilePath,
  type Nickname,
  nicknameKey,
  parseFilePath,
  parseNickname,
  parseSentPath,
  type SentFileEntry,
} from '@parley/protocol';
import { syncFolder } from '../append-durably.ts';
import { type FolderPlace, findFile } from '../catalogue/look-up.ts';
import { SENT_LIFETIME_MS } from '../limits.ts';
import type { AgeJudge } from './age-watch.ts';
import { pathOf, placeOfSent, sentIdOf, type UploadLedger, type UploadRecord } from './upload-ledger.ts';

/** Hidden: what is for the two of a conversation. */
const SENT_FOLDER = '.parley-sent';
/** What is called so is being removed: half a folder is never anybody's. */
const GONE_SUFFIX = '.gone';

/** Where a path leads, for somebody who may have it. */
interface OwnPlace {
  /** The hidden folder, without links. */
  readonly root: string;
  readonly id: FilePath;
  readonly isFolder: boolean;
  /** Where in a folder; empty for all of it. */
  readonly below: FilePath | '';
}

/** Files and folders that users have sent to one another. Each lies under its id in a hidden folder of the shared one. */
export class SentItems {
  readonly #folder: string;
  readonly #ledger: UploadLedger;

  constructor(folder: string, ledger: UploadLedger) {
    this.#folder = folder;
    this.#ledger = ledger;
  }

  /** Where what comes under an id has its place; `root` is the shared folder. Resolves when that place is durable. */
  async placeFor(root: string, id: string): Promise<string> {
    const folder = join(root, SENT_FOLDER);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // What is in a folder is as durable as the folder's own name.
    await syncFolder(root);
    return join(folder, id);
  }

  /** What has its name in the hidden folder keeps it, whatever happens now. */
  makeDurable(root: string): Promise<void> {
    return syncFolder(join(root, SENT_FOLDER));
  }

  /** A file that was sent, or one of a folder that was, if `userId` is one of the two. */
  // CHAT-SEND-2
  async find(name: FilePath, userId: string): Promise<SharedFile | undefined> {
    const place = await this.#placeOf(name, userId);
    if (place === undefined || place.isFolder === (place.below === '')) return undefined;
    const { root, id, below } = place;
    return below === '' ? describePlainFile(root, id) : findFile(join(root, id), below);
  }

  /** Where a folder is that was sent, or one in it, if `userId` is one of the two. */
  // CHAT-SEND-2
  async folderPlace(name: FilePath, userId: string): Promise<FolderPlace | undefined> {
    const place = await this.#placeOf(name, userId);
    if (place?.isFolder !== true) return undefined;
    return { root: join(place.root, place.id), below: place.below, name };
  }

  /** What others than `nickname` have sent to a user and is still there, the newest first. */
  // CHAT-SEND-4
  async to(userId: string, nickname: Nickname): Promise<readonly SentFileEntry[]> {
    const folder = join(await realpath(this.#folder), SENT_FOLDER);
    const there = new Set(await presence(() => readdir(folder)));
    const records = await this.#ledger.filter((record) => {
      return isFor(record, userId, nicknameKey(nickname)) && there.has(sentIdOf(record.name) ?? '');
    });
    return records
      .map(entryOf)
      .filter((entry) => entry !== undefined)
      .sort((left, right) => right.time - left.time)
      .slice(0, FILES_PER_PAGE_MAX);
  }

  /** Removes what was sent; false when there is nothing. */
  // CHAT-SEND-3
  async discard(name: FilePath, userId: string): Promise<boolean> {
    const place = await this.#placeOf(name, userId);
    if (place === undefined || place.below !== '') return false;
    return (await presence(() => remove(place.root, place.id))) ?? false;
  }

  /** Removes what was sent to a user who does not come back: nobody else would fetch it. What the user has sent to others stays. */
  // CHAT-WITHDRAWN-2
  async discardFor(userId: string, key: string): Promise<void> {
    const folder = join(await realpath(this.#folder), SENT_FOLDER);
    const records = await this.#ledger.filter((record) => isFor(record, userId, key));
    for (const { name } of records) await remove(folder, sentIdOf(name) ?? name).catch(() => false);
  }

  /** Bytes of what is there, by what stands for it among the names of the shared folder `root`; what is too old is removed. */
  // CHAT-SEND-3
  async sizes(root: string, isOlder: AgeJudge): Promise<ReadonlyMap<string, number>> {
    const folder = join(root, SENT_FOLDER);
    const records = await this.#ledger.filter(({ entries, users }) => entries !== undefined && !!users);
    const folderSizes = new Map(records.map(({ name, size }) => [sentIdOf(name), size]));
    const names = (await presence(() => readdir(folder))) ?? [];
    const found = await findEach(names, (name) =>
      presence(async () => {
        const stats = await lstat(join(folder, name));
        if (await isRemoved(folder, name, isOlder(stats.mtimeMs, SENT_LIFETIME_MS))) return undefined;
        return { name, size: stats.isFile() ? stats.size : folderSizes.get(name) };
      }),
    );
    const sizes = new Map<string, number>();
    for (const { name, size } of found) if (size !== undefined) sizes.set(placeOfSent(name), size);
    return sizes;
  }

  async #placeOf(name: FilePath, userId: string): Promise<OwnPlace | undefined> {
    const parts = parseSentPath(name);
    if (parts === undefined) return undefined;
    const { id, path, below } = parts;
    const record = (await this.#ledger.find(path)) ?? (await this.#ledger.find(`${path}/`));
    if (record?.users?.includes(userId) !== true) return undefined;
    const root = join(await realpath(this.#folder), SENT_FOLDER);
    return { root, id: id as FilePath, isFolder: record.entries !== undefined, below };
  }
}

/** What a client is told of something that was sent; nothing of a line that somebody else wrote into the list. */
function entryOf({ name, size, by, time, files }: UploadRecord): SentFileEntry | undefined {
  const [path, from] = [parseFilePath(pathOf(name)), parseNickname(by)];
  return path.ok && from.ok ? { name: path.value, size, time, from: from.value, files } : undefined;
}

/** Removes what is in the way of nobody any more; what cannot be removed stays. */
async function isRemoved(folder: string, name: string, isOld: boolean): Promise<boolean> {
  if (!isOld && !name.endsWith(GONE_SUFFIX)) return false;
  return remove(folder, name).catch(() => false);
}

/** In one step for whoever looks. */
async function remove(folder: string, name: string): Promise<true> {
  const path = join(folder, name);
  if (!(await lstat(path)).isDirectory()) {
    await unlink(path);
    return true;
  }
  const gone = name.endsWith(GONE_SUFFIX) ? path : path + GONE_SUFFIX;
  await rename(path, gone);
  await rm(gone, { recursive: true });
  return true;
}

/** Whether somebody else has sent this to a user. An earlier server has noted the sender's nickname only. */
function isFor({ users, sender, by }: UploadRecord, userId: string, key: string): boolean {
  if (users?.includes(userId) !== true) return false;
  return sender === undefined ? nicknameKey(by as Nickname) !== key : sender !== userId;
}
