/**
 * When the store is given its next batch: at the end of a turn of the event loop that brought something, so that all that was said
 * in it is one batch; and not before what came of the last batch was sent and another turn has read the answers to that. Begun at
 * once, a batch would have half of it, and every half is a commit and a write to each member.
 */
export class BatchTurns {
  readonly #write: () => void;
  readonly #hasBatch: () => boolean;
  readonly #awaitEndOfTurn: () => void;
  #awaited: NodeJS.Immediate | undefined;
  /** Whether what came of a batch has yet to be sent. */
  #isTelling = false;
  #isStopping = false;

  constructor(options: {
    /** Gives the store its next batch, if there is one. */
    readonly write: () => void;
    /** Whether there is one. */
    readonly hasBatch: () => boolean;
    /** Has `handleTurnEnd` called when this turn sends what it has. */
    readonly awaitEndOfTurn: () => void;
  }) {
    this.#write = options.write;
    this.#hasBatch = options.hasBatch;
    this.#awaitEndOfTurn = options.awaitEndOfTurn;
  }

  /** Somebody said something. */
  handleSaid(): void {
    this.#awaited ??= setImmediate(this.#writeNow);
    // Behind it: what a store has written that answers at once goes out in the turn that brought it.
    this.#awaitEndOfTurn();
  }

  /** A batch was written, and those whom it concerns are about to be told. */
  handleWritten(): void {
    if (this.#isStopping) this.write();
    else this.#isTelling = true;
    this.#awaitEndOfTurn();
  }

  handleTurnEnd(): void {
    if (!this.#isTelling) return;
    this.#isTelling = false;
    if (this.#hasBatch()) this.#awaited ??= setImmediate(this.#writeNow);
  }

  /** From now on nobody waits for anybody: a store that is to be closed gets what there is. */
  handleStop(): void {
    this.#isStopping = true;
    this.#isTelling = false;
  }

  readonly #writeNow = (): void => this.write();

  /** A batch, unless the last one has yet to be told. */
  write(): void {
    this.#awaited = undefined;
    if (!this.#isTelling) this.#write();
  }
}
