/** Whether something has ended by itself; without an end it never does. */
export function isOver({ until }: { readonly until?: number | undefined }, time: number): boolean {
  return until !== undefined && time >= until;
}

/** The end in words, for people who know no time zone but this one. */
export function untilWords(until: number | undefined): string {
  if (until === undefined) return 'for good';
  return `until ${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
