import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What figures were taken on, and of what. */
export interface MachineDescription {
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly system: string;
  };
  /** Undefined for what is not installed. */
  readonly versions: Readonly<Record<string, string | undefined>>;
}

// Installed as Debian packages.
const SYSTEM_PACKAGES = [
  ...['ngtcp2-server', 'libudt-dev', 'libsrt-openssl-dev', 'libenet-dev', 'kcptun'],
  ...['rsync', 'inspircd', 'ngircd', 'nats-server', 'mosquitto'],
];
const NPM_PACKAGES = ['udx-native', 'utp-native', 'ws', 'socket.io'];

/** Describes this machine and the versions of whatever peers are there; `modulesFolder` as in `--modules`. */
export function describeMachine(modulesFolder: string): MachineDescription {
  const processors = cpus();
  return {
    machine: {
      processor: processors[0]?.model ?? 'unknown',
      cores: processors.length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `${process.platform} ${release()}`,
    },
    versions: {
      parley: versionIn(fileURLToPath(new URL('../../../packages/rudp', import.meta.url))),
      node: process.versions.node,
      ...Object.fromEntries(
        NPM_PACKAGES.map((name) => [name, versionIn(join(modulesFolder, 'node_modules', name))]),
      ),
      ...Object.fromEntries(SYSTEM_PACKAGES.map((name) => [name, systemVersion(name)])),
    },
  };
}

function versionIn(folder: string): string | undefined {
  const manifest = join(folder, 'package.json');
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined;
}

function systemVersion(name: string): string | undefined {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder is dpkg's
  const { status, stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Version}', name], { encoding: 'utf8' });
  return status === 0 && stdout !== '' ? stdout : undefined;
}
