import { realpath } from 'node:fs/promises';
import type { Worker } from 'node:worker_threads';
import type { SharedFile } from '@parley/folders';
import type { FilePath } from '@parley/protocol';
import { startThread } from '@parley/threads';
import { CatalogueError } from './catalogue-error.ts';
import type {
  CatalogueAnswers,
  CatalogueMessage,
  CatalogueQuestion,
  CatalogueRequest,
} from './catalogue-messages.ts';
import type { FilePage, FileView } from './file-catalogue.ts';
import type { FolderContent, FolderWish } from './folder-content.ts';
import type { FolderPlace } from './look-up.ts';

interface Asker {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: CatalogueError) => void;
}

/**
 * The shared folder, looked through by a thread of its own: a walk through a large folder, and the lists that come of it, are seconds of
 * work. Only what somebody is to see comes here. Methods reject with `CatalogueError`.
 */
export class CatalogueThread {
  readonly #root: string;
  readonly #askers = new Map<number, Asker>();
  #onChange: (() => void) | undefined;
  #worker: Worker | undefined;
  #lastJobId = 0;
  #isClosed = false;

  /** `root` has to be absolute. The thread begins when somebody asks. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Up to `limit` files (0: as many as a page holds) that come after `cursor`. */
  // CHAT-LIST-2
  list(cursor: string | undefined, limit: number, view: FileView): Promise<FilePage> {
    return this.#ask({ type: 'list', cursor, limit, view });
  }

  /** The file at that path, `undefined` when there is none. */
  find(path: FilePath): Promise<SharedFile | undefined> {
    return this.#ask({ type: 'find', path });
  }

  /** Whether that path is a folder's. */
  isFolder(path: FilePath): Promise<boolean> {
    return this.#ask({ type: 'is-folder', path });
  }

  /** Where to look for a folder at that path. */
  async folderPlace(path: FilePath): Promise<FolderPlace> {
    return { root: await realpath(this.#root), below: path, name: path };
  }

  /** What is to be sent of a folder, wherever it is; `undefined` when there is none at that place. */
  // CHAT-FOLDER-2, CHAT-FOLDER-3
  readFolder(place: FolderPlace, { known, ranges, begun }: FolderWish): Promise<FolderContent | undefined> {
    return this.#ask({ type: 'read-folder', place, wish: { known, ranges, begun } });
  }

  /** Looks for changes from now on, and tells of them, at most once in a second. Resolves after the first look. */
  // CHAT-WATCH-1
  async startWatching(onChange: () => void): Promise<void> {
    this.#onChange = onChange;
    await this.#ask({ type: 'watch' });
  }

  /** Digests of listed files have become known: for who looks, that is a change. */
  noteDigests(): void {
    this.#worker?.postMessage({ type: 'note-digests' } satisfies CatalogueRequest);
  }

  /** May be called at any time. */
  stopWatching(): void {
    this.#onChange = undefined;
    this.#worker?.postMessage({ type: 'stop-watching' } satisfies CatalogueRequest);
  }

  /** Ends the thread; everybody who waits gets an error. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#failAll(new CatalogueError('closed', 'the catalogue was closed'));
    await this.#worker?.terminate();
  }

  #ask<Question extends CatalogueQuestion>(question: Question): Promise<CatalogueAnswers[Question['type']]> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new CatalogueError('closed', 'the catalogue was closed'));
      this.#lastJobId += 1;
      this.#askers.set(this.#lastJobId, { resolve, reject });
      this.#worker ??= this.#openWorker();
      this.#worker.postMessage({
        type: 'ask',
        jobId: this.#lastJobId,
        question,
      } satisfies CatalogueRequest);
    });
  }

  #openWorker(): Worker {
    const worker = startThread(import.meta.url, './catalogue-worker', this.#root);
    worker.unref();
    worker.on('message', (message: CatalogueMessage) => this.#take(message));
    worker.on('error', (cause) => {
      this.#failAll(new CatalogueError('internal-error', 'the thread of the catalogue died', { cause }));
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
      this.#failAll(new CatalogueError('internal-error', 'the thread of the catalogue ended'));
      this.#watchAgain();
    });
    return worker;
  }

  /** Who looks at the files has to hear of what changed while nobody watched. */
  #watchAgain(): void {
    const onChange = this.#onChange;
    if (onChange === undefined || this.#isClosed) return;
    onChange();
    // What keeps the thread from working is told to whoever lists the folder.
    void this.startWatching(onChange).catch(() => undefined);
  }

  #take(message: CatalogueMessage): void {
    if (message.type === 'files-changed') {
      this.#onChange?.();
      return;
    }
    const asker = this.#askers.get(message.jobId);
    this.#askers.delete(message.jobId);
    if (message.type === 'answered') asker?.resolve(message.answer as never);
    else asker?.reject(new CatalogueError(message.code, message.problem));
  }

  #failAll(error: CatalogueError): void {
    for (const asker of this.#askers.values()) asker.reject(error);
    this.#askers.clear();
  }
}
