import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { atExit, childrenOf, cpuSecondsOf, memoryOf } from '@parley/programs';

/** A program at a terminal of its own, made by `script` (util-linux): keys go in, what it draws comes out. Linux only. */
export class TerminalProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  #output = '';
  #watchers: (() => void)[] = [];

  constructor(
    command: string,
    size: { readonly columns: number; readonly rows: number },
    env: NodeJS.ProcessEnv,
  ) {
    const sized = `${samePriority()}stty cols ${size.columns} rows ${size.rows} -echo; exec ${command}`;
    this.#child = spawn('script', ['-qefc', sized, '/dev/null'], { env });
    // A measurement that fails leaves nobody sitting there.
    this.#child.on(
      'close',
      atExit(() => void this.#child.kill()),
    );
    this.#child.stdin.on('error', () => {});
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      for (const watcher of [...this.#watchers]) watcher();
    });
  }

  /** Presses keys. */
  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Waits until it is written from now on; gives how long that took, in milliseconds. */
  async sees(wanted: string, timeoutMs = 10_000): Promise<number> {
    const begun = performance.now();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`"${wanted}" was not drawn`)), timeoutMs);
      const watch = () => {
        if (!this.#output.includes(wanted)) return;
        clearTimeout(timer);
        this.#watchers = this.#watchers.filter((one) => one !== watch);
        resolve();
      };
      this.#watchers.push(watch);
      watch();
    });
    return performance.now() - begun;
  }

  /** Forgets what was drawn; gives how many characters that were. */
  forget(): number {
    const { length } = this.#output;
    this.#output = '';
    return length;
  }

  /** Processor time that the program itself has used, and the memory that it has now and had at most. */
  usage(): {
    readonly processorSeconds: number;
    readonly memoryBytes: number;
    readonly memoryBytesMax: number;
  } {
    const pid = this.#programPid();
    const { residentBytes = 0, residentBytesMax = 0 } = memoryOf(pid) ?? {};
    return {
      processorSeconds: cpuSecondsOf(pid),
      memoryBytes: residentBytes,
      memoryBytesMax: residentBytesMax,
    };
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    await closed;
  }

  /** `script` runs a shell that became the program. */
  #programPid(): number {
    const [child] = childrenOf(this.#child.pid ?? 0);
    if (child === undefined) throw new Error('the program has ended');
    return child;
  }
}

/** A new session has a priority of its own (sched(7), autogroups), that of everybody else: it gets the one of this process. */
function samePriority(): string {
  const file = '/proc/self/autogroup';
  const nice = existsSync(file) ? /nice (-?\d+)/.exec(readFileSync(file, 'utf8'))?.[1] : undefined;
  return nice === undefined || nice === '0' ? '' : `echo ${nice} > ${file}; `;
}
