import type { TextFile } from './repository.ts';

/** A rule of docs/spec is stated where its id stands in bold: `**RUDP-ACK-3**`. */
const STATED_RULE = /\*\*((?:[A-Z][A-Z0-9]*-){2}\d+)\*\*/g;

/** The ids of all rules that the specifications state, in order, repeated when stated twice. */
export function findStatedRules(specifications: readonly TextFile[]): string[] {
  return specifications.flatMap(({ text }) =>
    [...text.matchAll(STATED_RULE)].map((match) => match[1] as string),
  );
}

/** Every place that names a rule, for the id prefixes (`RUDP`, `CHAT`) that the stated rules use. */
export function findCitedRules(
  files: readonly TextFile[],
  statedRules: readonly string[],
): { path: string; id: string }[] {
  const prefixes = [...new Set(['RUDP', 'CHAT', ...statedRules.map((id) => id.slice(0, id.indexOf('-')))])];
  const citedRule = new RegExp(`\\b(?:${prefixes.join('|')})-[A-Z][A-Z0-9]*-\\d+\\b`, 'g');
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(citedRule)].map((match) => ({ path, id: match[0] })),
  );
}
