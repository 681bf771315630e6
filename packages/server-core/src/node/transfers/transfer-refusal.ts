import type { FailureCode } from '@parley/protocol';

/** A transfer that there will not be, with the answer for the client. */
export class TransferRefusal extends Error {
  override readonly name = 'TransferRefusal';
  readonly code: FailureCode;

  constructor(code: FailureCode, problem: string) {
    super(problem);
    this.code = code;
  }
}
