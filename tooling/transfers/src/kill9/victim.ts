import { type ParleyProgram, Program, parleyCommand } from '@parley/programs';

/** One of our programs, which is started again each time it was killed. */
export class Victim {
  readonly #command: readonly string[];
  readonly #readyLine: RegExp | undefined;
  readonly #env: NodeJS.ProcessEnv;
  #program: Program | undefined;

  /** Ready when it has printed `readyLine`, at once when there is none. */
  constructor(
    program: ParleyProgram,
    options: {
      /** Stands before its command. */
      readonly prefix: readonly string[];
      readonly args: readonly string[];
      readonly readyLine?: RegExp;
      /** On top of our own. */
      readonly environment?: Readonly<Record<string, string>>;
    },
  ) {
    this.#command = [...options.prefix, ...parleyCommand(program), ...options.args];
    this.#readyLine = options.readyLine;
    this.#env = { ...process.env, ...options.environment };
  }

  /** Starts the program; gives it when it is ready. */
  async start(): Promise<Program> {
    const program = new Program(this.#command, { env: this.#env });
    this.#program = program;
    if (this.#readyLine !== undefined) await program.stdout.line(this.#readyLine);
    return program;
  }

  /** Ends it without a word. */
  async kill(): Promise<void> {
    await this.#program?.kill();
  }
}
