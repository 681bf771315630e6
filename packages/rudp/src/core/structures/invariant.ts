/** A broken internal assumption: a bug of ours, never a peer's doing. It stops the connection's driver. */
export class InvariantError extends Error {
  readonly code = 'invariant';

  constructor(message: string) {
    super(`invariant broken: ${message}`);
    this.name = 'InvariantError';
  }
}

/** Throws `InvariantError` unless `condition` holds. Never used on what a peer sent. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
