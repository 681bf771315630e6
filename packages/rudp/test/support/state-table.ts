import type { ConnectionState, ConnectionStateEvent } from '../../src/core/index.ts';

type Table = Readonly<
  Record<ConnectionState, Readonly<Partial<Record<ConnectionStateEvent, ConnectionState>>>>
>;

/** Lines of docs/spec/rudp.md between which the generated table stands. */
export const stateTableMarkers = ['<!-- state-table -->', '<!-- /state-table -->'] as const;

/** The table as Markdown: one row for each state, with the events that move it and where to. */
export function stateTableMarkdown(table: Table): string {
  const rows = (Object.keys(table) as ConnectionState[]).map((state) => {
    const steps = Object.entries(table[state]).map(([event, next]) => `${event} → **${next}**`);
    return `| **${state}** | ${steps.join(' · ') || 'none'} |`;
  });
  return ['| state | steps |', '|---|---|', ...rows].join('\n');
}

/** What stands between two markers; throws when one of them is missing. */
export function between(text: string, [open, close]: readonly [string, string]): string {
  const from = text.indexOf(open);
  const to = text.indexOf(close, from);
  if (from < 0 || to < 0) throw new Error(`expected ${open} and ${close} in this order`);
  return text.slice(from + open.length, to);
}
