import { type FileHandle, mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type {
  AccountChange,
  AccountStore,
  AuditQuery,
  NewAuditEntry,
  StoredAuditEntry,
} from '../../accounts/account-store.ts';
import { AccountBook } from '../../domain/accounts/account-book.ts';
import { StoreError, type StoreErrorCode } from '../../history/history-store.ts';
import { appendDurably, replaceDurably } from '../append-durably.ts';
import { ACCOUNT_FILE_BYTES_MAX } from '../limits.ts';
import { AuditFile } from './audit-file.ts';

const HEADER = '{"parley":"accounts","version":1}\n';
/** In the folder of the accounts. */
const AUDIT_FILE = 'audit.jsonl';
/** A file is rewritten at the start when it has this many lines more than needed. */
const NEEDLESS_LINES_MAX = 1_000;

/**
 * Makes a store that keeps accounts in one file: a header, then one change a line as JSON, only ever added to. A line
 * without its end was never acknowledged, and is cut off.
 */
export function createFileAccountStore(
  file: string,
  options: { readonly bytesMax?: number } = {},
): AccountStore {
  return new FileAccountStore(file, options.bytesMax ?? ACCOUNT_FILE_BYTES_MAX);
}

/** Changes that wait for the disk. */
interface Write {
  readonly text: string;
  readonly audited: readonly NewAuditEntry[];
  readonly settle: (error: StoreError | undefined) => void;
}

class FileAccountStore implements AccountStore {
  readonly isDurable = true;
  readonly #file: string;
  readonly #bytesMax: number;
  /** Absent until there is something to keep. */
  #handle: FileHandle | undefined;
  /** Bytes that are there for good. */
  #bytes = 0;
  #inode = 0;
  readonly #audit: AuditFile;
  #gathered: Write[] = [];
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(file: string, bytesMax: number) {
    this.#file = file;
    this.#bytesMax = bytesMax;
    this.#audit = new AuditFile(join(dirname(file), AUDIT_FILE));
  }

  async open(): Promise<readonly AccountChange[]> {
    try {
      await this.#audit.open();
      const text = await this.#read();
      if (text === undefined) return [];
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      const lines = whole.split('\n').slice(0, -1);
      const changes = this.#parse(lines);
      const needed = new AccountBook(changes).changes();
      if (changes.length > needed.length + NEEDLESS_LINES_MAX || tellsOfRetired(changes)) {
        await this.#rewrite(needed);
        return needed;
      }
      await this.#use(Buffer.byteLength(whole));
      return changes;
    } catch (error) {
      throw explain(error, this.#file);
    }
  }

  write(changes: readonly AccountChange[], audited: readonly NewAuditEntry[] = []): Promise<void> {
    if (this.#isClosed) return Promise.reject(new StoreError('closed', 'the store of accounts is closed'));
    const text = changes.map((change) => `${JSON.stringify(change)}\n`).join('');
    return new Promise((resolve, reject) => {
      const settle = (error: StoreError | undefined) => (error === undefined ? resolve() : reject(error));
      this.#gathered.push({ text, audited, settle });
      // What comes while the disk is busy goes to it in one piece.
      if (this.#gathered.length === 1) this.#work = this.#work.then(() => this.#flush());
    });
  }

  async readAudit(query: AuditQuery): Promise<readonly StoredAuditEntry[]> {
    if (this.#isClosed) throw new StoreError('closed', 'the store of accounts is closed');
    return this.#audit.read(query);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#work;
    await this.#audit.close();
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #flush(): Promise<void> {
    const batch = this.#gathered;
    this.#gathered = [];
    try {
      // First: what was decided is known even if the power goes before it was done.
      await this.#audit.append(batch.flatMap(({ audited }) => audited));
      await this.#append(batch.map(({ text }) => text).join(''));
      for (const { settle } of batch) settle(undefined);
    } catch (error) {
      const reason = explain(error, this.#file);
      for (const { settle } of batch) settle(reason);
    }
  }

  async #append(text: string): Promise<void> {
    if (text === '') return;
    const bytes = Buffer.from(text);
    if (this.#bytes + bytes.length > this.#bytesMax) {
      throw new StoreError(
        'disk-full',
        `${this.#file} is as large as it may be: restart the server to tidy it`,
      );
    }
    const handle = this.#handle ?? (await this.#create());
    await this.#checkOwner();
    await appendDurably(handle, this.#bytes, bytes);
    this.#bytes += bytes.length;
  }

  /** Another server that has tidied the same file writes to another one now: one of the two must stop. */
  async #checkOwner(): Promise<void> {
    const { ino } = await stat(this.#file);
    if (ino === this.#inode) return;
    throw new StoreError('busy', `another server uses ${this.#file}: give each its own --data`);
  }

  async #read(): Promise<string | undefined> {
    try {
      const { mode, size } = await stat(this.#file);
      if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
        const advice = `run chmod 600 ${this.#file}`;
        throw new StoreError('io', `${this.#file} holds passwords' hashes and others may read it: ${advice}`);
      }
      if (size > this.#bytesMax) throw new StoreError('corrupt', `${this.#file} is larger than it can be`);
      return await readFile(this.#file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #parse(lines: readonly string[]): AccountChange[] {
    const [header, ...rest] = lines;
    // Not even the header has its end: the file was being made.
    if (header === undefined) return [];
    const { parley, version } = this.#parseLine(header, 1) as { parley?: unknown; version?: unknown };
    if (parley !== 'accounts') throw new StoreError('corrupt', `${this.#file} is no file of accounts`);
    if (version !== 1)
      throw new StoreError('too-new', `a newer parley-server wrote ${this.#file}: use that one`);
    return rest.map((line, index) => this.#parseLine(line, index + 2) as AccountChange);
  }

  #parseLine(line: string, number: number): object {
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value === 'object' && value !== null) return value;
    } catch {
      // Told below.
    }
    const advice = 'restore the file from a copy, or delete that line and lose what it says';
    throw new StoreError('corrupt', `line ${number} of ${this.#file} is damaged: ${advice}`);
  }

  async #create(): Promise<FileHandle> {
    await mkdir(dirname(this.#file), { recursive: true });
    await this.#rewrite([]);
    return this.#handle as FileHandle;
  }

  async #rewrite(changes: readonly AccountChange[]): Promise<void> {
    const text = HEADER + changes.map((change) => `${JSON.stringify(change)}\n`).join('');
    await replaceDurably(this.#file, text);
    await this.#use(Buffer.byteLength(text));
  }

  async #use(bytes: number): Promise<void> {
    const handle = await open(this.#file, 'r+');
    this.#handle = handle;
    this.#inode = (await handle.stat()).ino;
    await handle.truncate(bytes);
    this.#bytes = bytes;
    if (bytes > 0) return;
    await handle.write(HEADER, 0);
    await handle.sync();
    this.#bytes = HEADER.length;
  }
}

/** Whether the file still has what belonged to an account that is gone. */
// CHAT-ACCOUNT-5
function tellsOfRetired(changes: readonly AccountChange[]): boolean {
  const known = new Set<string>();
  for (const change of changes) {
    if (change.type === 'put-account') known.add(change.account.userId);
    else if (change.type === 'retire-account' && known.has(change.userId)) return true;
  }
  return false;
}

function explain(error: unknown, file: string): StoreError {
  if (error instanceof StoreError) return error;
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  const kind: StoreErrorCode = isFull ? 'disk-full' : 'io';
  const problem = isFull ? 'the disk is full' : code;
  return new StoreError(kind, `the accounts cannot be kept in ${file} (${problem})`, { cause: error });
}
