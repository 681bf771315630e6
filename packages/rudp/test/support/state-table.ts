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

/** Lines of docs/spec/rudp.md between which the generated diagram stands. */
export const stateDiagramMarkers = ['<!-- state-diagram -->', '<!-- /state-diagram -->'] as const;

/** The same table as a Mermaid diagram; what can happen anywhere is left to the table. */
export function stateDiagramMarkdown(table: Table): string {
  const arrows = (Object.keys(table) as ConnectionState[]).flatMap((state) =>
    Object.entries(table[state])
      .filter(([event]) => event !== 'abandoned' && event !== 'reset')
      .map(([event, next]) => `  ${state} --> ${next}: ${event}`),
  );
  const starts = ['syn-sent: client', 'syn-received: server'].map((start) => `  [*] --> ${start}`);
  return ['```mermaid', 'stateDiagram-v2', ...starts, ...arrows, '  closed --> [*]', '```'].join('\n');
}
