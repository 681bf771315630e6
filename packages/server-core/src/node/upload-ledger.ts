import { open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseSentPath } from '@parley/protocol';
import { appendDurably, replaceDurably, syncFolder } from './append-durably.ts';
import { UPLOAD_LEDGER_BYTES_MAX } from './limits.ts';

/** Hidden, so that it is never listed or served. */
const LEDGER_NAME = '.parley-uploads.jsonl';
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
  /** What the user called itself, for whoever runs the server. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** Who uploaded what, one line for each file, beside the files: so that quotas outlive the server. */
// CHAT-UPLOAD-7
export class UploadLedger {
  readonly #path: string;
  #records: Promise<Map<string, UploadRecord>> | undefined;
  #writing: Promise<void> = Promise.resolve();
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
    for (const record of (await this.#load()).values()) {
      if (record.account !== account || !isThere(record, sizes)) continue;
      files += 1;
      bytes += record.size;
      entries += record.entries ?? 0;
    }
    return { files, bytes, entries };
  }

  /** What is known of a file. */
  async find(name: string): Promise<UploadRecord | undefined> {
    return (await this.#load()).get(name);
  }

  /** The files of which that is true, the oldest first. */
  async filter(isWanted: (record: UploadRecord) => boolean): Promise<readonly UploadRecord[]> {
    return [...(await this.#load()).values()].filter(isWanted);
  }

  /** Remembers a file; resolves when that is durable. */
  async add(record: UploadRecord): Promise<void> {
    (await this.#load()).set(record.name, record);
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#append(record));
    await this.#writing;
  }

  /** All that is known now, for `compact`. */
  async known(): Promise<ReadonlySet<UploadRecord>> {
    return new Set((await this.#load()).values());
  }

  /** Takes out of the list what is not there any more, when that is much: of what was `known` before the look that found `sizes`. */
  async compact(known: ReadonlySet<UploadRecord>, sizes: ReadonlyMap<string, number>): Promise<void> {
    this.#writing = this.#writing
      .catch(() => undefined)
      .then(async () => {
        const records = [...(await this.#load()).values()];
        const kept = records.filter((record) => !known.has(record) || isThere(record, sizes));
        if (this.#lineCount <= kept.length + NEEDLESS_LINES_MAX) return;
        await replaceDurably(this.#path, kept.map((record) => `${JSON.stringify(record)}\n`).join(''));
        this.#lineCount = kept.length;
      });
    await this.#writing;
  }

  async #append(record: UploadRecord): Promise<void> {
    const handle = await open(this.#path, 'a', 0o600);
    try {
      const { size } = await handle.stat();
      if (size > UPLOAD_LEDGER_BYTES_MAX) throw new Error(`${this.#path} is full`);
      // A line that a killed server left half is ended first.
      await appendDurably(handle, size, Buffer.from(`${size === 0 ? '' : '\n'}${JSON.stringify(record)}`));
      this.#lineCount += 1;
      if (size === 0) await syncFolder(dirname(this.#path));
    } finally {
      await handle.close();
    }
  }

  #load(): Promise<Map<string, UploadRecord>> {
    this.#records ??= this.#read().catch((error: unknown) => {
      // What keeps the list from being read may pass.
      this.#records = undefined;
      throw error;
    });
    return this.#records;
  }

  async #read(): Promise<Map<string, UploadRecord>> {
    const records = new Map<string, UploadRecord>();
    let text = '';
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    const lines = text.split('\n');
    this.#lineCount = lines.length;
    for (const line of lines) {
      const record = parseRecord(line);
      if (record !== undefined) records.set(record.name, record);
    }
    return records;
  }
}

/** Stands for what was sent, where the others have their names: on the disk it is called by its id alone. */
export function placeOfSent(id: string): string {
  return `@${id}/`;
}

function placeOf(name: string): string {
  const id = parseSentPath(name.replace(/\/$/, ''))?.id;
  return id === undefined ? name : placeOfSent(id);
}

/** What was replaced by a file of another size is not there any more. */
function isThere({ name, size }: UploadRecord, sizes: ReadonlyMap<string, number>): boolean {
  return sizes.get(placeOf(name)) === size;
}

/** Half a line, and what somebody else wrote there, says nothing. */
function parseRecord(line: string): UploadRecord | undefined {
  try {
    const { name, size, entries, files, account, users, by, time } = JSON.parse(
      line,
    ) as Partial<UploadRecord>;
    if (typeof name !== 'string' || typeof size !== 'number') return undefined;
    if (account !== undefined && typeof account !== 'string') return undefined;
    if (users !== undefined && !Array.isArray(users)) return undefined;
    if (entries !== undefined && typeof entries !== 'number') return undefined;
    if (files !== undefined && typeof files !== 'number') return undefined;
    return { name, size, entries, files, account, users, by: String(by), time: Number(time) };
  } catch {
    return undefined;
  }
}
