import fc from 'fast-check';

/** Runs a property on a fixed sequence of inputs: a failure prints its seed and path, and every run sees the same. */
export function checkProperty<Inputs extends [unknown, ...unknown[]]>(
  property: fc.IProperty<Inputs>,
  options: { readonly runs?: number; readonly seed?: number } = {},
): void {
  fc.assert(property, { numRuns: options.runs ?? 200, seed: options.seed ?? 1 });
}
