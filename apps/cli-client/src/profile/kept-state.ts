import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from './write-file.ts';

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
  readonly #file: string;
  #pending: (() => KeptState) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #onProblem: ((words: string) => void) | undefined;
  #written = '';

  /** `onProblem` is called once, when the file cannot be written. */
  constructor(file: string, onProblem: (words: string) => void) {
    this.#file = file;
    this.#onProblem = onProblem;
    process.on('exit', this.flush);
  }

  /** What was kept; a file that makes no sense is as good as none. */
  read(): KeptState {
    try {
      return parseState(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch {
      return NOTHING;
    }
  }

  /** Keeps what `read` will give when it is time to write. */
  save(read: () => KeptState): void {
    this.#pending = read;
    this.#timer ??= setTimeout(this.flush, WRITE_AFTER_MS);
  }

  /** Writes what waits to be written, at once. */
  readonly flush = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending === undefined) return;
    const text = `${JSON.stringify(pending())}\n`;
    if (text === this.#written) return;
    try {
      writeWhole(this.#file, text);
      this.#written = text;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      this.#onProblem?.(`what you type would not survive a crash (${code}): ${this.#file}`);
      this.#onProblem = undefined;
    }
  };

  close(): void {
    this.flush();
    process.off('exit', this.flush);
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
