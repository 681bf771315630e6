import type { SharedFile } from '@parley/folders';

/** Under which digests are remembered: changes when the file does. */
export function fileKeyOf({ identity, path }: Pick<SharedFile, 'identity' | 'path'>): string {
  return `${identity}:${path}`;
}
