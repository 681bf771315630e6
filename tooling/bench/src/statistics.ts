/** The value in the middle; of an even count the mean of the two there. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] as number;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** The value that `part` of all are at or below (nearest rank), for several parts; 1 is the largest. NaN for none. */
export function percentiles(values: readonly number[], parts: readonly number[]): number[] {
  const sorted = [...values].sort((left, right) => left - right);
  return parts.map((part) => sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN);
}

/** Jain's index of fairness: 1 when all have the same, 1/n when one has everything, 0 when nobody has anything. */
export function jainIndex(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value ** 2, 0);
  return squares === 0 ? 0 : sum ** 2 / (values.length * squares);
}
