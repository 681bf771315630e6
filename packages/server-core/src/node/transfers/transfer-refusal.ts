import type { FailureCode } from '@parley/protocol';

/** A transfer that there will not be, with the answer for the client. */
export class TransferRefusal extends Error {
  override readonly name = 'TransferRefusal';
  readonly code: FailureCode;
  /** When to ask again, where that may help. */
  readonly retryAfterMs: number | undefined;

  constructor(code: FailureCode, problem: string, retryAfterMs?: number) {
    super(problem);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
