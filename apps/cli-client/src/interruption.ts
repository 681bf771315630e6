/** Signals that ask the program to end, and their numbers. */
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
/** As for a target that cannot be written (exit-codes.ts, which takes longer to load than this may). */
const OUTPUT_FAILED = 6;

/** What it uses of `process`. */
type Process = Pick<NodeJS.Process, 'on' | 'once' | 'exit' | 'stdout' | 'stderr' | 'exitCode'>;

/** What makes the program end before it is done: signals, and an output that takes nothing more. Hears of them from its making on. */
export class Interruption {
  readonly #process: Process;
  readonly #controller = new AbortController();
  #exitCode: number | undefined;
  #problem: string | undefined;

  constructor(process: Process) {
    this.#process = process;
    for (const [signal, number] of Object.entries(SIGNAL_NUMBERS)) {
      process.on(signal, () => this.#handleSignal(128 + number));
    }
    process.stdout.on('error', (error: NodeJS.ErrnoException) => this.#handleOutputError(error));
    // There is nowhere to complain about the place for complaints: what was asked for is done all the same.
    process.stderr.on('error', () => undefined);
  }

  /** Aborted when the program has to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The program ends with it, whatever came of its work; undefined when the work decides. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** For stderr, when there is an exit code and nothing was said yet. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Asks the program to end, as its user has. */
  abort(): void {
    this.#controller.abort();
  }

  #handleSignal(exitCode: number): void {
    if (this.signal.aborted) {
      // Who asks twice does not want to wait for goodbyes. A terminal is put in order first, then there is a place for words.
      this.#process.once('exit', () => this.#say('interrupted'));
      this.#process.exit(exitCode);
    }
    this.#exitCode = exitCode;
    this.#problem = 'interrupted';
    this.abort();
  }

  #handleOutputError({ code, message }: NodeJS.ErrnoException): void {
    // Whoever read it has gone, as `head` does: there is nobody left to talk to.
    if (code !== 'EPIPE' && this.#exitCode === undefined) {
      this.#exitCode = OUTPUT_FAILED;
      // The work may be over already.
      this.#process.exitCode = OUTPUT_FAILED;
      this.#say(`the output cannot be written: ${message}`);
    }
    this.abort();
  }

  #say(words: string): void {
    this.#process.stderr.write(`parley: ${words}\n`);
  }
}
