import {
  bareEnvironment,
  describeEnd,
  memoryOf,
  Program,
  parleyCommand,
  parleySourceCommand,
} from '@parley/programs';

/** What the program says of itself at SIGUSR2, as far as it matters here. */
export interface ServerFigures {
  readonly sessions: number;
  readonly registered: number;
  readonly connections: number;
  readonly addresses: number;
  readonly members: number;
  readonly queuedBytes: number;
  readonly pendingWrites: number;
  readonly pendingRequests: number;
}

/** How the server is started. */
export interface ServerOptions {
  /** Where it is at home. */
  readonly folder: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Its sources, or what was built of them. */
  readonly isFromSource: boolean;
}

/** The server program, with TLS and its history in SQLite: the defaults. */
export class ServerProcess {
  readonly #program: Program;
  readonly #figures: ((figures: ServerFigures) => void)[] = [];
  /** What it wrote into its log as an error, and everything that was no log. */
  readonly complaints: string[] = [];

  constructor({ folder, port, isFromSource }: ServerOptions) {
    const command = isFromSource ? parleySourceCommand('server') : parleyCommand('server');
    const ports = ['--port', `${port}`, '--udp-port', '0'];
    const places = ['--data', `${folder}/data`, '--share', folder];
    this.#program = new Program([...command, '--host', '127.0.0.1', ...ports, ...places], {
      name: 'the server',
      env: { ...bareEnvironment(), HOME: folder },
      limitMs: PATIENCE_MS_MAX,
    });
    this.#program.stderr.onLine((line) => this.#readLog(line));
  }

  /** Port and fingerprint, when it is ready. Throws when it ends before, or takes too long. */
  async ready(): Promise<{ readonly port: number; readonly fingerprint: string }> {
    const { stdout } = this.#program;
    const [, port] = await stdout.line(/^listening tcp=127\.0\.0\.1:(\d+) /);
    const [, fingerprint = ''] = await stdout.line(/^fingerprint (\S+)$/);
    return { port: Number(port), fingerprint };
  }

  /** Ends it without warning. */
  async kill(): Promise<void> {
    await this.#program.kill();
  }

  /** Stops it as its operator would; says how it ended: `SIGKILL` when that took too long. */
  async stop(): Promise<string> {
    return describeEnd(await this.#program.stop());
  }

  /** What it holds now. Throws when it has ended, or does not answer. */
  async figures(): Promise<ServerFigures> {
    const figures = new Promise<ServerFigures>((resolve) => this.#figures.push(resolve));
    this.#program.signal('SIGUSR2');
    return Promise.race([figures, this.#program.rejectAtEnd()]);
  }

  /** Resident memory in bytes; 0 where the system does not tell, or when it has ended. */
  get memoryBytes(): number {
    return memoryOf(this.#program.pid)?.residentBytes ?? 0;
  }

  #readLog(line: string): void {
    const entry = parseLine(line);
    if (entry?.msg === 'statistics') {
      for (const resolve of this.#figures.splice(0)) resolve(entry as unknown as ServerFigures);
    } else if (entry === undefined || Number(entry.level) >= ERROR_LEVEL) this.complaints.push(line);
  }
}

/** Far above what anything takes on a busy machine: a server that hangs is to be told, and not to be waited for for ever. */
const PATIENCE_MS_MAX = 300_000;

/** Of pino. */
const ERROR_LEVEL = 50;

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
