import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** What a program left behind. */
export interface ProgramResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program from its sources, without a terminal, as a script would. `signal` is its Ctrl-C. */
export function runProgram(
  args: readonly string[],
  options: {
    readonly input?: string;
    readonly cwd?: string;
    readonly signal?: AbortSignal;
    /** Stdin has no end. */
    readonly isInputOpen?: boolean;
    /** Who reads stdout goes away after the first bytes, as `head` does. */
    readonly readsOnce?: boolean;
    /** Where stdout goes, instead of to whoever calls. */
    readonly outputFile?: string;
    /** Gets what sends the program a signal. */
    readonly onStarted?: (kill: (signal: NodeJS.Signals) => void) => void;
    /** Called with all of stdout so far. */
    readonly onOutput?: (stdout: string) => void;
    readonly env?: Readonly<Record<string, string>>;
    /** The rooms of most tests speak plain TCP. */
    readonly isSecure?: boolean;
  } = {},
): Promise<ProgramResult> {
  const node = ['--conditions=@parley/source', '--disable-warning=ExperimentalWarning', MAIN];
  // Behind the separator that `pnpm start` hands on, where an option is still one.
  const isSeparated = args[0] === '--';
  const security = options.isSecure === true ? [] : ['--insecure'];
  const all = isSeparated ? ['--', ...security, ...args.slice(1)] : [...security, ...args];
  return new Promise((resolve, reject) => {
    const output = options.outputFile === undefined ? 'pipe' : openSync(options.outputFile, 'w');
    const child = spawn(process.execPath, [...node, ...all], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', output, 'pipe'],
    });
    if (output !== 'pipe') closeSync(output);
    options.onStarted?.((signal) => void child.kill(signal));
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onOutput?.(stdout);
      if (options.readsOnce === true) child.stdout?.destroy();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    options.signal?.addEventListener('abort', () => child.kill('SIGINT'));
    child.on('close', (exitCode) => {
      child.stdin?.destroy();
      resolve({ exitCode, stdout, stderr });
    });
    child.stdin?.on('error', () => {});
    if (options.isInputOpen !== true) child.stdin?.end(options.input ?? '');
  });
}
