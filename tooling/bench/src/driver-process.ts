import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';

// The kernel's clock ticks of /proc/PID/stat: 100 a second on every Linux that Node supports.
const ticksPerSecond = 100;

/** A driver that runs: what it printed so far, and what it cost. */
export class DriverProcess {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #exit: Promise<unknown>;
  #output = '';
  #complaints = '';
  #hasExited = false;

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
    this.#exit = once(this.#child, 'close').then(
      () => this.#markExited(),
      (error) => {
        this.#complaints += String(error);
        this.#markExited();
      },
    );
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
        ? 'it ended'
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

  #markExited(): void {
    this.#hasExited = true;
  }
}

function cpuSecondsOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    const own = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    return children.reduce((sum, child) => sum + cpuSecondsOf(Number(child)), own);
  } catch {
    // It has ended.
    return 0;
  }
}
