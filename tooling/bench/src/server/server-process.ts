import { randomFillSync } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { memoryOf, Program, parleyCommand } from '@parley/programs';
import { makeMemoryFolder } from '../memory-folder.ts';

const HOST = '127.0.0.1';
const SHARED_NAME = 'file.bin';

/** Longest wait for a server, or for a load, to be ready. */
export const START_MS_MAX = 20_000;

const nodeProgram = (file: string) => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  fileURLToPath(new URL(file, import.meta.url)),
];

/** A server with one shared file. */
export class BenchServer {
  /** For what its clients fetch: not what it shares, which it watches. */
  readonly downloads: string;
  readonly #process: Program;
  readonly #folder: string;
  readonly #loads: Program[] = [];
  #port = 0;

  constructor(megabytes: number) {
    this.#folder = makeMemoryFolder();
    this.downloads = join(this.#folder, 'downloads');
    const share = join(this.#folder, 'share');
    for (const folder of [share, this.downloads]) mkdirSync(folder);
    writeFileSync(join(share, SHARED_NAME), randomFillSync(Buffer.alloc(megabytes * 1e6)));
    const options = [
      ...['--host', HOST, '--port', '0', '--share', share, '--data', join(this.#folder, 'data')],
      ...['--log-level', 'warn', '--insecure', '--transfers', '1000', '--history', 'memory'],
    ];
    this.#process = new Program([...parleyCommand('server'), ...options]);
  }

  async ready(): Promise<void> {
    const [, port] = await this.#process.stdout.line(/:(\d+)/, START_MS_MAX);
    this.#port = Number(port);
  }

  /** Starts people who chat: `chat-load.ts` says what they do. */
  startChat(people: number, intervalMs: number, seconds: number): Program {
    return this.#start('./chat-load.ts', [people, intervalMs, seconds]);
  }

  /** Starts clients that download the file at `begin`, each once, or forever. Resolves when they are here. */
  async startDownloads(
    count: number,
    { first, repeats = false }: { readonly first: number; readonly repeats?: boolean },
  ): Promise<Program> {
    const mode = repeats ? ['forever'] : [];
    const args = [SHARED_NAME, this.downloads, count, first, ...mode];
    const load = this.#start('./download-load.ts', args);
    await load.stdout.line(/READY/, START_MS_MAX);
    return load;
  }

  #start(file: string, args: readonly (string | number)[]): Program {
    const load = new Program([...nodeProgram(file), HOST, String(this.#port), ...args.map(String)]);
    this.#loads.push(load);
    return load;
  }

  /** Resident memory, in MiB. Throws an Error when it has ended. */
  get memoryMiB(): number {
    const memory = memoryOf(this.#process.pid);
    if (memory === undefined) throw new Error(`the server has ended: ${this.#process.complaints}`);
    return memory.residentBytes / 2 ** 20;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#loads, this.#process].map((one) => one.kill()));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Runs `body` with a server that shares one file of so many megabytes. */
export async function withServer<T>(
  megabytes: number,
  body: (server: BenchServer) => Promise<T>,
): Promise<T> {
  const server = new BenchServer(megabytes);
  try {
    await server.ready();
    return await body(server);
  } finally {
    await server.stop();
  }
}
