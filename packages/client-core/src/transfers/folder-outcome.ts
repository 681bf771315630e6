import type { FolderProgress } from '@parley/folders';
import type { FolderEntry } from '@parley/protocol';
import type { TransferEnd } from './running-transfer.ts';

/** How the download of a folder ended at which nothing more is to be asked for: all is there, or what could not be had is named. */
export function folderOutcome(folder: FolderProgress, path: string, durationMs: number): TransferEnd {
  const [taken, lost] = [folder.in('taken'), folder.in('lost')];
  if (taken.length > 0) {
    const words = `something else than on the server stands there already and was not touched: ${named(taken)}`;
    return { kind: 'failed', code: 'target-exists', message: `${path}: ${words}` };
  }
  if (lost.length > 0) {
    const message = `the server could not send all of it, everything else is there: ${named(lost)}`;
    return { kind: 'failed', code: 'source-unreadable', message };
  }
  return { kind: 'completed', path, size: folder.size, durationMs };
}

/** The first few of some entries, and how many there are more. */
function named(entries: readonly FolderEntry[]): string {
  const shown = entries.slice(0, 3).map(({ path }) => path);
  const more = entries.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
