/** A mistake in this program: something that cannot be was. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
  readonly code = 'invariant-broken';
}

/** Stops when what has to be true is not. */
export function invariant(condition: unknown, claim: string): asserts condition {
  if (!condition) throw new InvariantError(`expected that ${claim}`);
}
