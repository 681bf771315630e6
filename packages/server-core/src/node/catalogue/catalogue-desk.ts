import type { Sha256 } from '@parley/protocol';
import type { Effect } from '../../domain/effects.ts';
import type { ServerEvent } from '../../domain/events.ts';
import { parseDigestPattern } from '../../domain/transfers/file-pattern.ts';
import type { FileHasher } from '../hashing/file-hasher.ts';
import { HashAhead } from '../hashing/hash-ahead.ts';
import { CATALOGUE_NAMES_MAX } from '../limits.ts';
import { CatalogueError } from './catalogue-error.ts';
import type { CatalogueThread } from './catalogue-thread.ts';

/** What the desk needs of the catalogue. */
type Catalogue = Pick<CatalogueThread, 'list' | 'startWatching' | 'noteDigests' | 'stopWatching'>;

/** Shows the shared folder to those whom the domain lets look. */
export class CatalogueDesk {
  readonly #catalogue: Catalogue;
  readonly #hasher: FileHasher;
  readonly #ahead: HashAhead;
  readonly #onEvent: (event: ServerEvent) => void;
  readonly #onError: (error: unknown) => void;
  #isCut = false;

  constructor(options: {
    readonly catalogue: Catalogue;
    readonly hasher: FileHasher;
    readonly onEvent: (event: ServerEvent) => void;
    readonly onError: (error: unknown) => void;
  }) {
    this.#catalogue = options.catalogue;
    this.#hasher = options.hasher;
    this.#onEvent = options.onEvent;
    this.#onError = options.onError;
    this.#ahead = new HashAhead({
      hasher: options.hasher,
      onDone: () => this.#catalogue.noteDigests(),
    });
  }

  /** Reads a page; the event `file-list-ready` follows. */
  // CHAT-LIST-2, CHAT-LIST-10
  async list(effect: Extract<Effect, { type: 'list-files' }>): Promise<void> {
    const { connectionId, requestId, cursor, limit, pattern, order } = effect;
    const answer = { type: 'file-list-ready', connectionId, requestId } as const;
    try {
      const digits = parseDigestPattern(pattern);
      const keys = digits === undefined ? undefined : this.#hasher.keysWith(digits);
      const view = { pattern: keys === undefined ? pattern : '', keys, order };
      const page = await this.#catalogue.list(cursor, limit, view);
      this.#noteCut(page.isCut);
      const files = page.files.map((file) => {
        const { name, size, modifiedAt } = file;
        return { name, size, modifiedAt, sha256: this.#hasher.known(file)?.sha256 as Sha256 | undefined };
      });
      this.#onEvent({ ...answer, result: { ok: true, files, nextCursor: page.nextCursor } });
      this.#ahead.want(page.files.filter((_, index) => files[index]?.sha256 === undefined));
    } catch (error) {
      const isCursor = error instanceof CatalogueError && error.code === 'cursor-invalid';
      if (!isCursor) this.#onError(error);
      const message = isCursor ? error.message : 'the shared folder cannot be read now';
      const code = isCursor ? 'cursor-invalid' : 'internal-error';
      this.#onEvent({ ...answer, result: { ok: false, code, message } });
    }
  }

  /** Whoever runs the server hears once that lists leave something out: those who look for it do not find it. */
  #noteCut(isCut: boolean): void {
    const isNews = isCut && !this.#isCut;
    this.#isCut = isCut;
    if (!isNews) return;
    const problem = `the shared folder holds more than ${CATALOGUE_NAMES_MAX} names: lists leave out the rest`;
    this.#onError(new CatalogueError('list-cut', problem));
  }

  /** Has the event `files-changed` follow changes, or not any more. */
  // CHAT-WATCH-1
  watch(isWanted: boolean): void {
    if (isWanted) {
      // A folder that cannot be looked at is told to whoever lists it.
      void this.#catalogue
        .startWatching(() => this.#onEvent({ type: 'files-changed' }))
        .catch(() => undefined);
    } else this.#catalogue.stopWatching();
  }

  /** Nothing goes on in the background any more. */
  close(): void {
    this.#ahead.stop();
    this.#catalogue.stopWatching();
  }
}
