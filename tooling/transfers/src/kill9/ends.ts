import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const programs = {
  server: fileURLToPath(new URL('../../../../apps/server/dist/main.js', import.meta.url)),
  client: fileURLToPath(new URL('../../../../apps/cli-client/dist/main.js', import.meta.url)),
};

/** How one run of a program ended. */
export interface End {
  readonly exitCode: number | null;
  readonly output: string;
}

/** A program that is started again each time it was killed. */
export class Victim {
  readonly #command: readonly string[];
  readonly #readyWords: string;
  readonly #environment: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;
  #output = '';
  #readyResolvers: (() => void)[] = [];

  /** Ready when it has printed `readyWords`, at once when they are empty. */
  constructor(
    program: keyof typeof programs,
    options: {
      readonly prefix: readonly string[];
      readonly args: readonly string[];
      readonly readyWords?: string;
      /** On top of our own. */
      readonly environment?: Readonly<Record<string, string>>;
    },
  ) {
    const file = programs[program];
    if (!existsSync(file))
      throw new Error(`${file} is not built: npm run test:kill9-transfers builds it first`);
    this.#command = [...options.prefix, process.execPath, file, ...options.args];
    this.#readyWords = options.readyWords ?? '';
    this.#environment = options.environment ?? {};
  }

  /** Starts the program; resolves when it is ready. */
  async start(): Promise<void> {
    this.#output = '';
    const [program = '', ...args] = this.#command;
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#environment },
    });
    this.#process = child;
    const ready = new Promise<void>((resolve, reject) => {
      this.#readyResolvers.push(resolve);
      child.once('error', reject);
      child.once('exit', () => resolve());
    });
    const collect = (text: Buffer): void => {
      this.#output += text.toString();
      if (this.#output.includes(this.#readyWords))
        for (const resolve of this.#readyResolvers.splice(0)) resolve();
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    if (this.#readyWords !== '') await ready;
  }

  /** Resolves when it ends by itself or is killed. */
  async ended(): Promise<End> {
    const child = this.#process;
    if (child === undefined) throw new Error('the program was not started');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    return { exitCode: child.exitCode, output: this.#output };
  }

  /** Ends it without a word. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }
}
