import { randomFillSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DriverProcess } from '../driver-process.ts';

const host = '127.0.0.1';

/** Longest wait for a server, or for a load, to be ready. */
export const startMsMax = 20_000;

const serverProgram = fileURLToPath(new URL('../../../../apps/server/dist/main.js', import.meta.url));
const nodeProgram = (file: string) => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  fileURLToPath(new URL(file, import.meta.url)),
];

/** A server with one shared file, in a folder of its own. */
export class BenchServer {
  readonly folder: string;
  readonly process: DriverProcess;
  #port = 0;

  constructor(megabytes: number) {
    // In memory where that is possible: disks are not what is measured.
    this.folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'parley-bench-'));
    writeFileSync(join(this.folder, 'file.bin'), randomFillSync(Buffer.alloc(megabytes * 1e6)));
    const options = [
      '--host',
      host,
      '--port',
      '0',
      '--share',
      this.folder,
      '--log-level',
      'warn',
      '--insecure',
      '--transfers',
      '1000',
      '--history',
      'memory',
    ];
    this.process = new DriverProcess([process.execPath, serverProgram, ...options]);
  }

  async ready(): Promise<void> {
    const [, port] = await this.process.waitFor(/:(\d+)/, startMsMax);
    this.#port = Number(port);
  }

  /** Starts a load on this server. */
  start(file: string, args: readonly (string | number)[]): DriverProcess {
    return new DriverProcess([...nodeProgram(file), host, String(this.#port), ...args.map(String)]);
  }

  /** Resident memory, in MiB. */
  get memoryMiB(): number {
    const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
  }

  async stop(): Promise<void> {
    await this.process.kill();
    rmSync(this.folder, { recursive: true, force: true });
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
