/** What stands between two markers; throws when one of them is missing. */
export function between(text: string, [open, close]: readonly [string, string]): string {
  const from = text.indexOf(open);
  const to = text.indexOf(close, from);
  if (from < 0 || to < 0) throw new Error(`expected ${open} and ${close} in this order`);
  return text.slice(from + open.length, to);
}
