/** What the compiler and caches may take more in the second half, in MiB, without anything having been forgotten. */
const TOLERANCE_MIB = 0.5;

/** Whether the least that was needed in the last third of the samples is more than the most that was needed in the middle one. */
export function hasGrown(samples: readonly number[]): boolean {
  const third = Math.floor(samples.length / 3);
  const middle = samples.slice(third, 2 * third);
  const last = samples.slice(2 * third);
  return Math.min(...last) > Math.max(...middle) + TOLERANCE_MIB;
}
