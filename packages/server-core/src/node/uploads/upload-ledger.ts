import { open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  CLIENT_MESSAGE_ID_BYTES,
  type ClientMessageId,
  parseMessageText,
  parseNickname,
  parseSentPath,
} from '@parley/protocol';
import type { UploadAnnouncement } from '../../domain/transfers/upload-description.ts';
import type { UserId } from '../../history/history-store.ts';
import { append, removeUnfinished, replaceDurably, syncFolder } from '../append-durably.ts';
import { UPLOAD_LEDGER_BYTES_MAX } from '../limits.ts';

/** Hidden, so that it is never listed or served. */
export const LEDGER_NAME = '.parley-uploads.jsonl';
/** The list is rewritten when it has this many lines more than needed. */
const NEEDLESS_LINES_MAX = 1_000;

/** One file that came from a client. */
export interface UploadRecord {
  readonly name: string;
  readonly size: number;
  /** Files and folders in a folder, whose name ends with a slash; absent for files. */
  readonly entries?: number | undefined;
  /** The files among them. */
  readonly files?: number | undefined;
  /** What the account is called; absent for guests. */
  readonly account: string | undefined;
  /** Who may have what was sent; absent for what is in the shared folder. Its name is its path. */
  readonly users?: readonly string[] | undefined;
  /** Which of them has sent it. */
  readonly sender?: string | undefined;
  /** It was about to come, and nobody has heard that it is there. */
  readonly isUnsettled?: boolean | undefined;
  /** What a room is to read of it when it is there; absent when none is, or one has. */
  readonly announcement?: UploadAnnouncement | undefined;
  /** What the user called itself, for whoever runs the server. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/**
 * Who uploaded what, beside the files, so that quotas outlive the server: a line before a file comes, and another one when everybody who
 * has to has heard of it. The last line of a name holds; one without a size says that the file did not come.
 */
// CHAT-UPLOAD-7, CHAT-UPLOAD-8
export class UploadLedger {
  readonly #path: string;
  #records = new Map<string, UploadRecord>();
  /** The file that holds what is known; it is another one when the disk of the folder was not mounted, or is now. */
  #identity: string | undefined;
  #working: Promise<unknown> = Promise.resolve();
  /** Whether the list ends with the end of a line. */
  #isEnded = true;
  /** Lines of the list. */
  #lineCount = 0;

  constructor(folder: string) {
    this.#path = join(folder, LEDGER_NAME);
  }

  /** What an account (`undefined` for all guests) has in the folder; what is not there any more does not count. */
  async usage(
    account: string | undefined,
    sizes: ReadonlyMap<string, number>,
  ): Promise<{ readonly files: number; readonly bytes: number; readonly entries: number }> {
    let files = 0;
    let entries = 0;
    let bytes = 0;
    for (const record of (await this.#known()).values()) {
      if (record.account !== account || !isThere(record, sizes)) continue;
      files += 1;
      bytes += record.size;
      entries += record.entries ?? 0;
    }
    return { files, bytes, entries };
  }

  /** What is known of a file. */
  async find(name: string): Promise<UploadRecord | undefined> {
    return (await this.#known()).get(name);
  }

  /** The files of which that is true, the oldest first. */
  async filter(isWanted: (record: UploadRecord) => boolean): Promise<readonly UploadRecord[]> {
    return [...(await this.#known()).values()].filter(isWanted);
  }

  /** Remembers a file; resolves when that is durable. */
  async add(record: UploadRecord): Promise<void> {
    await this.#alone(async () => {
      await this.#add(record);
    });
  }

  /** The same for a file that the list which is there now does not have. */
  async addMissing(record: UploadRecord): Promise<void> {
    await this.#alone(async () => {
      if (!(await this.#load()).has(record.name)) await this.#add(record);
    });
  }

  /**
   * Everybody who has to has heard of a file, which came at `time`. Need not be durable: who hears of the file again knows it by the id of
   * the entry.
   */
  async settle(name: string, time: number): Promise<void> {
    await this.#alone(async () => {
      const records = await this.#load();
      const record = records.get(name);
      if (record?.isUnsettled !== true) return;
      const settled = { ...record, time, isUnsettled: undefined, announcement: undefined };
      records.set(name, settled);
      await this.#append([lineOf(settled)], { isDurable: false });
    });
  }

  /** What is known now of files of some names, for `compact`. */
  async known(isMeant: (name: string) => boolean = () => true): Promise<ReadonlySet<UploadRecord>> {
    return new Set(await this.filter(({ name }) => isMeant(name)));
  }

  /**
   * Forgets files that were about to come and did not, and takes out of the list what is not there any more, when that is much: of what was
   * `known` before the look that found `sizes`.
   */
  async compact(known: ReadonlySet<UploadRecord>, sizes: ReadonlyMap<string, number>): Promise<void> {
    await this.#alone(async () => {
      const records = await this.#load();
      const vain = [...known].filter((record) => {
        return record.isUnsettled && records.get(record.name) === record && !isThere(record, sizes);
      });
      for (const { name } of vain) records.delete(name);
      if (vain.length > 0)
        await this.#append(
          vain.map(({ name }) => JSON.stringify({ name })),
          { isDurable: false },
        );
      const kept = [...records.values()].filter((record) => !known.has(record) || isThere(record, sizes));
      if (this.#lineCount <= kept.length + NEEDLESS_LINES_MAX) return;
      await replaceDurably(this.#path, kept.map((record) => `${lineOf(record)}\n`).join(''));
      this.#isEnded = true;
      this.#lineCount = kept.length;
      this.#identity = await this.#look();
    });
  }

  #known(): Promise<ReadonlyMap<string, UploadRecord>> {
    return this.#alone(() => this.#load());
  }

  /** One after the other. */
  #alone<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#working.catch(() => undefined).then(run);
    this.#working = result;
    return result;
  }

  async #add(record: UploadRecord): Promise<void> {
    (await this.#load()).set(record.name, record);
    await this.#append([lineOf(record)], { isDurable: true });
  }

  async #append(lines: readonly string[], options: { readonly isDurable: boolean }): Promise<void> {
    const handle = await open(this.#path, 'a', 0o600);
    try {
      const { size } = await handle.stat();
      // What is said of a file that is in the list makes it shorter in the end.
      if (options.isDurable && size > UPLOAD_LEDGER_BYTES_MAX) throw new Error(`${this.#path} is full`);
      // A line that a killed server left half is ended first. One that is whole has its own end: whatever a loss of power makes of what
      // comes next, it stays a line.
      const beginning = this.#isEnded ? '' : '\n';
      this.#isEnded = false;
      await append(
        handle,
        size,
        Buffer.from(`${beginning}${lines.map((line) => `${line}\n`).join('')}`),
        options,
      );
      this.#isEnded = true;
      this.#lineCount += lines.length;
      this.#identity = identityOf(await handle.stat());
      if (size === 0) await syncFolder(dirname(this.#path));
    } finally {
      await handle.close();
    }
  }

  /** What is in the list that is there now. */
  async #load(): Promise<Map<string, UploadRecord>> {
    const identity = await this.#look();
    if (identity === this.#identity) return this.#records;
    this.#records = await this.#read();
    this.#identity = identity;
    return this.#records;
  }

  /** Which file the list is; undefined for none. */
  async #look(): Promise<string | undefined> {
    const stats = await ifThere(() => stat(this.#path));
    return stats && identityOf(stats);
  }

  async #read(): Promise<Map<string, UploadRecord>> {
    const records = new Map<string, UploadRecord>();
    await removeUnfinished(this.#path);
    const text = (await ifThere(() => readFile(this.#path, 'utf8'))) ?? '';
    const lines = text.split('\n');
    this.#isEnded = text === '' || text.endsWith('\n');
    this.#lineCount = lines.length;
    for (const line of lines) {
      const record = parseRecord(line);
      if (record !== undefined && 'size' in record) records.set(record.name, record);
      else if (record !== undefined) records.delete(record.name);
    }
    return records;
  }
}

async function ifThere<Found>(look: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function identityOf({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
  return `${dev}:${ino}`;
}

/** Stands for what was sent, where the others have their names: on the disk it is called by its id alone. */
export function placeOfSent(id: string): string {
  return `@${id}/`;
}

/** The list has a slash behind the name of a folder. */
export function pathOf(name: string): string {
  return name.replace(/\/$/, '');
}

/** Of what was sent. */
export function sentIdOf(name: string): string | undefined {
  return parseSentPath(pathOf(name))?.id;
}

function placeOf(name: string): string {
  const id = sentIdOf(name);
  return id === undefined ? name : placeOfSent(id);
}

/** What was replaced by a file of another size is not there any more. */
function isThere({ name, size }: UploadRecord, sizes: ReadonlyMap<string, number>): boolean {
  return sizes.get(placeOf(name)) === size;
}

function lineOf({ announcement, ...record }: UploadRecord): string {
  if (announcement === undefined) return JSON.stringify(record);
  const clientMessageId = Buffer.from(announcement.clientMessageId).toString('hex');
  return JSON.stringify({ ...record, announcement: { ...announcement, clientMessageId } });
}

/** Half a line, and what somebody else wrote there, says nothing. A name alone: that file did not come. */
function parseRecord(line: string): UploadRecord | Pick<UploadRecord, 'name'> | undefined {
  try {
    const { name, size, entries, files, account, users, sender, by, time, isUnsettled, announcement } =
      JSON.parse(line) as Partial<UploadRecord>;
    if (typeof name !== 'string') return undefined;
    if (size === undefined) return { name };
    if (typeof size !== 'number') return undefined;
    if (account !== undefined && typeof account !== 'string') return undefined;
    if (users !== undefined && !Array.isArray(users)) return undefined;
    if (sender !== undefined && typeof sender !== 'string') return undefined;
    if (entries !== undefined && typeof entries !== 'number') return undefined;
    if (files !== undefined && typeof files !== 'number') return undefined;
    const record = { name, size, entries, files, account, users, sender, by: String(by), time: Number(time) };
    return isUnsettled === true
      ? { ...record, isUnsettled, announcement: parseAnnouncement(announcement) }
      : record;
  } catch {
    return undefined;
  }
}

function parseAnnouncement(announcement: unknown): UploadAnnouncement | undefined {
  const { path, roomKey, userId, nickname, text, clientMessageId } = (announcement ?? {}) as {
    readonly [Part in keyof UploadAnnouncement]?: string;
  };
  const [name, words] = [parseNickname(nickname ?? ''), parseMessageText(text ?? '')];
  const id = new Uint8Array(Buffer.from(clientMessageId ?? '', 'hex')) as ClientMessageId;
  if (!name.ok || !words.ok || id.byteLength !== CLIENT_MESSAGE_ID_BYTES) return undefined;
  if (path === undefined || roomKey === undefined || userId === undefined) return undefined;
  return {
    path,
    roomKey,
    userId: userId as UserId,
    nickname: name.value,
    text: words.value,
    clientMessageId: id,
  };
}
