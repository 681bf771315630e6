import { homedir } from 'node:os';
import { join } from 'node:path';

/** A path with the user's home for `~`: no shell does it for us here. */
export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}
