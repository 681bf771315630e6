import type { TransferId } from '@parley/protocol';
import { HASHES_KEPT_MAX, HASHES_KEPT_MS } from '../limits.ts';

/**
 * Who needs the digests of files that are hashed while they are sent: each transfer until its end, and a little beyond that where its
 * client will ask for them.
 */
export class FollowedHashes {
  readonly #followed = new Map<TransferId, AbortController>();
  /** The oldest first, with what ends it. */
  readonly #kept = new Map<AbortController, NodeJS.Timeout>();

  /** A transfer needs digests, as long as the signal says nothing else. */
  begin(transferId: TransferId): AbortSignal {
    const abort = new AbortController();
    this.#followed.set(transferId, abort);
    return abort.signal;
  }

  /** The transfer is over. With `isKept` the file is hashed on for a while all the same. */
  end(transferId: TransferId, { isKept }: { readonly isKept: boolean }): void {
    const abort = this.#followed.get(transferId);
    this.#followed.delete(transferId);
    if (abort === undefined) return;
    if (!isKept) {
      abort.abort();
      return;
    }
    this.#kept.set(abort, setTimeout(() => this.#letGo(abort), HASHES_KEPT_MS).unref());
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > HASHES_KEPT_MAX) this.#letGo(oldest);
  }

  #letGo(abort: AbortController): void {
    clearTimeout(this.#kept.get(abort));
    this.#kept.delete(abort);
    abort.abort();
  }
}
