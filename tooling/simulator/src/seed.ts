/** The seed of a run as given on the command line; 1 when none is given. */
export function parseSeed(text: string | undefined): number {
  const seed = text === undefined ? 1 : Number(text);
  if (Number.isSafeInteger(seed)) return seed;
  throw new Error(`expected a seed (a whole number), got "${text}"`);
}
