import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, Program } from '@parley/programs';

const SSHD = '/usr/sbin/sshd';
/** OpenSSH as root wants this folder, empty, for the part of it that has no rights. */
const PRIVILEGE_FOLDER = '/run/sshd';
const PATIENCE_MS = 10_000;

/** Whether this machine has OpenSSH's server (Debian: openssh-server). */
export const HAS_SSH_SERVER = existsSync(SSHD);

/** OpenSSH on a port of loopback, with keys that live as long as it does. */
export class SshServer {
  readonly #folder: string;
  readonly #port: number;
  readonly #daemon: Program;

  private constructor(folder: string, port: number, daemon: Program) {
    this.#folder = folder;
    this.#port = port;
    this.#daemon = daemon;
  }

  static async open(): Promise<SshServer> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-ssh-'));
    for (const name of ['host', 'user']) makeKey(join(folder, name));
    copyFileSync(join(folder, 'user.pub'), join(folder, 'authorized'));
    const port = await freePort();
    const settings = {
      ListenAddress: `127.0.0.1:${port}`,
      HostKey: join(folder, 'host'),
      AuthorizedKeysFile: join(folder, 'authorized'),
      PidFile: 'none',
      PermitRootLogin: 'prohibit-password',
      PasswordAuthentication: 'no',
      StrictModes: 'no',
      UsePAM: 'no',
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
    writeFileSync(join(folder, 'config'), lines.join(''));
    if (userInfo().uid === 0) mkdirSync(PRIVILEGE_FOLDER, { recursive: true });
    const daemon = new Program([SSHD, '-D', '-e', '-f', join(folder, 'config')]);
    const server = new SshServer(folder, port, daemon);
    await server.#answers();
    return server;
  }

  /** What runs a command on the other side, at a terminal there; `options` are those of `ssh`. */
  command(command: string): string {
    const { username } = userInfo();
    const identity = `-F /dev/null -i ${join(this.#folder, 'user')} -o IdentitiesOnly=yes`;
    const unknown = '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR';
    return `ssh -tt ${identity} ${unknown} -p ${this.#port} ${username}@127.0.0.1 '${command}'`;
  }

  async close(): Promise<void> {
    await this.#daemon.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    while (performance.now() < until) {
      const socket = connect(this.#port, '127.0.0.1');
      const isOpen = await once(socket, 'connect').then(
        () => true,
        () => false,
      );
      socket.destroy();
      if (isOpen) return;
      await pause(50);
    }
    throw new Error('OpenSSH does not listen');
  }
}

function makeKey(path: string): void {
  const { status, stderr } = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  if (status !== 0) throw new Error(`ssh-keygen: ${stderr}`);
}
