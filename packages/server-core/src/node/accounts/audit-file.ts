import { type FileHandle, mkdir, open, readFile, rename, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AuditQuery, NewAuditEntry, StoredAuditEntry } from '../../accounts/account-store.ts';
import { AuditTrail } from '../../accounts/audit-trail.ts';
import { StoreError } from '../../history/history-store.ts';
import { appendDurably, syncFolder } from '../append-durably.ts';
import { AUDIT_FILE_BYTES_MAX } from '../limits.ts';

/**
 * Decisions in a file, one a line as JSON, only ever added to. A file that is full gets another name, in the place of the one
 * that had it before: so there are two at most, and the newest decisions are never lost.
 */
// CHAT-AUDIT-1
export class AuditFile {
  readonly #file: string;
  readonly #fullFile: string;
  readonly #bytesMax: number;
  readonly #trail = new AuditTrail();
  #handle: FileHandle | undefined;
  #bytes = 0;

  constructor(file: string, bytesMax = AUDIT_FILE_BYTES_MAX) {
    this.#file = file;
    this.#fullFile = file.replace(/(\.[^.]*)?$/, '.1$1');
    this.#bytesMax = bytesMax;
  }

  async open(): Promise<void> {
    await this.#load(this.#fullFile);
    this.#bytes = await this.#load(this.#file);
  }

  async append(entries: readonly NewAuditEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const numbered = this.#trail.number(entries);
    const bytes = Buffer.from(numbered.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    if (this.#bytes > 0 && this.#bytes + bytes.length > this.#bytesMax) await this.#setAside();
    const handle = this.#handle ?? (await this.#create());
    await appendDurably(handle, this.#bytes, bytes);
    this.#bytes += bytes.length;
    this.#trail.add(numbered);
  }

  read(query: AuditQuery): readonly StoredAuditEntry[] {
    return this.#trail.read(query);
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #setAside(): Promise<void> {
    await this.close();
    await rename(this.#file, this.#fullFile);
    this.#bytes = 0;
  }

  async #create(): Promise<FileHandle> {
    await mkdir(dirname(this.#file), { recursive: true });
    const handle = await open(this.#file, this.#bytes === 0 ? 'w' : 'r+', 0o600);
    this.#handle = handle;
    await syncFolder(dirname(this.#file));
    return handle;
  }

  /** Takes over what a file has, and gives its length; half a line at its end was never acknowledged, and is cut off. */
  async #load(file: string): Promise<number> {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
      throw error;
    }
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const lines = whole.split('\n').slice(0, -1);
    this.#trail.add(lines.map((line, index) => parseEntry(line, `line ${index + 1} of ${file}`)));
    const bytes = Buffer.byteLength(whole);
    if (whole !== text) await truncate(file, bytes);
    return bytes;
  }
}

function parseEntry(line: string, where: string): StoredAuditEntry {
  try {
    const entry: StoredAuditEntry | null = JSON.parse(line);
    if (typeof entry?.sequence === 'number') return entry;
  } catch {
    // Told below.
  }
  throw new StoreError('corrupt', `${where} is damaged: restore the file from a copy, or move it away`);
}
