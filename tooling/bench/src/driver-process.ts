import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { atExit } from './exit-hooks.ts';

// The kernel's clock ticks of /proc/PID/stat: 100 a second on every Linux that Node supports.
const TICKS_PER_SECOND = 100;

/** A driver that runs: what it printed so far, and what it cost. It does not outlive this program. */
export class DriverProcess {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #exit: Promise<void>;
  #output = '';
  #complaints = '';
  #hasExited = false;
  #end = '';

  constructor(command: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const [program = '', ...args] = command;
    this.#child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.#child.stdout.on('data', (data) => {
      this.#output += data;
    });
    this.#child.stderr.on('data', (data) => {
      if (this.#complaints.length < 10_000) this.#complaints += data;
    });
    const takeBack = atExit(() => this.#child.kill('SIGKILL'));
    this.#exit = once(this.#child, 'close').then(
      ([code, signal]) => {
        this.#end = signal === null ? `exit code ${code}` : signal;
      },
      (error) => {
        this.#end = String(error);
      },
    );
    void this.#exit.then(() => {
      this.#hasExited = true;
      takeBack();
    });
  }

  /** Its process id; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What it printed on stdout so far. */
  get output(): string {
    return this.#output.trim();
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  /** What it printed on stderr. */
  get complaints(): string {
    return this.#complaints.trim();
  }

  /** Waits until its output matches; throws when it ends or takes longer. */
  async waitFor(pattern: RegExp, limitMs: number): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(limitMs);
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match !== null) return match;
      const problem = this.#hasExited
        ? `it ended with ${this.#end}`
        : deadline.aborted
          ? `not within ${limitMs} ms`
          : undefined;
      if (problem !== undefined)
        throw new Error(`no ${pattern} from the driver: ${problem} ${this.complaints}`.trim());
      await Promise.race([
        once(this.#child.stdout, 'data', { signal: deadline }).catch(() => {}),
        this.#exit,
      ]);
    }
  }

  /** Rejects when it ends, and does not resolve: for a race with what should be over before. */
  rejectAtEnd(): Promise<never> {
    const end = this.#exit.then(() => {
      throw new Error(`the driver ended with ${this.#end} ${this.complaints}`.trim());
    });
    // Once the race is over its end is no news.
    end.catch(() => {});
    return end;
  }

  /** The same where an end without an error is as it should be. */
  async rejectAtFailure(): Promise<never> {
    await this.#exit;
    return this.#end === 'exit code 0' ? new Promise(() => {}) : this.rejectAtEnd();
  }

  /** Resident memory in bytes; undefined when it has ended, and where the system does not tell. */
  get memoryBytes(): number | undefined {
    try {
      const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
      return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
    } catch {
      return undefined;
    }
  }

  /** Processor time so far of all its threads and of the programs that it started, user and system, in seconds. */
  cpuSeconds(): number {
    return this.#child.pid === undefined ? 0 : cpuSecondsOf(this.#child.pid);
  }

  /** Tells it to begin what it is ready for. */
  begin(): void {
    this.#child.kill('SIGUSR2');
  }

  /** Asks it to report and end. */
  terminate(): void {
    this.#child.kill('SIGTERM');
  }

  /** Ends it for certain. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}

function cpuSecondsOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    const own = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    return children.reduce((sum, child) => sum + cpuSecondsOf(Number(child)), own);
  } catch {
    // It has ended.
    return 0;
  }
}
