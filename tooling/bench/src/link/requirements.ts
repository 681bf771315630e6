import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What stands in the way of an emulated link on this machine, in words; empty when nothing does. */
export function missingForLink(): string[] {
  const missing: string[] = [];
  if (process.platform !== 'linux') missing.push('Linux (network namespaces and TUN devices)');
  if (process.getuid?.() !== 0) missing.push('root (run it with sudo)');
  if (!isUsable('/dev/net/tun'))
    missing.push('/dev/net/tun (modprobe tun, or give the container the device)');
  if (findProgram('ip') === undefined) missing.push('ip (Debian package iproute2)');
  if (findProgram('cc') === undefined) missing.push('cc, a C compiler (Debian package gcc)');
  return missing;
}

/** The full path of a program, undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
  // Daemons live in sbin, which is not on everybody's search path.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function isUsable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
