import type { MachineDescription } from '../machine.ts';
import type { FailedMeasurement, Timeline } from '../measure.ts';
import { type Result, type Summary, summarize } from '../summary.ts';

/** Everything that a results file holds. */
export interface GridResults {
  readonly machines: readonly MachineDescription[];
  readonly summaries: readonly CellSummary[];
  readonly timelines: readonly Timeline[];
  readonly failures: readonly FailedMeasurement[];
  readonly missing: readonly MissingResult[];
  /** Packets that the emulator itself dropped because it was too slow, by cell; only cells with any. */
  readonly distrusted: ReadonlyMap<string, number>;
}

/** A peer's figures in one cell. */
export type CellSummary = Summary & { readonly cell: string };

interface MissingResult {
  readonly peer: string;
  readonly missing: string;
}

interface CellLine {
  readonly cell: string;
  readonly missedPackets: number;
}

type Line = MachineDescription | CellLine | MissingResult | Summary | FailedMeasurement | Timeline | Result;

/** Names of the cells that a results file has. */
export function cellsIn(text: string): Set<string> {
  return new Set(parseLines(text).flatMap((line) => ('cell' in line ? [line.cell] : [])));
}

/** Reads a results file: JSON lines as `bench:grid` writes them. */
export function parseResults(text: string): GridResults {
  const machines = new Map<string, MachineDescription>();
  const missing = new Map<string, MissingResult>();
  const failures: FailedMeasurement[] = [];
  const timelines: Timeline[] = [];
  const distrusted = new Map<string, number>();
  const runs = new Map<string, Result[]>();
  let cell = '';
  for (const line of parseLines(text)) {
    if ('cell' in line) {
      cell = line.cell;
      if (line.missedPackets > 0) distrusted.set(cell, line.missedPackets);
    } else if ('machine' in line) machines.set(JSON.stringify(line), line);
    else if ('missing' in line) missing.set(line.peer, line);
    else if ('error' in line) failures.push(line);
    else if ('goodput' in line) timelines.push(line);
    else if (!('summary' in line)) {
      // Outside of a grid a run is its profile.
      const name = cell === '' ? line.profile : cell;
      runs.set(name, [...(runs.get(name) ?? []), line]);
    }
  }
  const summaries = [...runs].flatMap(([name, results]) =>
    summarize(results).map((summary) => ({ ...summary, cell: name })),
  );
  return {
    machines: [...machines.values()],
    summaries,
    timelines,
    failures,
    missing: [...missing.values()],
    distrusted,
  };
}

function parseLines(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
