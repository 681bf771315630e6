import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

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
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly #figures: ((figures: ServerFigures) => void)[] = [];
  /** What it wrote into its log as an error, and everything that was no log. */
  readonly complaints: string[] = [];

  constructor({ folder, port, isFromSource }: ServerOptions) {
    const command = isFromSource
      ? ['--conditions=@parley/source', programAt('../../../apps/server/src/main.ts')]
      : [programAt('../../../apps/server/dist/main.js')];
    const ports = ['--port', `${port}`, '--udp-port', '0'];
    const places = ['--data', `${folder}/data`, '--share', folder];
    this.#child = spawn(process.execPath, [...command, '--host', '127.0.0.1', ...ports, ...places], {
      env: { PATH: process.env.PATH ?? '', HOME: folder },
    });
    this.#exited = once(this.#child, 'close').then(([code, signal]) => ({ code, signal }));
    createInterface({ input: this.#child.stderr }).on('line', (line) => this.#readLog(line));
  }

  /** Port and fingerprint, when it is ready. Throws when it ends before, or takes too long. */
  ready(): Promise<{ readonly port: number; readonly fingerprint: string }> {
    return withinPatience('it was not ready', this.#listening());
  }

  async #listening(): Promise<{ readonly port: number; readonly fingerprint: string }> {
    let port: number | undefined;
    for await (const line of createInterface({ input: this.#child.stdout })) {
      const listening = /^listening tcp=127\.0\.0\.1:(\d+) /.exec(line);
      if (listening !== null) port = Number(listening[1]);
      const [, fingerprint] = /^fingerprint (\S+)$/.exec(line) ?? [];
      if (port !== undefined && fingerprint !== undefined) return { port, fingerprint };
    }
    throw new Error(`the server did not start: ${this.complaints.join(' ')}`);
  }

  /** Ends it without warning. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Stops it as its operator would; says how it ended. Throws when it takes too long. */
  async stop(): Promise<string> {
    this.#child.kill('SIGTERM');
    const { code, signal } = await withinPatience('it did not end', this.#exited);
    return code === null ? `${signal}` : `code ${code}`;
  }

  /** What it holds now. Throws when it has ended, or does not answer. */
  figures(): Promise<ServerFigures> {
    const figures = new Promise<ServerFigures>((resolve, reject) => {
      this.#figures.push(resolve);
      this.#child.kill('SIGUSR2');
      void this.#exited.then(() => reject(new Error(`the server has ended: ${this.complaints.join(' ')}`)));
    });
    return withinPatience('it did not tell what it holds', figures);
  }

  /** Resident memory in bytes; 0 where the system does not tell, or when it has ended. */
  async memoryBytes(): Promise<number> {
    try {
      const status = await readFile(`/proc/${this.#child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1_024;
    } catch {
      return 0;
    }
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

/** Gives what a promise does, unless that takes too long. */
async function withinPatience<T>(problem: string, work: Promise<T>): Promise<T> {
  const abort = new AbortController();
  const late = after(PATIENCE_MS_MAX, undefined, { signal: abort.signal }).then(() => {
    throw new Error(`the server: ${problem} within ${PATIENCE_MS_MAX / 1_000} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    abort.abort();
    late.catch(() => {});
  }
}

/** Of pino. */
const ERROR_LEVEL = 50;

function programAt(path: string): string {
  const file = fileURLToPath(new URL(path, import.meta.url));
  if (!existsSync(file)) throw new Error(`${file} is not built: npm run stress builds it first`);
  return file;
}

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
