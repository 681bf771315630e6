import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/** Longer than anything that is waited for on a busy machine. */
const PATIENCE_MS = 30_000;
const LOOK_INTERVAL_MS = 50;

/** Terminals of a tmux server that is ours alone. */
export class Tmux {
  readonly #socket = `parley-test-${process.pid}`;
  #count = 0;

  constructor() {
    // Otherwise it ends with its last terminal, perhaps just when the next one is asked for.
    this.run('-f', '/dev/null', 'start-server', ';', 'set-option', '-s', 'exit-empty', 'off');
  }

  /** A terminal in which a command runs. */
  open(
    command: string,
    options: {
      readonly columns?: number;
      readonly rows?: number;
      readonly env?: Readonly<Record<string, string>>;
    } = {},
  ): Pane {
    this.#count += 1;
    const name = `pane-${this.#count}`;
    const { columns = 80, rows = 24, env = {} } = options;
    const variables = Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
    const size = ['-x', String(columns), '-y', String(rows)];
    this.run('new-session', '-d', '-s', name, ...size, ...variables, command);
    return new Pane(this, name);
  }

  /** Runs a command of tmux; gives what it prints. */
  run(...args: readonly string[]): string {
    const result = spawnSync('tmux', ['-u', '-L', this.#socket, ...args], { encoding: 'utf8' });
    if (result.error) throw new Error('tmux is needed for these tests', { cause: result.error });
    if (result.status !== 0) throw new Error(`tmux ${args.join(' ')}: ${result.stderr.trim()}`);
    return result.stdout;
  }

  close(): void {
    spawnSync('tmux', ['-L', this.#socket, 'kill-server']);
  }
}

/** One terminal: keys, its size, and what is on it. */
export class Pane {
  readonly #tmux: Tmux;
  /** As tmux knows it. */
  readonly name: string;

  constructor(tmux: Tmux, name: string) {
    this.#tmux = tmux;
    this.name = name;
  }

  /** Types text as it is. */
  type(text: string): void {
    this.#tmux.run('send-keys', '-t', this.name, '-l', text);
  }

  /** Presses keys by tmux's names: `Enter`, `M-1`, `PPage`. */
  press(...keys: readonly string[]): void {
    this.#tmux.run('send-keys', '-t', this.name, ...keys);
  }

  enter(line: string): void {
    this.type(line);
    this.press('Enter');
  }

  /** Pastes as a person does with the mouse: between marks, where the program asked for them. */
  paste(text: string): void {
    this.#tmux.run('set-buffer', '-b', 'pasted', text);
    this.#tmux.run('paste-buffer', '-p', '-b', 'pasted', '-t', this.name);
  }

  resize(columns: number, rows: number): void {
    this.#tmux.run('resize-window', '-t', this.name, '-x', String(columns), '-y', String(rows));
  }

  /** What is on the terminal; with its colours if wanted. */
  screen(options: { readonly hasColors?: boolean } = {}): string {
    return this.#tmux.run('capture-pane', '-p', ...(options.hasColors ? ['-e', '-N'] : []), '-t', this.name);
  }

  /** From now on all that the program writes, control sequences too, goes into a file. */
  record(file: string): void {
    this.#tmux.run('pipe-pane', '-o', '-t', this.name, `cat > '${file}'`);
  }

  /** What tmux knows of the terminal, such as `alternate_on`. */
  flag(name: string): string {
    return this.#tmux.run('display-message', '-p', '-t', this.name, `#{${name}}`).trim();
  }

  /** Waits until the screen shows it; gives the screen. */
  sees(wanted: string | RegExp): Promise<string> {
    return this.until(
      (screen) => (typeof wanted === 'string' ? screen.includes(wanted) : wanted.test(screen)),
      String(wanted),
    );
  }

  /** Waits until the screen is as wanted; who waits in vain says for what, and what was seen. */
  async until(isSo: (screen: string) => boolean, purpose: string): Promise<string> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const screen = this.screen();
      if (isSo(screen)) return screen;
      if (performance.now() > until) throw new Error(`waited in vain for ${purpose}; the screen:\n${screen}`);
      await pause(LOOK_INTERVAL_MS);
    }
  }
}
