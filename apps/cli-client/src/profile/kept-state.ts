import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RewrittenFile } from './write-file.ts';

/** What somebody typed, so that a crash does not take it away. */
export interface KeptState {
  /** Lines that were entered, oldest first. */
  readonly history: readonly string[];
  /** What is being typed, by room. */
  readonly drafts: Readonly<Record<string, string>>;
  /** What was said and the server has not accepted. */
  readonly unsent: readonly { readonly room: string; readonly text: string; readonly time: number }[];
}

const NOTHING: KeptState = { history: [], drafts: {}, unsent: [] };

/** What is typed is on the disk after this time; more often would only cost. */
const WRITE_AFTER_MS = 300;

/** Keeps the state of one user at one server in a file. */
export class StateKeeper {
  readonly #path: string;
  readonly #file: RewrittenFile;
  #pending: (() => KeptState) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #onProblem: ((words: string) => void) | undefined;
  /** The text that the file has, or will have. */
  #written = '';
  /** A text is on its way to the disk. */
  #writing: { readonly text: string; readonly done: Promise<void> } | undefined;

  /** `onProblem` is called once, when the file cannot be written. */
  constructor(path: string, onProblem: (words: string) => void) {
    this.#path = path;
    this.#file = new RewrittenFile(path);
    this.#onProblem = onProblem;
    process.on('exit', this.flush);
  }

  /** What was kept; a file that makes no sense is as good as none. */
  read(): KeptState {
    try {
      return parseState(JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch {
      return NOTHING;
    }
  }

  /** Keeps what `read` will give when it is time to write. */
  save(read: () => KeptState): void {
    this.#pending = read;
    if (this.#writing === undefined) this.#timer ??= setTimeout(this.#write, WRITE_AFTER_MS);
  }

  /** Writes what waits to be written, at once. */
  readonly flush = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#take() ?? this.#writing?.text;
    if (text === undefined) return;
    try {
      this.#file.writeNow(text);
    } catch (error) {
      this.#fail(error);
    }
  };

  /** What was begun is on the disk. */
  async settled(): Promise<void> {
    await this.#writing?.done;
  }

  close(): void {
    this.flush();
    process.off('exit', this.flush);
  }

  /** The disk may take its time, and nobody who types is to feel it. */
  readonly #write = (): void => {
    this.#timer = undefined;
    const text = this.#take();
    if (text === undefined) return;
    const written = this.#file.write(text).catch((error: unknown) => this.#fail(error));
    const done = written.then(() => {
      this.#writing = undefined;
      if (this.#pending !== undefined) this.#timer ??= setTimeout(this.#write, WRITE_AFTER_MS);
    });
    this.#writing = { text, done };
  };

  /** What is to be written, if that is something else than before. */
  #take(): string | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending === undefined) return undefined;
    const text = `${JSON.stringify(pending())}\n`;
    if (text === this.#written) return undefined;
    this.#written = text;
    return text;
  }

  #fail(error: unknown): void {
    this.#written = '';
    const { code } = error as NodeJS.ErrnoException;
    this.#onProblem?.(`what you type would not survive a crash (${code}): ${this.#path}`);
    this.#onProblem = undefined;
  }
}

/** The file of a user at a server; names of files hold no more than these characters everywhere. */
export function stateFile(folder: string, server: string, nickname: string): string {
  return join(folder, `${encodeURIComponent(`${nickname}@${server}`).replaceAll('*', '%2A')}.json`);
}

function parseState(value: unknown): KeptState {
  if (typeof value !== 'object' || value === null) return NOTHING;
  const { history, drafts, unsent } = value as Readonly<Record<string, unknown>>;
  const lines = Array.isArray(history) ? history.filter((line) => typeof line === 'string') : [];
  const pairs = typeof drafts === 'object' && drafts !== null ? Object.entries(drafts) : [];
  const kept = pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  const said = Array.isArray(unsent) ? unsent.filter(isUnsent) : [];
  return { history: lines, drafts: Object.fromEntries(kept), unsent: said };
}

function isUnsent(value: unknown): value is KeptState['unsent'][number] {
  if (typeof value !== 'object' || value === null) return false;
  const { room, text, time } = value as Readonly<Record<string, unknown>>;
  return typeof room === 'string' && typeof text === 'string' && typeof time === 'number';
}
