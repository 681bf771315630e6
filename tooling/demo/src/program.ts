import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Settings of a program. */
export interface ProgramOptions {
  readonly cwd?: string;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long one wait may take; 20 seconds unless told. */
  readonly limitMs?: number;
}

interface Waiting {
  readonly pattern: RegExp;
  readonly resolve: (match: RegExpExecArray) => void;
  readonly reject: (error: Error) => void;
}

/** A process of its own that one talks with in lines, as a user does. */
export class Program {
  readonly name: string;
  /** Resolves when it has ended and everything it wrote was read. */
  readonly end: Promise<ProgramEnd>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #limitMs: number;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<Waiting>();
  #partial = '';
  #complaints = '';
  #ended: ProgramEnd | undefined;

  /** Starts a file with this Node. */
  constructor(name: string, command: readonly string[], options: ProgramOptions = {}) {
    this.name = name;
    this.#limitMs = options.limitMs ?? 20_000;
    this.#child = spawn(process.execPath, command, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text;
    });
    // It may end while we still write to it; how it ended says more than the broken pipe.
    this.#child.stdin.on('error', () => {});
    this.end = new Promise((resolve) => {
      const finish = (end: ProgramEnd) => {
        this.#finish(end);
        resolve(end);
      };
      this.#child.once('close', (code, signal) => finish({ code, signal }));
      this.#child.once('error', (error) => {
        this.#complaints += error.message;
        finish({ code: null, signal: null });
      });
    });
  }

  /** What it wrote to its standard error so far. */
  get complaints(): string {
    return this.#complaints.trim();
  }

  /** The lines it wrote to its standard output so far. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Types a line. */
  type(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** The first line that matches, out of those written and those to come. */
  line(pattern: RegExp, limitMs = this.#limitMs): Promise<RegExpExecArray> {
    for (const line of this.#lines) {
      const match = pattern.exec(line);
      if (match !== null) return Promise.resolve(match);
    }
    if (this.#ended !== undefined) return Promise.reject(this.#neverCame(pattern, 'it has ended'));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting);
        reject(this.#neverCame(pattern, `${limitMs / 1000} s went by`));
      }, limitMs);
      const waiting: Waiting = {
        pattern,
        resolve: (match) => {
          clearTimeout(timer);
          resolve(match);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#waiting.add(waiting);
    });
  }

  /** Sends a signal, if it still runs. */
  kill(signal: NodeJS.Signals): void {
    if (this.#ended === undefined) this.#child.kill(signal);
  }

  #read(text: string): void {
    const parts = (this.#partial + text).split('\n');
    this.#partial = parts.pop() ?? '';
    for (const line of parts) this.#take(line.replace(/\r$/, ''));
  }

  #take(line: string): void {
    this.#lines.push(line);
    for (const waiting of this.#waiting) {
      const match = waiting.pattern.exec(line);
      if (match === null) continue;
      this.#waiting.delete(waiting);
      waiting.resolve(match);
    }
  }

  #finish(end: ProgramEnd): void {
    if (this.#partial !== '') this.#take(this.#partial);
    this.#ended = end;
    for (const { pattern, reject } of this.#waiting) reject(this.#neverCame(pattern, 'it has ended'));
    this.#waiting.clear();
  }

  #neverCame(pattern: RegExp, why: string): Error {
    const said = [...this.#lines.slice(-5), ...this.complaints.split('\n').slice(0, 12)].filter(
      (line) => line !== '',
    );
    const last =
      said.length === 0 ? 'it said nothing' : `it said:\n${said.map((line) => `    ${line}`).join('\n')}`;
    return new Error(`${this.name} never wrote ${pattern}: ${why}; ${last}`);
  }
}
