import type { StateTable } from '../../src/core/structures/state-table.ts';

type Steps = [event: string, next: string][];

function rowsOf(table: StateTable<string, string>): [state: string, steps: Steps][] {
  return Object.entries(table).map(([state, steps]) => [state, Object.entries(steps) as Steps]);
}

/** The table as Markdown: one row for each state, with the events that move it and where to. */
export function stateTableMarkdown(table: StateTable<string, string>): string {
  const rows = rowsOf(table).map(([state, steps]) => {
    const cells = steps.map(([event, next]) => `${event} → **${next}**`);
    return `| **${state}** | ${cells.join(' · ') || 'none'} |`;
  });
  return ['| state | steps |', '|---|---|', ...rows].join('\n');
}

/** What the table does not say of a diagram. */
export interface DiagramOptions {
  /** Where it begins, perhaps with who begins there. */
  readonly starts: readonly string[];
  /** Events that are left to the table, since they can happen anywhere. */
  readonly hidden: readonly string[];
  readonly final?: string;
}

/** The same table as a Mermaid diagram. */
export function stateDiagramMarkdown(table: StateTable<string, string>, options: DiagramOptions): string {
  const arrows = rowsOf(table).flatMap(([state, steps]) =>
    steps
      .filter(([event]) => !options.hidden.includes(event))
      .map(([event, next]) => `  ${state} --> ${next}: ${event}`),
  );
  const starts = options.starts.map((start) => `  [*] --> ${start}`);
  const ends = options.final === undefined ? [] : [`  ${options.final} --> [*]`];
  return ['```mermaid', 'stateDiagram-v2', ...starts, ...arrows, ...ends, '```'].join('\n');
}

/** All states that can be reached from these, themselves included. */
export function statesReachable(
  table: StateTable<string, string>,
  from: readonly string[],
): ReadonlySet<string> {
  const seen = new Set(from);
  for (const state of seen) for (const next of Object.values(table[state] ?? {})) seen.add(next as string);
  return seen;
}
