import { type ChildProcess, spawn } from 'node:child_process';
import { basename } from 'node:path';
import { atExit } from './exit-hooks.ts';
import { Output } from './output.ts';

/** How a program ended; both are null for one that could not be started. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Settings of a program. */
export interface ProgramOptions {
  /** What it is called where something is wrong; the name of its file unless told. */
  readonly name?: string;
  readonly cwd?: string;
  /** All of its variables; ours unless told. */
  readonly env?: NodeJS.ProcessEnv;
  /** Whether it has a standard input to type into: without it has none, which is at its end. */
  readonly hasInput?: boolean;
  /** Whether it has our own standard input and outputs: what it writes is not read then. */
  readonly isAttached?: boolean;
  /** Whether whatever it starts is killed with it: it leads a process group of its own. */
  readonly leadsGroup?: boolean;
  /** How long one wait may take, in milliseconds; 100 seconds unless told. */
  readonly limitMs?: number;
}

/** For programs that hang: below what a test may take, far above what anything takes on a machine with much other work. */
const LIMIT_MS = 100_000;
/** Of what a program said, in an error. */
const LINES_TOLD_MAX = 5;
const COMPLAINTS_TOLD_MAX = 12;

/** A process of its own that one talks with in lines. It does not outlive this one (`atExit`). */
export class Program {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Resolves when it has ended, and everything that it wrote was read. */
  readonly end: Promise<ProgramEnd>;
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #limitMs: number;
  readonly #leadsGroup: boolean;
  #startError = '';
  #ended: ProgramEnd | undefined;

  /** Starts a program with its arguments. One that cannot be started ends at once: `complaints` tells why. */
  constructor(command: readonly string[], options: ProgramOptions = {}) {
    const [file = '', ...args] = command;
    const { cwd, env, hasInput = false, isAttached = false, leadsGroup = false } = options;
    this.#name = options.name ?? basename(file);
    this.#limitMs = options.limitMs ?? LIMIT_MS;
    this.#leadsGroup = leadsGroup;
    const stdio = isAttached ? 'inherit' : ([hasInput ? 'pipe' : 'ignore', 'pipe', 'pipe'] as const);
    this.#child = spawn(file, args, { cwd, env, detached: leadsGroup, stdio: stdio as 'pipe' });
    // It may end while we still write to it; how it ended says more than the broken pipe.
    this.#child.stdin?.on('error', () => {});
    const takeBack = atExit(() => this.signal('SIGKILL'));
    this.end = new Promise((resolve) => {
      const finish = (end: ProgramEnd) => {
        this.#ended = end;
        takeBack();
        resolve(end);
      };
      this.#child.once('close', (code, signal) => finish({ code, signal }));
      this.#child.once('error', (error) => {
        this.#startError = error.message;
        finish({ code: null, signal: null });
      });
    });
    const complain = (pattern: RegExp, why: string) => this.#neverCame(pattern, why);
    const output = { ended: this.end, limitMs: this.#limitMs, complain };
    this.stdout = new Output(this.#child.stdout, output);
    this.stderr = new Output(this.#child.stderr, output);
  }

  /** Its process id; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** What it wrote to its standard error so far, or why it could not be started. */
  get complaints(): string {
    return `${this.stderr.text}${this.#startError}`.trim();
  }

  /** Types a line. */
  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Ends its standard input, behind a last text. */
  endInput(text = ''): void {
    this.#child.stdin?.end(text);
  }

  /** Sends a signal, if it still runs. */
  signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#ended !== undefined) return;
    if (!this.#leadsGroup) this.#child.kill(signal);
    else {
      try {
        process.kill(-pid, signal);
      } catch {
        // It has ended, and we have not heard yet.
      }
    }
  }

  /** Ends it without warning. */
  async kill(): Promise<ProgramEnd> {
    this.signal('SIGKILL');
    return this.end;
  }

  /** Asks it to end (SIGTERM), and kills it when that takes longer; says how it ended. */
  async stop(limitMs = this.#limitMs): Promise<ProgramEnd> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), limitMs);
    const end = await this.end;
    clearTimeout(timer);
    return end;
  }

  /** Rejects when it ends, and does not resolve: for a race with what should be over before. */
  rejectAtEnd(): Promise<never> {
    const rejection = this.end.then((end) => {
      throw new Error(`${this.#name} ended with ${describeEnd(end)} ${this.complaints}`.trim());
    });
    // Once the race is over its end is no news.
    rejection.catch(() => {});
    return rejection;
  }

  /** The same where an end without an error is as it should be. */
  async rejectAtFailure(): Promise<never> {
    const { code } = await this.end;
    return code === 0 ? new Promise(() => {}) : this.rejectAtEnd();
  }

  #neverCame(pattern: RegExp, why: string): Error {
    const lines = [
      ...this.stdout.lines.slice(-LINES_TOLD_MAX),
      ...this.complaints.split('\n').slice(0, COMPLAINTS_TOLD_MAX),
    ].filter((line) => line !== '');
    const last =
      lines.length === 0 ? 'it said nothing' : `it said:\n${lines.map((line) => `    ${line}`).join('\n')}`;
    return new Error(`${this.#name} never wrote ${pattern}: ${why}; ${last}`);
  }
}

/** The end of a program in words: `exit code 1`, `SIGKILL`. */
export function describeEnd({ code, signal }: ProgramEnd): string {
  if (code !== null) return `exit code ${code}`;
  return signal ?? 'no start';
}
