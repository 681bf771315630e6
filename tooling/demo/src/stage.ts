import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, type ProgramOptions, parleyCommand } from '@parley/programs';
import { type Relay, startRelay } from '@parley/relay';

type Address = Relay['address'];

/** The shared file's name and size. */
export const SHARED_FILE = { name: 'holiday film.bin', byteLength: 64 << 20 } as const;

/** Each way of the network between the server's UDP port and the clients: worse than any that people put up with, and with packets of an Ethernet. */
export const BAD_NETWORK = {
  loss: 0.1,
  duplicateRatio: 0.05,
  reorderRatio: 0.1,
  holdBackMs: 4,
  delayMs: 10,
  mtuBytes: 1500,
} as const;

/** Everything the tour plays with: folders, processes, the relay. Whatever was opened, `clear` puts away. */
export class Stage {
  readonly shareFolder: string;
  readonly downloadFolder: string;
  readonly #folder: string;
  readonly #processes: Program[] = [];
  #relay: Relay | undefined;
  #targetFound: (address: Address) => void = () => {};

  private constructor(folder: string) {
    this.#folder = folder;
    this.shareFolder = join(folder, 'share');
    this.downloadFolder = join(folder, 'downloads');
  }

  /** Makes the folders, in the system's place for temporary files. */
  static async open(): Promise<Stage> {
    const stage = new Stage(await mkdtemp(join(tmpdir(), 'parley-demo-')));
    await mkdir(stage.shareFolder);
    await mkdir(stage.downloadFolder);
    return stage;
  }

  /** Writes the shared file, random bytes, and gives its SHA-256. */
  async makeSharedFile(): Promise<string> {
    const hash = createHash('sha256');
    const chunk = new Uint8Array(1 << 20);
    const file = await open(join(this.shareFolder, SHARED_FILE.name), 'wx');
    try {
      for (let written = 0; written < SHARED_FILE.byteLength; written += chunk.length) {
        randomFillSync(chunk);
        hash.update(chunk);
        await file.writeFile(chunk);
      }
    } finally {
      await file.close();
    }
    return hash.digest('hex');
  }

  /** Starts the bad network; it leads to the server as soon as `leadTo` is called. */
  async startNetwork(): Promise<Relay> {
    const target = new Promise<Address>((resolve) => {
      this.#targetFound = resolve;
    });
    this.#relay = await startRelay({ target, toTarget: BAD_NETWORK, fromTarget: BAD_NETWORK, seed: 1 });
    return this.#relay;
  }

  /** Tells the bad network where the server is. */
  leadTo(server: Address): void {
    this.#targetFound(server);
  }

  /** Starts the server, which tells its clients the relay's UDP port instead of its own. */
  startServer(udpPortAdvertised: number): Program {
    return this.#start('the server', [
      ...parleyCommand('server'),
      ...['--host', '127.0.0.1', '--port', '0', '--udp-port', '0'],
      ...['--udp-advertise-port', String(udpPortAdvertised)],
      ...['--share', this.shareFolder, '--data', join(this.#folder, 'data')],
    ]);
  }

  /** Starts a client: with `HOST:PORT --nick NAME` it reads and writes lines, with a command it does that and ends. */
  startClient(name: string, args: readonly string[], options: ProgramOptions = {}): Program {
    return this.#start(name, [...parleyCommand('cli-client'), ...args], {
      cwd: this.downloadFolder,
      ...options,
    });
  }

  /** Ends every process, closes the relay, removes the folders. */
  async clear(): Promise<void> {
    await Promise.all(this.#processes.map((program) => program.kill()));
    await this.#relay?.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #start(name: string, command: readonly string[], options: ProgramOptions = {}): Program {
    // Which servers the clients know is none of this user's business.
    const config = join(this.#folder, 'config');
    const env = { ...process.env, XDG_CONFIG_HOME: config, APPDATA: config };
    const program = new Program(command, { name, env, hasInput: true, ...options });
    this.#processes.push(program);
    return program;
  }
}

/** The SHA-256 of a file, in hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
