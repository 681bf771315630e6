import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, Program, parleyCommand } from '@parley/programs';
import { type Relay, startRelay } from '@parley/relay';
import { type Pane, Tmux } from './tmux.ts';

const CLIENT = parleyCommand('cli-client').join(' ');
/** Files move at this rate, so that there is time to look at them. */
const FILE_BITS_PER_SECOND = 8_000_000;

/** The built server as a program, a slow link for its files, and terminals to sit at. */
export class Den {
  readonly tmux = new Tmux();
  readonly folder = mkdtempSync(join(tmpdir(), 'parley-tmux-'));
  /** Where whoever sits down here has their files; what is in it is shown as `~/Downloads`. */
  readonly downloads = join(this.folder, 'home', 'Downloads');
  readonly address: string;
  readonly #port: number;
  readonly #relay: Relay;
  #server: Program | undefined;

  private constructor(port: number, relay: Relay) {
    this.#port = port;
    this.#relay = relay;
    this.address = `127.0.0.1:${port}`;
    for (const folder of [join(this.folder, 'share'), this.downloads]) mkdirSync(folder, { recursive: true });
  }

  static async open(
    files: Readonly<Record<string, Uint8Array>> = {},
    rateBitsPerSecond = FILE_BITS_PER_SECOND,
  ): Promise<Den> {
    const port = await freePort();
    const slow = { rateBitsPerSecond };
    const relay = await startRelay({
      target: { host: '127.0.0.1', port },
      toTarget: slow,
      fromTarget: slow,
      seed: 28,
    });
    const den = new Den(port, relay);
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(den.folder, 'share', name), bytes);
    await den.startServer();
    return den;
  }

  async startServer(): Promise<void> {
    const flags = ['--port', String(this.#port), '--insecure', '--name', 'Den', '--uploads', 'all'];
    const share = ['--share', join(this.folder, 'share')];
    const advertised = ['--udp-advertise-port', String(this.#relay.address.port)];
    const home = join(this.folder, 'home');
    this.#server = new Program([...parleyCommand('server'), ...flags, ...share, ...advertised], {
      env: { ...process.env, HOME: home, XDG_STATE_HOME: home },
    });
    await this.#server.stdout.line(/^listening/);
  }

  /** No goodbye: as when the power fails. */
  async killServer(): Promise<void> {
    await this.#server?.kill();
  }

  /** The command that starts the client, for a shell. */
  clientCommand(nickname: string, flags = ''): string {
    return `${CLIENT} --insecure --nick ${nickname} ${flags} ${this.address}`;
  }

  /** The client as somebody starts it who has never been here. */
  get firstStartCommand(): string {
    return `${CLIENT} --insecure --profile first`;
  }

  /** The same as somebody starts it who types no more than they have to. */
  startCommand(args = ''): string {
    return `${CLIENT} --insecure ${args}`;
  }

  /** A command for scripts, at this server. */
  scriptCommand(name: string, args: string): string {
    return `${CLIENT} ${name} ${this.address} ${args} --insecure`;
  }

  get environment(): Readonly<Record<string, string>> {
    const home = join(this.folder, 'home');
    return { HOME: home, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home, LANG: 'C.UTF-8' };
  }

  /** Somebody sits down at a terminal and comes into the room. */
  async sit(
    nickname: string,
    size: { readonly columns?: number; readonly rows?: number; readonly flags?: string } = {},
  ): Promise<Pane> {
    const command = `cd ${this.downloads} && ${this.clientCommand(nickname, size.flags)}`;
    const pane = this.tmux.open(command, { ...size, env: this.environment });
    await pane.sees(`you are ${nickname} in lobby`);
    return pane;
  }

  /** A shell at a terminal. */
  async shell(env: Readonly<Record<string, string>> = {}): Promise<Pane> {
    const settings = join(this.folder, 'bashrc');
    writeFileSync(settings, "PS1='shell: '\n");
    const pane = this.tmux.open(`bash --rcfile ${settings}`, { env: { ...this.environment, ...env } });
    await pane.sees('shell:');
    return pane;
  }

  async close(): Promise<void> {
    this.tmux.close();
    await this.killServer();
    await this.#relay.close();
    // A client whose terminal has just gone may still write its last words.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
