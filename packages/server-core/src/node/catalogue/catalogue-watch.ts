import { type FSWatcher, watch as nodeWatch } from 'node:fs';
import { join } from 'node:path';
import {
  FOLDER_WATCHES_MAX,
  RESCAN_GAP_MS_MIN,
  RESCAN_MS,
  RESCAN_SHARE,
  SETTLE_MS,
  WATCHED_RESCAN_MS,
} from '../limits.ts';
import type { FolderScan } from './folder-scan.ts';

/** Opens a watcher of one folder; what `fs.watch` does. */
export type WatchFolder = (
  folder: string,
  options: { readonly recursive: boolean },
  onEvent: (name: string | undefined) => void,
) => Pick<FSWatcher, 'close' | 'on'>;

/** How long this and that takes, in milliseconds; ./limits.ts has the reasons. */
const TIMINGS = {
  settleMs: SETTLE_MS,
  gapMs: RESCAN_GAP_MS_MIN,
  rescanMs: RESCAN_MS,
  watchedRescanMs: WATCHED_RESCAN_MS,
};

/** What stands in for the system and its pace. */
export interface CatalogueWatchOptions {
  /** Stands in for `fs.watch`. */
  readonly watch?: WatchFolder;
  readonly timings?: Partial<typeof TIMINGS>;
}

/** Where one watcher sees all folders below. On Linux, Node would open one for every file. */
const isRecursive = process.platform === 'darwin' || process.platform === 'win32';

/**
 * Looks for changes of a folder: told by the system where it tells, by walking through it again from time to time where it
 * does not (network file systems, too many folders). What the system tells is only a reason to walk.
 */
// CHAT-WATCH-1
export class CatalogueWatch {
  readonly #scan: () => Promise<FolderScan>;
  readonly #watch: WatchFolder;
  readonly #timings: typeof TIMINGS;
  readonly #watchers = new Map<string, Pick<FSWatcher, 'close'>>();
  #onChange: (() => void) | undefined;
  #known: FolderScan | undefined;
  /** Every folder of `#known` is watched. */
  #isWhole = false;
  /** When the system told of something last. */
  #disturbedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = 0;
  #notBefore = 0;
  #isScanning = false;
  #hasDigests = false;

  constructor(scan: () => Promise<FolderScan>, { watch, timings }: CatalogueWatchOptions = {}) {
    this.#scan = scan;
    this.#watch = watch ?? watchBySystem;
    this.#timings = { ...TIMINGS, ...timings };
  }

  /** Whether nothing can have changed since that walk, as far as the system tells. */
  vouchesFor(scan: FolderScan): boolean {
    return (
      this.#onChange !== undefined &&
      this.#isWhole &&
      this.#known === scan &&
      this.#disturbedAt < scan.startedAt &&
      performance.now() - scan.startedAt < this.#timings.watchedRescanMs
    );
  }

  /** Resolves after the first look: from then on every difference is told. */
  start(onChange: () => void): Promise<void> {
    this.#onChange = onChange;
    return this.#look();
  }

  /** There is something to tell, whatever the next walk finds. */
  noteDigests(): void {
    this.#hasDigests = this.#onChange !== undefined;
    this.#schedule(this.#timings.settleMs);
  }

  stop(): void {
    this.#onChange = undefined;
    this.#hasDigests = false;
    this.#known = undefined;
    this.#isWhole = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #schedule(delayMs: number): void {
    if (this.#onChange === undefined || this.#isScanning) return;
    const dueAt = Math.max(performance.now() + delayMs, this.#notBefore);
    if (this.#timer !== undefined && this.#dueAt <= dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => void this.#look(), Math.max(0, dueAt - performance.now()));
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    this.#timer = undefined;
    this.#isScanning = true;
    const scan = await this.#scan().catch(() => undefined);
    this.#isScanning = false;
    // Whoever lists the folder is told of the error; here the next look may see it again.
    if (this.#onChange === undefined) return;
    const { settleMs, gapMs, rescanMs, watchedRescanMs } = this.#timings;
    const durationMs = scan?.durationMs ?? 0;
    this.#notBefore = performance.now() + Math.max(gapMs, durationMs / RESCAN_SHARE);
    const hasChanged = scan !== undefined && this.#known?.isSameAs(scan) === false;
    const hasNewFolders = scan !== undefined && this.#follow(scan);
    if (scan !== undefined) this.#known = scan;
    if (hasChanged || this.#hasDigests) this.#onChange();
    this.#hasDigests = false;
    // What came into a folder before it was watched nobody has told.
    const isDisturbed = hasNewFolders || this.#disturbedAt >= (scan?.startedAt ?? 0);
    this.#schedule(isDisturbed ? settleMs : this.#isWhole ? watchedRescanMs : rescanMs);
  }

  /** Watches the folders that were found, and no others. True when some of them are new. */
  #follow({ root, folders }: FolderScan): boolean {
    const wanted = new Set(isRecursive ? [root] : folders.map((folder) => join(root, folder)));
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    let hasNew = false;
    this.#isWhole = true;
    for (const folder of wanted) {
      if (this.#watchers.has(folder)) continue;
      if (this.#watchers.size < FOLDER_WATCHES_MAX && this.#open(folder)) hasNew = true;
      else this.#isWhole = false;
    }
    return hasNew;
  }

  #open(folder: string): boolean {
    try {
      const watcher = this.#watch(folder, { recursive: isRecursive }, (name) => this.#handleEvent(name));
      watcher.on('error', () => {
        // The folder went away, or the system will not go on.
        watcher.close();
        this.#watchers.delete(folder);
        this.#isWhole = false;
        this.#handleEvent(undefined);
      });
      this.#watchers.set(folder, watcher);
      return true;
    } catch {
      return false;
    }
  }

  #handleEvent(name: string | undefined): void {
    // Uploads under way, and what else is hidden: nobody is shown it.
    if (name !== undefined && /(?:^|[/\\])\./.test(name)) return;
    this.#disturbedAt = performance.now();
    this.#schedule(this.#timings.settleMs);
  }
}

function watchBySystem(
  folder: string,
  options: { readonly recursive: boolean },
  onEvent: (name: string | undefined) => void,
): Pick<FSWatcher, 'close' | 'on'> {
  return nodeWatch(folder, { ...options, persistent: false }, (_type, name) => onEvent(name ?? undefined));
}
