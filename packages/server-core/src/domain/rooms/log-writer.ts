import type { StoreOperation, StoreResult } from '../../history/history-store.ts';
import type { EffectList } from '../effect-list.ts';
import { invariant } from '../errors.ts';
import type { WriteOutcome } from '../events.ts';

/** What came of one write: the store's result, or words about why it did not happen. */
export type WriteResult = StoreResult | { readonly type: 'failed'; readonly message: string };

/** What to do when a write is durable, or lost. */
export type WriteContinuation = (result: WriteResult, effects: EffectList, now: number) => void;

interface PendingWrite {
  readonly operation: StoreOperation;
  readonly settle: WriteContinuation;
  readonly tell: WriteContinuation | undefined;
}

/**
 * Group commit: while one batch is on its way to the disk, the next one gathers, so that a batch is as large as the disk
 * is slow and nobody waits for a timer. One batch is under way at a time, which keeps the order.
 */
// CHAT-SAY-1, CHAT-LOG-3
export class LogWriter {
  readonly #queuedMax: number;
  readonly #batchMax: number;
  #queue: PendingWrite[] = [];
  #inFlight: readonly PendingWrite[] = [];
  #batchId = 0;

  constructor(options: { readonly queuedMax: number; readonly batchMax: number }) {
    this.#queuedMax = options.queuedMax;
    this.#batchMax = options.batchMax;
  }

  /** Writes that are not durable yet. */
  get pendingCount(): number {
    return this.#queue.length + this.#inFlight.length;
  }

  /** Whether there is a batch for `pollBatch`. */
  get hasBatch(): boolean {
    return this.#inFlight.length === 0 && this.#queue.length > 0;
  }

  /** Whether one more write can wait. */
  get isFull(): boolean {
    return this.#queue.length >= this.#queuedMax;
  }

  /**
   * Adds a write. `settle` is called once, and answers who asked for it; then, when all of its batch are settled, `tell`,
   * for the others: so what a room hears of a batch is one piece, and not cut up by the answers to those who wrote it.
   */
  enqueue(operation: StoreOperation, settle: WriteContinuation, tell?: WriteContinuation): void {
    this.#queue.push({ operation, settle, tell });
  }

  /** The next batch, when there is one and the one before is done. */
  pollBatch(): { readonly batchId: number; readonly operations: readonly StoreOperation[] } | undefined {
    if (!this.hasBatch) return undefined;
    this.#inFlight = this.#queue.splice(0, this.#batchMax);
    this.#batchId += 1;
    return { batchId: this.#batchId, operations: this.#inFlight.map(({ operation }) => operation) };
  }

  /** Tells everybody whose write was in the batch. */
  handleWritten(batchId: number, outcome: WriteOutcome, effects: EffectList, now: number): void {
    invariant(batchId === this.#batchId && this.#inFlight.length > 0, 'a batch is answered once, in order');
    const batch = this.#inFlight;
    this.#inFlight = [];
    if (!outcome.ok) {
      effects.note({ name: 'write-failed', operations: batch.length, detail: outcome.message });
      for (const { settle } of batch) settle({ type: 'failed', message: outcome.message }, effects, now);
      return;
    }
    const results = outcome.value;
    invariant(results.length === batch.length, 'every operation has a result');
    batch.forEach(({ settle }, index) => {
      settle(results[index] as StoreResult, effects, now);
    });
    batch.forEach(({ tell }, index) => {
      tell?.(results[index] as StoreResult, effects, now);
    });
  }
}
